"""The arms of a traffic split: rows of the settings table, what each was counted to achieve, when it can be told.

Counts are the API's metrics in CloudWatch. Where there are none (the local cloud keeps lines of a log as a log), the
table of lists shown is read instead, to a limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from personalize_local.console.account import Account
from personalize_local.console.api_stack import ApiStack
from personalize_spec.arm_results import (
    CONVERSIONS,
    EXPOSURES,
    ArmResult,
    needed_exposures,
    p_value,
    results_of,
)

COUNTED = (EXPOSURES, CONVERSIONS)
MOST_PAGES = 40  # of a table, each 1 MB: some 400,000 lists
LIFT = 0.05  # that is worth finding, relative
LEVEL = 0.05
SECONDS_PER_DAY = 86_400.0
METRICS, TABLE = "CloudWatch", "the table of lists shown"


def read_arms(account: Account, stack: ApiStack) -> list[dict[str, Any]]:
    """Give the rows of a stack's settings table, those with traffic first; none without the table."""
    from boto3.dynamodb.types import TypeDeserializer  # only here: the server starts without boto3

    plain = TypeDeserializer().deserialize
    try:
        items = account.list("dynamodb", "scan", "Items", TableName=stack.settings_table)
    except ClientError:
        return []
    rows = [{name: plain(value) for name, value in item.items()} for item in items]
    active = [row for row in rows if row.get("status") == "active"]
    total = sum(float(row.get("trafficRatio", 1)) for row in active)
    for row in rows:
        weight = float(row.get("trafficRatio", 1)) if row.get("status") == "active" else 0.0
        row["share"] = weight / total if total else 0.0
    return sorted(rows, key=lambda row: (-row["share"], row["name"]))


def read_counts(account: Account, stack: ApiStack, start: datetime, end: datetime) -> dict[str, Any]:
    """Give `counts` by arm of a time, their `source`, and whether they are of a part only."""
    counts = _of_metrics(account, stack, start, end)
    if counts:
        return {"counts": counts, "source": METRICS, "is_partial": False}
    table = stack.resources.get("ExposuresTable", "")
    counts, is_partial = _of_table(account, table) if table else ({}, False)
    return {"counts": counts, "source": TABLE if counts else "", "is_partial": is_partial}


def judge(counts: Mapping[str, Mapping[str, float]], span: timedelta) -> list[dict[str, Any]]:
    """Give each arm's results, compared with the first, and how long it takes until the difference can be told.

    Units: `days_left` at the pace of the span: for the difference seen so far, and for one of a twentieth.
    """
    results = results_of(counts)
    return [_judged(result, results[0], span) for result in results]


def _judged(result: ArmResult, first: ArmResult, span: timedelta) -> dict[str, Any]:
    low, high = result.interval
    found = {"arm": result.arm, "exposures": result.exposures, "conversions": result.conversions}
    found |= {"click_through": result.click_through, "low": low, "high": high, "is_first": result is first}
    if result is first:
        return found | {"p": None, "lift": None, "is_decided": False, "days_left": None, "days_for_lift": None}
    p = p_value(result, first)
    lift = result.click_through / first.click_through - 1 if first.click_through else None
    return found | {
        "p": p,
        "lift": lift,
        "is_decided": p < LEVEL and _days_left(result, first, result.click_through, span) == 0.0,
        "days_left": _days_left(result, first, result.click_through, span),
        "days_for_lift": _days_left(result, first, min(1.0, first.click_through * (1 + LIFT)), span),
    }


def _days_left(result: ArmResult, first: ArmResult, wanted: float, span: timedelta) -> float | None:
    """Give the days until the first arm has the exposures that tell `wanted` from its rate; None where never."""
    if not first.exposures or not result.exposures:
        return None
    needed = needed_exposures(first.click_through, wanted, result.exposures / first.exposures)
    if needed is None:
        return None
    per_day = first.exposures / (span.total_seconds() / SECONDS_PER_DAY)
    return max(0.0, (needed - first.exposures) / per_day)


def _of_metrics(account: Account, stack: ApiStack, start: datetime, end: datetime) -> dict[str, dict[str, float]]:
    namespace = stack.parameters.get("MetricsNamespace", "PersonalizeCustomMetrics")
    counts: dict[str, dict[str, float]] = {}
    try:
        for name in COUNTED:
            for metric in _metrics(account, namespace, name, stack.name):
                arm = {one["Name"]: one["Value"] for one in metric["Dimensions"]}["Arm"]
                counts.setdefault(arm, {})[name] = _sum(account, metric, start, end)
    except (ClientError, BotoCoreError):  # no right to look: the table may still be read
        return {}
    return {arm: found for arm, found in counts.items() if any(found.values())}


def _metrics(account: Account, namespace: str, name: str, service: str) -> list[dict[str, Any]]:
    dimensions = [{"Name": "service", "Value": service}, {"Name": "Arm"}]
    found = account.list(
        "cloudwatch", "list_metrics", "Metrics", Namespace=namespace, MetricName=name, Dimensions=dimensions
    )
    wanted = ("Namespace", "MetricName", "Dimensions")
    return [{key: metric[key] for key in wanted} for metric in found if metric["Namespace"] == namespace]


def _sum(account: Account, metric: dict[str, Any], start: datetime, end: datetime) -> float:
    query = {"Id": "m", "MetricStat": {"Metric": metric, "Period": 3600, "Stat": "Sum"}}
    results = account.list(
        "cloudwatch", "get_metric_data", "MetricDataResults", MetricDataQueries=[query], StartTime=start, EndTime=end
    )
    return float(sum(value for result in results for value in result["Values"]))


def _of_table(account: Account, table: str) -> tuple[dict[str, dict[str, float]], bool]:
    """Count a table's rows by arm; the API keeps them for a week."""
    counts: dict[str, dict[str, float]] = {}
    pages = (
        account.client("dynamodb")
        .get_paginator("scan")
        .paginate(TableName=table, ProjectionExpression="arm, followedAt")
    )
    read = 0
    for page in islice(pages, MOST_PAGES):
        read += 1
        for row in page["Items"]:
            found = counts.setdefault(row.get("arm", {}).get("S", ""), {EXPOSURES: 0.0, CONVERSIONS: 0.0})
            found[EXPOSURES] += 1
            found[CONVERSIONS] += "followedAt" in row
        if "LastEvaluatedKey" not in page:
            return counts, False
    return counts, read == MOST_PAGES
