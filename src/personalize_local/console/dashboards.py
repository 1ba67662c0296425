"""CloudWatch's dashboards as charts: their bodies read, every line's values asked for. The page computes what it shows.

Only what a body of ours holds is drawn: texts, and lines that are one metric each, of any region. Lines that are metric
math or a SEARCH are named and not drawn.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from personalize_local.console.account import Account
from personalize_local.console.page import NotFoundError

QUERIES_AT_ONCE = 500  # GetMetricData, documented
SPANS = {3: 300, 24: 300, 72: 3600, 336: 3600}  # hours shown: seconds of a period
DEFAULT_HOURS = 24
MISSING = ("ResourceNotFound", "DashboardNotFoundError", "ResourceNotFoundException")
_LINK = re.compile(r"( · )?\[[^\]]*\]\([^)]*\)")  # into a console that is not this one


@dataclass(frozen=True)
class Line:
    """One metric of a chart; `region` is where it is kept."""

    label: str
    region: str
    namespace: str
    metric: str
    dimensions: tuple[tuple[str, str], ...]
    statistic: str


@dataclass(frozen=True)
class Chart:
    """A chart's place on a grid of 24 columns, and its lines; `note` says why something is not drawn."""

    title: str
    unit: str
    width: int
    lines: tuple[Line, ...]
    note: str = ""


def dashboard_names(account: Account) -> list[str]:
    """Give the names of all dashboards. Errors: those of boto3."""
    entries = account.list("cloudwatch", "list_dashboards", "DashboardEntries")
    return sorted(entry["DashboardName"] for entry in entries)


def read_body(account: Account, name: str) -> dict[str, Any]:
    """Give a dashboard's body. Errors: NotFoundError; those of boto3."""
    client = account.client("cloudwatch")
    try:
        return json.loads(client.get_dashboard(DashboardName=name)["DashboardBody"])
    except client.exceptions.ClientError as error:
        if error.response["Error"]["Code"] in MISSING:
            raise NotFoundError(f"There is no dashboard “{name}”.") from error
        raise


def texts_of(body: Mapping[str, Any]) -> list[str]:
    """Give the lines of a body's text widgets, without links and marks of headings."""
    texts = [widget["properties"].get("markdown", "") for widget in body.get("widgets", []) if widget["type"] == "text"]
    lines = [_LINK.sub("", line).lstrip("# ").strip() for text in texts for line in text.splitlines()]
    return [line for line in lines if line]


def charts_of(body: Mapping[str, Any], region: str) -> list[Chart]:
    """Give a body's charts, from top to bottom and from left to right."""
    widgets = [widget for widget in body.get("widgets", []) if widget["type"] == "metric"]
    return [_chart(widget, region) for widget in sorted(widgets, key=lambda one: (one.get("y", 0), one.get("x", 0)))]


def read_values(account: Account, charts: Sequence[Chart], hours: int, now: datetime) -> list[dict[str, Any]]:
    """Give each chart with its values.

    Shapes: `times` [time] in epoch seconds; `values` of each line [time], None where CloudWatch has none.
    """
    lines = list(dict.fromkeys(line for chart in charts for line in chart.lines))
    batches = _batches(lines)
    answers = account.side_by_side(lambda batch: _ask(account, batch, hours, now), batches)
    values = {line: series for batch in answers for line, series in batch.items()}
    return [_with_values(chart, values) for chart in charts]


def _batches(lines: Sequence[Line]) -> list[list[Line]]:
    """Split the lines into what one call may ask for: so many, of one region."""
    by_region: dict[str, list[Line]] = {}
    for line in lines:
        by_region.setdefault(line.region, []).append(line)
    return [
        of_region[start : start + QUERIES_AT_ONCE]
        for of_region in by_region.values()
        for start in range(0, len(of_region), QUERIES_AT_ONCE)
    ]


def _chart(widget: Mapping[str, Any], region: str) -> Chart:
    properties = widget["properties"]
    unit = properties.get("yAxis", {}).get("left", {}).get("label", "")
    title, width = properties.get("title", ""), widget.get("width", 6)
    lines = tuple(_lines(properties, properties.get("region", region)))
    hidden = len(properties.get("metrics", [])) - len(lines)
    return Chart(title, unit, width, lines, f"{hidden} lines are computed by CloudWatch alone." if hidden else "")


def _lines(properties: Mapping[str, Any], region: str) -> Iterator[Line]:
    """A line is [namespace, metric, name, value, …, {options}]; an expression has options alone."""
    for entry in properties.get("metrics", []):
        options = entry[-1] if isinstance(entry[-1], dict) else {}
        parts = entry[:-1] if isinstance(entry[-1], dict) else entry
        if len(parts) >= 2 and "expression" not in options:
            dimensions = tuple(zip(parts[2::2], parts[3::2], strict=True))
            statistic = options.get("stat") or properties.get("stat") or "Average"
            where = options.get("region") or region
            yield Line(options.get("label") or parts[1], where, parts[0], parts[1], dimensions, statistic)


def _ask(account: Account, lines: Sequence[Line], hours: int, now: datetime) -> dict[Line, dict[int, float]]:
    queries = [_query(number, line, SPANS[hours]) for number, line in enumerate(lines)]
    found: dict[Line, dict[int, float]] = {line: {} for line in lines}
    pages = account.client("cloudwatch", lines[0].region).get_paginator("get_metric_data")
    for page in pages.paginate(MetricDataQueries=queries, StartTime=now - timedelta(hours=hours), EndTime=now):
        for result in page["MetricDataResults"]:
            times = (int(at.timestamp()) for at in result["Timestamps"])
            found[lines[int(result["Id"][1:])]] |= dict(zip(times, result["Values"], strict=True))
    return found


def _query(number: int, line: Line, period_s: int) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in line.dimensions]
    metric = {"Namespace": line.namespace, "MetricName": line.metric, "Dimensions": dimensions}
    return {"Id": f"m{number}", "MetricStat": {"Metric": metric, "Period": period_s, "Stat": line.statistic}}


def _with_values(chart: Chart, values: Mapping[Line, Mapping[int, float]]) -> dict[str, Any]:
    times = sorted({at for line in chart.lines for at in values[line]})
    lines = [{"label": line.label, "values": [values[line].get(at) for at in times]} for line in chart.lines]
    facts = {"title": chart.title, "unit": chart.unit, "width": chart.width, "note": chart.note}
    return {**facts, "times": times, "lines": lines}
