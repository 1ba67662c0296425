"""Home: what it costs, what needs attention, and that it is small."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from personalize_local.console.attention import concerns_of
from personalize_local.console.costs import dollars_per_day
from personalize_local.console.inventory import Group
from personalize_spec.prices import PriceTable
from tests.console.conftest import Browser, text
from tests.console.fakes import FakeMetrics

Browse = Callable[..., Browser]
HOME = "/_personalize/"
MOST_BYTES = 150_000


def group(campaigns: list[dict[str, object]], recommenders: list[dict[str, object]]) -> Group:
    parts = {"recommenders": recommenders, "solutions": []}
    return Group("arn:group", "news", "ACTIVE", datetime.now(UTC), parts, campaigns=campaigns)


def test_what_is_live_costs_by_the_price_table() -> None:
    campaign = {"campaignArn": "c", "status": "ACTIVE", "minProvisionedTPS": 2}
    failed = {"campaignArn": "f", "status": "CREATE FAILED", "minProvisionedTPS": 5}
    recommender = {"recommenderArn": "r", "status": "ACTIVE"}
    stopped = {"recommenderArn": "s", "status": "INACTIVE"}
    costs = dollars_per_day([group([campaign, failed], [recommender, stopped])], PriceTable())
    assert costs["by_arn"] == {"c": pytest.approx(2 * 24 * 0.20), "r": pytest.approx(24 * 0.375)}
    assert costs["total"] == pytest.approx(9.6 + 9.0)


def test_many_transactions_have_the_price_of_their_tier() -> None:
    campaign = {"campaignArn": "c", "status": "ACTIVE", "minProvisionedTPS": 100}
    hours = 100 * 24 * 30
    wanted = (20_000 * 0.20 + (hours - 20_000) * 0.10) / 30
    assert dollars_per_day([group([campaign], [])], PriceTable())["total"] == pytest.approx(wanted)


def test_nothing_live_costs_nothing() -> None:
    assert dollars_per_day([group([], [])], PriceTable())["total"] == 0


def test_home_tells_what_is_live_and_what_it_costs(browse: Browse) -> None:
    browser = browse(town=True)
    (found,) = browser.json(f"{HOME}index.json")["groups"]
    assert found["dollars_per_day"] == pytest.approx(2 * 24 * 0.20)
    assert "$9.60" in text(browser.get(HOME))


def test_alarms_that_ring_need_attention(browse: Browse) -> None:
    alarm = {"AlarmName": "errors", "AlarmDescription": "Too many <errors>."}
    browser = browse(town=True, services={"cloudwatch": FakeMetrics(alarms=[alarm])})
    assert [one["about"] for one in browser.json(f"{HOME}index.json")["concerns"]] == ["alarm errors"]
    assert "Too many &lt;errors&gt;." in text(browser.get(HOME))


def test_newer_models_and_failures_need_attention_and_lead_to_their_pages() -> None:
    solution = "arn:aws:personalize:us-east-1:123456789012:solution/front"
    campaign = {"name": "front", "status": "ACTIVE", "campaignArn": "c", "solutionVersionArn": f"{solution}/old"}
    found = group([campaign], [])
    found.versions = [
        {"solutionVersionArn": f"{solution}/broken", "status": "CREATE FAILED", "failureReason": "Too little data."},
        {"solutionVersionArn": f"{solution}/new", "status": "ACTIVE"},
        {"solutionVersionArn": f"{solution}/old", "status": "ACTIVE"},
    ]
    failure, newer = concerns_of(found)
    assert (failure["about"], failure["says"]) == ("front/broken", "Too little data.")
    assert failure["link"] == f"/_personalize/models?version={solution}/broken"
    assert newer["says"] == "front/new is trained; the campaign serves an older version."


def test_the_first_page_with_all_it_loads_is_small(browse: Browse) -> None:
    browser = browse(town=True)
    for path in ("", "runs", "data", "models", "readers", "articles", "experiments", "api"):
        page = browser.get(HOME + path)
        addresses = re.findall(r'(?:src|href)="(/_personalize/static/[^"]+)"', text(page))
        assert addresses
        whole = len(page.body) + sum(len(browser.get(address).body) for address in addresses)
        assert whole < MOST_BYTES, path
        assert len(gzip.compress(page.body)) < MOST_BYTES / 10, path
