"""What the arms of a traffic split achieved: click-through with confidence intervals.

A list shown is an exposure; a list of which at least one article was read, as its recommendationId came back with a
page view, is a conversion. Both are counted per arm as metrics; this reads them back.

Source of the interval: Wilson (1927); of the comparison: the pooled two-proportion z test.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from recommendations.meters import ARM

Z_95 = 1.959964
COUNTED = ("Exposures", "Conversions")


@dataclass(frozen=True)
class ArmResult:
    """One arm's counts."""

    arm: str
    exposures: float
    conversions: float

    @property
    def click_through(self) -> float:
        """Conversions ÷ exposures; 0 without exposures."""
        return self.conversions / self.exposures if self.exposures else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Give the 95 % interval of the click-through: everything from 0 to 1 without exposures."""
        n = self.exposures
        if n <= 0:
            return 0.0, 1.0
        share = min(1.0, self.click_through)  # counts of two metrics may be of slightly different minutes
        spread = Z_95 * math.sqrt(share * (1 - share) / n + Z_95**2 / (4 * n * n))
        middle, scale = share + Z_95**2 / (2 * n), 1 + Z_95**2 / n
        return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def p_value(one: ArmResult, other: ArmResult) -> float:
    """Give how likely a difference as large as this is if the arms are equally good; 1 where nothing can be told."""
    n, m = one.exposures, other.exposures
    if not n or not m:
        return 1.0
    pooled = min(1.0, (one.conversions + other.conversions) / (n + m))
    error = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    return math.erfc(abs(one.click_through - other.click_through) / error / math.sqrt(2)) if error else 1.0


def results_of(counts: Mapping[str, Mapping[str, float]]) -> list[ArmResult]:
    """Give the results of counts, the arm with the most exposures first."""
    found = [ArmResult(arm, entry.get("Exposures", 0), entry.get("Conversions", 0)) for arm, entry in counts.items()]
    return sorted(found, key=lambda result: (-result.exposures, result.arm))


def counts_of_metrics(
    cloudwatch: Any, namespace: str, service: str, start: datetime, end: datetime
) -> dict[str, dict[str, float]]:
    """Sum the metrics of all arms of a service between two times.

    Errors: ClientError or BotoCoreError.
    """
    queries, asked = [], {}
    for metric in metrics_of(cloudwatch, namespace, service):
        arm = {entry["Name"]: entry["Value"] for entry in metric["Dimensions"]}[ARM]
        asked[f"m{len(queries)}"] = (arm, metric["MetricName"])
        stat = {"Metric": metric, "Period": 3600, "Stat": "Sum"}
        queries.append({"Id": f"m{len(queries)}", "MetricStat": stat, "ReturnData": True})
    counts: dict[str, dict[str, float]] = {}
    for begin in range(0, len(queries), 500):  # MetricDataQueries' limit; documented
        pages = cloudwatch.get_paginator("get_metric_data").paginate(
            MetricDataQueries=queries[begin : begin + 500], StartTime=start, EndTime=end
        )
        for page in pages:
            for entry in page["MetricDataResults"]:
                arm, name = asked[entry["Id"]]
                counts.setdefault(arm, {}).setdefault(name, 0.0)
                counts[arm][name] += sum(entry["Values"])
    return counts


def metrics_of(cloudwatch: Any, namespace: str, service: str) -> Iterable[dict[str, Any]]:
    """Yield the metrics that count per arm."""
    for name in COUNTED:
        pages = cloudwatch.get_paginator("list_metrics").paginate(
            Namespace=namespace, MetricName=name, Dimensions=[{"Name": "service", "Value": service}, {"Name": ARM}]
        )
        for page in pages:
            yield from (
                {key: metric[key] for key in ("Namespace", "MetricName", "Dimensions")} for metric in page["Metrics"]
            )


def counts_of_lines(lines: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    """Sum embedded-metric lines of a log, for where there are no metrics of them."""
    counts: dict[str, dict[str, float]] = {}
    for line in lines:
        for name in COUNTED:
            if ARM in line and name in line:
                values = line[name] if isinstance(line[name], list) else [line[name]]
                arm = counts.setdefault(line[ARM], {})
                arm[name] = arm.get(name, 0.0) + sum(values)
    return counts
