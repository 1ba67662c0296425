"""`python -m examples.demo.load_content FILE TABLE`: put rows of JSON Lines into a DynamoDB table.

The endpoint and the credentials are boto3's usual ones: AWS_ENDPOINT_URL for the local cloud, none for AWS.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from examples.demo.content_tables import load_rows
from examples.demo.errors import DemoError
from examples.demo.screen import Screen


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m examples.demo.load_content", description=__doc__)
    parser.add_argument("file", type=Path, help="one JSON object per line, e.g. mlops/content/content.jsonl")
    parser.add_argument("table", help="the table's name, e.g. Sophi3ContentMetaData")
    options = parser.parse_args(arguments)
    screen = Screen()
    try:
        with screen.busy(f"Filling {options.table}") as busy:
            count = load_rows(boto3.client("dynamodb"), options.table, _rows(options.file), busy)
    except (DemoError, ClientError, BotoCoreError, OSError, ValueError) as error:
        screen.fail(str(error))
        return 1
    screen.done(f"{count:,} rows put into {options.table}")
    return 0


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line, parse_float=Decimal)


if __name__ == "__main__":
    sys.exit(main())
