"""Reports of metric attributions as CSV files in S3.

Source: contract §3.12 for the name and the header. The words of the import method, the unit of the name's time, and
capital letters of metrics and event types are inferred.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import datetime

from personalize_local.jobs.s3_source import split_location
from personalize_local.store.attributions import Total

HEADER = ("METRIC_NAME", "EVENT_TYPE", "VALUE", "MATH_FUNCTION", "EVENT_ATTRIBUTION_SOURCE", "TIMESTAMP")
STREAMED, BULK = "PUT", "BULK"


def report_csv(totals: Iterable[Total]) -> bytes:
    """Write totals as a report."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(
        (
            *(each.metric_name.upper(), each.event_type.upper(), each.total, each.function),
            *(each.source, each.window_epoch_s),
        )
        for each in totals
    )
    return text.getvalue().encode()


def report_place(path: str, import_method: str, now: datetime) -> tuple[str, str]:
    """Give the bucket and the key of a report below the path of the metric attribution.

    Errors: SourceError for a path that is no place in S3.
    """
    bucket, prefix = split_location(path)
    folder = prefix if not prefix or prefix.endswith("/") else f"{prefix}/"
    return bucket, f"{folder}AggregatedAttributionMetrics - {import_method} - {int(now.timestamp())}.csv"
