"""`python adopt.py GROUP > params.json`: write a parameter file from a dataset group that is there already."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import boto3
from botocore.exceptions import BotoCoreError, ClientError

PROJECT = Path(__file__).parent
sys.path[:0] = [str(PROJECT / "layer"), str(PROJECT)]

from commands.adoption import adopt  # noqa: E402
from commands.inventory import Account, GroupNotFoundError  # noqa: E402
from commands.read_only import ReadOnlyClient  # noqa: E402
from pipeline.errors import PipelineError  # noqa: E402

EXIT_FAILED = 2


def main(arguments: list[str] | None = None) -> int:
    """Print the file; what a reader should know goes to the standard error. Exit code 2 where nothing can be read."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("group", help="the dataset group's name or ARN")
    parser.add_argument("--region", help="the region, where it is not your default one")
    options = parser.parse_args(arguments)
    try:
        client = ReadOnlyClient(boto3.client("personalize", region_name=options.region))
        adopted = adopt(Account(client).read(options.group))
    except (GroupNotFoundError, PipelineError, BotoCoreError, ClientError) as error:
        print(f"adopt: {error}", file=sys.stderr)  # noqa: T201
        return EXIT_FAILED
    for note in adopted.notes:
        print(f"adopt: {note}", file=sys.stderr)  # noqa: T201
    print(json.dumps(adopted.file, indent=2))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
