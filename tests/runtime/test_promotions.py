"""Promoted items among the others."""

from __future__ import annotations

from typing import Any

from tests.behaviours import EXACT, behaviour


@behaviour(
    "GetRecommendations",
    "Promoted items take their share of the places; half a place is rounded up",
    EXACT,
    source="documented; rounding: inferred",
)
def test_promoted_items_take_their_share_of_places(newsroom: Any) -> None:
    # GIVEN a filter for the request and one for the promotion
    campaign_arn = newsroom.add_campaign()
    filter_arn = newsroom.add_filter('EXCLUDE ItemID WHERE Items.CATEGORY IN ("arts")')
    promoted_arn = newsroom.add_filter("INCLUDE ItemID WHERE Items.CATEGORY IN ($c)", name="promoted")
    promotion = {
        "name": "arts",
        "percent_promoted_items": 25,
        "filter_arn": promoted_arn,
        "filter_values": {"c": '"arts"'},
    }

    # WHEN 6 items are asked for, of which 1.5 are promoted
    request = {"campaign_arn": campaign_arn, "user_id": "ann", "filter_arn": filter_arn, "promotions": [promotion]}
    items = newsroom.recommend(**request, num_results=6)

    # THEN two are, in their order, and the others are in theirs
    promoted = [item["item_id"] for item in items if item.get("promotion_name") == "arts"]
    assert promoted == ["i4", "i9"]
    assert [item["item_id"] for item in items if "promotion_name" not in item] == ["i3", "i0", "i1", "i2"]


@behaviour(
    "GetRecommendations",
    "Promoted items stand at random places, in their own order",
    EXACT,
    source="documented, contract §6.1",
)
def test_promoted_items_stand_at_any_place(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign()
    promoted_arn = newsroom.add_filter('INCLUDE ItemID WHERE Items.CATEGORY IN ("arts")')
    promotion = {"name": "p", "percent_promoted_items": 20, "filter_arn": promoted_arn}
    request = {"campaign_arn": campaign_arn, "user_id": "ann", "promotions": [promotion], "num_results": 5}
    places = {[item.get("promotion_name") for item in newsroom.recommend(**request)].index("p") for _ in range(100)}
    assert places == set(range(5))


@behaviour(
    "GetRecommendations",
    "Too few promoted items leave their places to others",
    EXACT,
    source="documented, contract §6.1",
)
def test_too_few_promoted_items_leave_their_places_to_others(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign()
    promoted_arn = newsroom.add_filter("INCLUDE ItemID WHERE Items.WORDS = 900")
    promotion = {"name": "p", "percent_promoted_items": 100, "filter_arn": promoted_arn}
    request = {"campaign_arn": campaign_arn, "user_id": "ann", "promotions": [promotion], "num_results": 5}
    items = newsroom.recommend(**request)
    assert len(items) == 5
    assert [item["item_id"] for item in items if "promotion_name" in item] == ["i9"]
