"""`python teardown.py GROUP --stack STACK [--yes]`: list everything of a dataset group or, with --yes, delete it."""

# ruff: noqa: T201 (this folder comes first; a command line prints)

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

sys.path.insert(0, str(Path(__file__).parent))

from commands.executions import StackError, follow, output_of, report, start
from commands.listing import count_of, lines_of


def main(arguments: list[str] | None = None) -> int:
    """Start the teardown, dry unless --yes is given, and say what there was; exit code 1 if it failed."""
    options = _parse(arguments)
    states = boto3.client("stepfunctions")
    try:
        machine_arn = output_of(boto3.client("cloudformation"), options.stack, "TeardownStateMachineArn")
        wanted = {"dataset_group": options.group, "dry_run": not options.yes}
        execution_arn = start(states, machine_arn, wanted)
        print(f"Started {execution_arn}")
        described = follow(states, execution_arn, time.sleep)
    except (StackError, BotoCoreError, ClientError) as error:
        print(f"teardown: {error}", file=sys.stderr)
        return 2
    if described["status"] != "SUCCEEDED":
        print("\n".join(report(described)))
        return 1
    stages = json.loads(described["output"])["stages"]
    print("\n".join(lines_of(stages)))
    done = "deleted" if options.yes else "would be deleted: add --yes"
    print(f"{count_of(stages)} resources {done}")
    return 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("group", help="the dataset group's name in the parameter file")
    parser.add_argument("--stack", required=True, help="the pipeline's stack")
    parser.add_argument("--yes", action="store_true", help="delete; without it nothing is touched")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
