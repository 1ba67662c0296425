"""What a schedule invokes: the click-through of each arm over the last day, as metrics."""

import os
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from recommendations.emf import write_metrics
from recommendations.meters import collecting, measure
from recommendations.results import ArmResult, counts_of_metrics, results_of

WINDOW = timedelta(days=1)


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Read the counts, write the rates."""
    now = datetime.now(UTC)
    namespace, service = os.environ["POWERTOOLS_METRICS_NAMESPACE"], os.environ["POWERTOOLS_SERVICE_NAME"]
    counts = counts_of_metrics(boto3.client("cloudwatch"), namespace, service, now - WINDOW, now)
    with collecting() as measurements:
        results = results_of(counts)
        for result in results:
            measure_result(result)
    write_metrics(measurements)
    return {"arms": len(results)}


def measure_result(result: ArmResult) -> None:
    """Take note of one arm's rate and its interval; nothing is known without exposures."""
    if result.exposures:
        low, high = result.interval
        measure("ClickThrough", result.click_through, result.arm)
        measure("ClickThroughLow", low, result.arm)
        measure("ClickThroughHigh", high, result.arm)
