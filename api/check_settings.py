"""`python api/check_settings.py TABLE`: whether the rows of the settings table may go live; exit code 1 if one may not.

Each row by its description (personalize_spec/api_settings.py), the sum of the weights, and whether campaigns and
filters are there and ACTIVE.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError
from command_line import refusals_in_one_line

sys.path.insert(0, str(Path(__file__).parent / "functions"))

from recommendations.attribute_values import plain_row
from recommendations.backends import Backend, backend_from_row
from recommendations.directory import ACTIVE_ROWS

from personalize_spec.api_settings import row_problems


def main() -> None:
    """Parse the command line, check, say what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table")
    table = parser.parse_args().table
    with refusals_in_one_line():
        pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName=table, **ACTIVE_ROWS)
        rows = [plain_row(item) for page in pages for item in page["Items"]]
        problems = list(problems_of(boto3.client("personalize"), rows))
    for problem in problems:
        print(problem)  # noqa: T201
    print(f"{len(rows)} active rows, {len(problems)} problems")  # noqa: T201
    sys.exit(1 if problems else 0)


def problems_of(personalize: Any, rows: list[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what is wrong with the rows together.

    Errors: ClientError other than that something does not exist.
    """
    backends = [backend for row in rows if (backend := backend_from_row(row))]
    if rows and not any(backend.weight for backend in backends):
        yield "No active row has traffic: give one a trafficRatio above 0."
    for row in rows:
        yield from (f"{row.get('name')}: {problem}" for problem in row_problems(row))
    for backend in backends:
        yield from (f"{backend.name}: {problem}" for problem in missing_resources(personalize, backend))


def missing_resources(personalize: Any, backend: Backend) -> Iterator[str]:
    """Yield what a row names and is not there, or not ACTIVE."""
    for arn in (backend.campaign_arn, backend.related_arn, backend.ranking_arn):
        if arn and (status := status_of(personalize.describe_campaign, "campaign", campaignArn=arn)) != "ACTIVE":
            yield f"the campaign {arn} is {status}."
    for rule in dict.fromkeys(backend.filters.values()):
        arn = backend.filter_arn(rule)
        if (status := status_of(personalize.describe_filter, "filter", filterArn=arn)) != "ACTIVE":
            yield f"the filter {arn} is {status}."


def status_of(describe: Any, kind: str, **asked: str) -> str:
    """Give a resource's status; "not there" for none.

    Errors: ClientError for anything else.
    """
    try:
        return describe(**asked)[kind]["status"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return "not there"


if __name__ == "__main__":
    main()
