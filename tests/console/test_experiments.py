"""Traffic splits: where the counts come from, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from personalize_local.console.experiments import judge
from tests.console.conftest import Browser, text
from tests.console.fakes import EXPOSURES_TABLE, SETTINGS_TABLE, FakeMetrics, FakeStacks, FakeTables

Browse = Callable[..., Browser]
EXPERIMENTS = "/_personalize/experiments"
WEEK = timedelta(days=7)


def row(name: str, ratio: str, status: str = "active") -> dict[str, Any]:
    campaign = f"arn:aws:personalize:us-east-1:123456789012:campaign/{name}"
    return {"name": {"S": name}, "status": {"S": status}, "trafficRatio": {"N": ratio}, "campaignArn": {"S": campaign},
            "context": {"M": {"default": {"M": {"filter_name": {"S": "unread"}}}}}}  # fmt: skip


def shown(arm: str, followed: bool = False) -> dict[str, Any]:
    return {"arm": {"S": arm}} | ({"followedAt": {"N": "1"}} if followed else {})


def open_page(browse: Browse, tables: FakeTables, metrics: FakeMetrics) -> Browser:
    return browse(services={"cloudformation": FakeStacks(), "dynamodb": tables, "cloudwatch": metrics})


def test_without_an_api_the_page_says_what_to_do(browse: Browse) -> None:
    assert "No API yet" in text(browse().get(EXPERIMENTS))


def test_the_split_and_the_metrics_of_each_arm(browse: Browse) -> None:
    tables = FakeTables({SETTINGS_TABLE: [row("blue", "75"), row("old", "50", "inactive"), row("green", "25")]})
    sums = {("Exposures", "blue"): 1000.0, ("Conversions", "blue"): 100.0, ("Exposures", "green"): 400.0,
            ("Conversions", "green"): 80.0}  # fmt: skip
    browser = open_page(browse, tables, FakeMetrics(sums))
    (stack,) = browser.json(f"{EXPERIMENTS}.json")["stacks"]
    assert [(one["name"], one["share"]) for one in stack["rows"]] == [("blue", 0.75), ("green", 0.25), ("old", 0.0)]
    assert stack["rows"][0]["contexts"] == {"default": "unread"}
    assert stack["source"] == "CloudWatch"
    blue, green = stack["arms"]
    assert (blue["arm"], blue["exposures"], blue["click_through"]) == ("blue", 1000, 0.1)
    assert blue["low"] < 0.1 < blue["high"]
    assert green["lift"] == pytest.approx(1.0)
    assert green["p"] < 0.001
    page = text(browser.get(EXPERIMENTS))
    assert "75 %" in page and ">better<" in page


def test_without_metrics_the_table_of_lists_is_counted(browse: Browse) -> None:
    lists = [shown("blue"), shown("blue", followed=True), shown("green"), shown("blue"), shown("green", followed=True)]
    browser = open_page(browse, FakeTables({EXPOSURES_TABLE: lists}), FakeMetrics())
    (stack,) = browser.json(f"{EXPERIMENTS}.json")["stacks"]
    assert stack["source"] == "the table of lists shown"
    assert [(one["arm"], one["exposures"], one["conversions"]) for one in stack["arms"]] == [
        ("blue", 3, 1), ("green", 2, 1),
    ]  # fmt: skip
    assert "front, the campaign" in text(browser.get(EXPERIMENTS)).replace("<strong>", "").replace("</strong>", "")


def test_nothing_counted_yet(browse: Browse) -> None:
    page = text(open_page(browse, FakeTables(), FakeMetrics()).get(EXPERIMENTS))
    assert "No list has been counted" in page


def test_a_difference_that_is_not_told_yet_says_when() -> None:
    counts = {"a": {"Exposures": 700.0, "Conversions": 70.0}, "b": {"Exposures": 700.0, "Conversions": 84.0}}
    first, second = judge(counts, WEEK)
    assert first["is_first"] and first["days_left"] is None
    assert not second["is_decided"]
    assert second["days_left"] == pytest.approx((3841 - 700) / 100, rel=0.01)  # at 100 a day
    assert second["days_for_lift"] > second["days_left"]


def test_equal_arms_are_never_told_apart() -> None:
    counts = {"a": {"Exposures": 700.0, "Conversions": 70.0}, "b": {"Exposures": 700.0, "Conversions": 70.0}}
    assert judge(counts, WEEK)[1]["days_left"] is None
