"""`python api/ab_results.py --service STACK`: what each arm achieved, from the metrics or the log."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
from command_line import refusals_in_one_line

sys.path.insert(0, str(Path(__file__).parent / "functions"))

from recommendations.results import ArmResult, counts_of_lines, counts_of_metrics, p_value, results_of

HEAD = f"{'arm':<40} {'exposures':>10} {'read':>8} {'click-through':>14}   95 % interval       against the first: p"


def main() -> None:
    """Parse the command line, read the counts, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--service", help="the API's stack: read the metrics")
    parser.add_argument("--namespace", default="PersonalizeCustomMetrics")
    parser.add_argument("--log-group", help="read the lines of this log group instead")
    parser.add_argument("--days", type=float, default=7)
    arguments = parser.parse_args()
    end = datetime.now(UTC)
    start = end - timedelta(days=arguments.days)
    if not arguments.log_group and not arguments.service:
        parser.error("name the stack (--service) or a log group (--log-group)")
    with refusals_in_one_line():
        if arguments.log_group:
            counts = counts_of_lines(metric_lines(boto3.client("logs"), arguments.log_group, start, end))
        else:
            counts = counts_of_metrics(boto3.client("cloudwatch"), arguments.namespace, arguments.service, start, end)
    print("\n".join(report(results_of(counts))))  # noqa: T201


def report(results: list[ArmResult]) -> list[str]:
    """Write the table."""
    if not results:
        return ["No lists have been counted in this time."]
    return [HEAD, *(row(result, results[0]) for result in results)]


def row(result: ArmResult, first: ArmResult) -> str:
    """Write one arm."""
    low, high = result.interval
    compared = "" if result is first else f"{p_value(result, first):.4f}"
    counts = f"{result.exposures:>10.0f} {result.conversions:>8.0f} {result.click_through:>13.2%}"
    return f"{result.arm:<40} {counts}   {low:.2%} to {high:<11.2%} {compared}"


def metric_lines(logs: Any, group: str, start: datetime, end: datetime) -> Iterator[dict[str, Any]]:
    """Yield the embedded-metric lines of a log group.

    Errors: ClientError or BotoCoreError.
    """
    pages = logs.get_paginator("filter_log_events").paginate(
        logGroupName=group,
        filterPattern='"CloudWatchMetrics"',
        startTime=int(start.timestamp() * 1000),
        endTime=int(end.timestamp() * 1000),
    )
    for page in pages:
        for event in page["events"]:
            text = event["message"]
            try:
                line = json.loads(text[text.index("{") :])
            except ValueError:
                continue
            if isinstance(line, dict):
                yield line


if __name__ == "__main__":
    main()
