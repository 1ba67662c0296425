"""`python rollback.py GROUP --stack STACK`: serve the version before again, at once; exit code 1 when that fails."""

# ruff: noqa: T201 (this folder comes first; a command line prints)

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

sys.path.insert(0, str(Path(__file__).parent))

from commands.executions import StackError, follow, output_of, report, start


def main(arguments: list[str] | None = None) -> int:
    """Start the rollback, wait for its end, and say how it went."""
    options = _parse(arguments)
    states = boto3.client("stepfunctions")
    try:
        machine_arn = output_of(boto3.client("cloudformation"), options.stack, "RollbackStateMachineArn")
        execution_arn = start(states, machine_arn, {"dataset_group": options.group})
        print(f"Started {execution_arn}")
        if options.no_wait:
            return 0
        described = follow(states, execution_arn, time.sleep)
    except (StackError, BotoCoreError, ClientError) as error:
        print(f"rollback: {error}", file=sys.stderr)
        return 2
    print("\n".join(report(described)))
    return 0 if described["status"] == "SUCCEEDED" else 1


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("group", help="the dataset group's name in the parameter file")
    parser.add_argument("--stack", required=True, help="the pipeline's stack")
    parser.add_argument("--no-wait", action="store_true", help="start it, and do not wait for its end")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
