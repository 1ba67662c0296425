"""Filters of requests, about items, the reader and the current item."""

from __future__ import annotations

from typing import Any

from tests.behaviours import EXACT, behaviour
from tests.runtime.sent import send


def test_a_filter_with_a_value(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign()
    filter_arn = newsroom.add_filter("INCLUDE ItemID WHERE Items.CATEGORY IN ($category)")
    request = {"campaign_arn": campaign_arn, "user_id": "ann", "filter_arn": filter_arn}
    ids = newsroom.recommended_ids(**request, filter_values={"category": '"world"', "unknown": "not read"})
    assert ids == ["i3", "i0", "i5", "i8"]


def test_what_was_just_read_is_filtered_out(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign()
    filter_arn = newsroom.add_filter('EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("VIEW")')
    request = {"campaign_arn": campaign_arn, "user_id": "ann", "filter_arn": filter_arn}
    assert "i1" not in newsroom.recommended_ids(**request)
    send(newsroom, "i0", user_id="ann")
    assert not {"i0", "i1"} & set(newsroom.recommended_ids(**request))
    assert "i2" in newsroom.recommended_ids(**request)  # read, not viewed


@behaviour(
    "GetRecommendations, CreateFilter",
    "CurrentItem compares with the item of the request",
    EXACT,
    source="documented, contract §7.2",
)
def test_a_filter_on_the_current_item(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign("aws-similar-items", config={})
    filter_arn = newsroom.add_filter(
        "INCLUDE ItemID WHERE Items.CATEGORY IN CurrentItem.CATEGORY AND Items.WORDS < CurrentItem.WORDS"
    )
    ids = newsroom.recommended_ids(campaign_arn=campaign_arn, item_id="i6", filter_arn=filter_arn)
    assert ids == ["i5", "i1", "i0"]


@behaviour(
    "GetRecommendations, CreateFilter",
    "CurrentUser compares with the user of the request, also in EXCLUDE",
    EXACT,
    source="documented, contract §7.2",
)
def test_a_filter_on_the_current_user(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign()
    filter_arn = newsroom.add_filter('INCLUDE ItemID WHERE Items.CATEGORY IN ("arts") IF CurrentUser.AGE >= 18')
    request = {"campaign_arn": campaign_arn, "filter_arn": filter_arn}
    assert newsroom.recommended_ids(**request, user_id="ann") == ["i4", "i9"]
    assert len(newsroom.recommended_ids(**request, user_id="bob")) == 10
    assert len(newsroom.recommended_ids(**request, user_id="nobody")) == 10
