"""Count the exposures and conversions of a traffic split's arms, from the metrics or from the log."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from personalize_spec.arm_results import CONVERSIONS, EXPOSURES, ArmResult, p_value, results_of
from recommendations.meters import ARM

__all__ = ["ArmResult", "counts_of_lines", "counts_of_metrics", "p_value", "results_of"]

COUNTED = (EXPOSURES, CONVERSIONS)


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
