"""Dashboards as charts: what a body says, what CloudWatch has, and what is left out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from personalize_local.console.account import Account
from personalize_local.console.app import Console, ConsoleSettings
from personalize_local.console.http import Request
from tests.conftest import REGION
from tests.console.conftest import OWN_HEADERS, text

AT = datetime(2026, 5, 4, 12, tzinfo=UTC)
LINES = [
    ["AWS/Personalize", "GetRecommendations", "CampaignArn", "arn:front", {"stat": "Sum", "label": "front"}],
    ["Own", "minimum", "CampaignArn", "arn:front"],
    [{"expression": "m1/m2", "label": "computed"}],
]


def chart(title: str, x: int, y: int, lines: list[Any], region: str = REGION) -> dict[str, Any]:
    return {"type": "metric", "x": x, "y": y, "properties": {"title": title, "region": region, "metrics": lines}}


BODY = {
    "widgets": [
        chart("Second", 8, 2, []),
        chart("First", 0, 2, LINES),
        chart("Far", 0, 9, LINES[:1], "ca-central-1"),
        {"type": "text", "properties": {"markdown": "## News <b>\n1 campaign · [console](https://example.com)"}},
    ]
}


@dataclass
class FakeCloudWatch:
    """Dashboards by name, and one value for each metric asked for: 7, of another region 3."""

    dashboards: dict[str, Any]
    value: float = 7.0
    queries: list[dict[str, Any]] = field(default_factory=list)

    class exceptions:
        ClientError = ClientError

    def get_paginator(self, operation: str) -> Any:
        pages = {"list_dashboards": self._list, "get_metric_data": self._data, "describe_alarms": self._alarms}
        return _Pages(pages[operation])

    def get_dashboard(self, DashboardName: str) -> dict[str, str]:
        if DashboardName not in self.dashboards:
            raise ClientError({"Error": {"Code": "ResourceNotFound", "Message": "no"}}, "GetDashboard")
        return {"DashboardBody": json.dumps(self.dashboards[DashboardName])}

    def _alarms(self, StateValue: str) -> dict[str, Any]:
        return {"MetricAlarms": [], "CompositeAlarms": []}

    def _list(self) -> dict[str, Any]:
        return {"DashboardEntries": [{"DashboardName": name} for name in self.dashboards]}

    def _data(self, MetricDataQueries: list[dict[str, Any]], **span: Any) -> dict[str, Any]:
        self.queries += MetricDataQueries
        counted = [query for query in MetricDataQueries if query["MetricStat"]["Stat"] == "Sum"]
        results = [{"Id": query["Id"], "Timestamps": [AT], "Values": [self.value]} for query in counted]
        return {"MetricDataResults": results}


@dataclass
class _Pages:
    answer: Callable[..., dict[str, Any]]

    def paginate(self, **arguments: Any) -> list[dict[str, Any]]:
        return [self.answer(**arguments)]


@pytest.fixture
def cloudwatch() -> FakeCloudWatch:
    return FakeCloudWatch({"watch_news": BODY, "another": {"widgets": []}})


@pytest.fixture
def get(cloudwatch: FakeCloudWatch) -> Iterator[Callable[..., Any]]:
    regions = {REGION: cloudwatch, "ca-central-1": FakeCloudWatch({}, value=3.0)}
    account = Account(lambda service, region=REGION: regions[region], REGION)
    console = Console(account, ConsoleSettings(place="test", may_change=False))
    yield lambda path, **query: console.reply(Request("GET", f"/_personalize/{path}", query, OWN_HEADERS))
    account.close()


def test_dashboards_are_listed_with_links(get: Callable[..., Any]) -> None:
    page = text(get("dashboards"))
    assert page.index('href="/_personalize/dashboards/another"') < page.index("/_personalize/dashboards/watch_news")


def test_charts_stand_in_their_order_with_their_values(get: Callable[..., Any]) -> None:
    page = json.loads(text(get("dashboards/watch_news.json")))
    first, second, far = page["charts"]
    assert [one["title"] for one in (first, second, far)] == ["First", "Second", "Far"]
    assert first["times"] == [AT.timestamp()]
    assert first["lines"] == [{"label": "front", "values": [7.0]}, {"label": "minimum", "values": [None]}]
    assert first["note"] == "1 lines are computed by CloudWatch alone."
    assert (far["lines"], far["note"]) == ([{"label": "front", "values": [3.0]}], "")
    assert page["texts"] == ["News <b>", "1 campaign"]


def test_the_page_runs_no_script_of_a_body_and_names_what_it_draws(get: Callable[..., Any]) -> None:
    reply = get("dashboards/watch_news")
    page = text(reply)
    assert "News &lt;b&gt;" in page and "<b>" not in page
    assert 'data-charts="/_personalize/dashboards/watch_news.json"' in page
    assert "script-src 'self'" in reply.headers["content-security-policy"]
    assert page.count('class="plot"') == 3


@pytest.mark.parametrize(("hours", "period_s"), [("3", 300), ("24", 300), ("336", 3600), ("7", 300), ("x", 300)])
def test_long_times_have_long_periods(
    get: Callable[..., Any], cloudwatch: FakeCloudWatch, hours: str, period_s: int
) -> None:
    get("dashboards/watch_news", hours=hours)
    assert {query["MetricStat"]["Period"] for query in cloudwatch.queries} == {period_s}


def test_a_dashboard_that_is_not_there_is_not_found(get: Callable[..., Any]) -> None:
    reply = get("dashboards/none")
    assert reply.status == 404
    assert "There is no dashboard “none”." in text(reply)
