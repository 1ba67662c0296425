"""The row the API reads."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer

from personalize_spec.api_settings import ROW_COLUMNS, row_problems


class FakeTable:
    """Keeps the item of a put, which must be one DynamoDB takes."""

    def put_item(self, *, Item: dict[str, Any]) -> None:
        TypeSerializer().serialize(Item)
        self.item = Item


@pytest.fixture
def function(load: Callable[[str], SimpleNamespace]) -> SimpleNamespace:
    return load("write_settings")


@pytest.fixture
def table(function: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> FakeTable:
    table = FakeTable()
    resource = SimpleNamespace(Table=lambda name: table)
    monkeypatch.setattr(function.handler, "boto3", SimpleNamespace(resource=lambda name: resource))
    monkeypatch.setenv("SETTINGS_TABLE", "settings")
    return table


def campaign_arn(name: str) -> str:
    return f"arn:aws:personalize:us-east-1:123456789012:campaign/{name}"


def an_event(plan: dict[str, Any]) -> dict[str, Any]:
    return {
        "settings": plan["settings"],
        "solutions": [
            {"type": "userPersonalization", "campaign": {"arn": campaign_arn("forYou")}},
            {"type": "similarItems", "campaign": {"arn": campaign_arn("alsoRead")}},
            {"type": "personalizedRanking", "campaign": {"arn": campaign_arn("rerank")}},
        ],
        "event_trackers": [{"event_tracker": {"tracking_id": "track"}}],
        "filters": [
            {"planned_name": entry["planned_name"], "filter": {"name": f"{entry['planned_name']}-v2"}}
            for entry in plan["filters"]
        ],
    }


def test_the_row_is_complete(function: SimpleNamespace, table: FakeTable, plan: dict[str, Any]) -> None:
    row = function.handler.handler(an_event(plan), None)

    assert row == table.item
    assert set(row) == {column.name for column in ROW_COLUMNS}
    assert row_problems(row) == ()
    campaigns = (row["campaignArn"], row["relatedCampaignArn"], row["rankingCampaignArn"])
    assert campaigns == (campaign_arn("forYou"), campaign_arn("alsoRead"), campaign_arn("rerank"))
    assert row["eventTrackerId"] == "track"


def test_contexts_name_the_filters_as_they_are_called_in_fact(
    function: SimpleNamespace, table: FakeTable, plan: dict[str, Any]
) -> None:
    function.handler.handler(an_event(plan), None)

    default = table.item["context"]["default"]
    assert default["filter_name"] == "tgam-personalize-unread-v2"
    assert (default["limit_time_range"], default["name"]) == (True, "unread")


def test_numbers_are_decimal(function: SimpleNamespace, table: FakeTable, plan: dict[str, Any]) -> None:
    sent = an_event(plan)
    sent["settings"]["trafficRatio"] = 12.5
    sent["event_trackers"] = []

    row = function.handler.handler(sent, None)

    assert table.item["trafficRatio"] == Decimal("12.5")
    assert (row["trafficRatio"], row["eventTrackerId"]) == (12.5, "")
