from __future__ import annotations

import math
from typing import Any

import pytest

from personalize_spec.errors import InvalidInputException
from tests.behaviours import EXACT, behaviour

RANKING = "aws-personalized-ranking"


@behaviour(
    "GetPersonalizedRanking",
    "All of the list comes back; scores sum to 1 over it",
    EXACT,
    source="documented, contract §6.2",
)
def test_the_list_comes_back_in_the_readers_order(newsroom: Any) -> None:
    # GIVEN a reader whose last story was i2
    campaign_arn = newsroom.add_campaign(RANKING, config={})

    # WHEN a list is ranked that has i3, which follows
    ranked = newsroom.rank(campaign_arn=campaign_arn, user_id="ann", input_list=["i9", "i1", "i3"])

    # THEN i3 is first, and scores are shares of the list
    assert [item["item_id"] for item in ranked] == ["i3", "i1", "i9"]
    assert math.isclose(sum(item["score"] for item in ranked), 1, abs_tol=1e-6)


@behaviour(
    "GetPersonalizedRanking",
    "Items that the model does not know follow in the order given, without a score",
    EXACT,
    source="observed, contract §6.2",
)
def test_items_the_model_does_not_know_follow_in_the_order_given(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign(RANKING, config={}, item_ids=["i0", "i1"])
    ranked = newsroom.rank(campaign_arn=campaign_arn, user_id="x", input_list=["z", "i9", "i1", "a", "i0"])
    assert [item["item_id"] for item in ranked] == ["i0", "i1", "z", "i9", "a"]
    assert ["score" in item for item in ranked] == [True, True, False, False, False]


def test_a_list_of_nothing_known(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign(RANKING, config={})
    assert newsroom.rank(campaign_arn=campaign_arn, user_id="x", input_list=["b", "a"]) == [
        {"item_id": "b"},
        {"item_id": "a"},
    ]


@behaviour("GetPersonalizedRanking", "Of repeats the first counts", EXACT, source="inferred")
def test_repeats_and_empty_ids_count_once_or_not_at_all(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign(RANKING, config={})
    ranked = newsroom.rank(campaign_arn=campaign_arn, user_id="x", input_list=["i1", "", "i1", "i0"])
    assert [item["item_id"] for item in ranked] == ["i0", "i1"]


@behaviour(
    "GetPersonalizedRanking", "A filter takes items out of the answer", EXACT, source="documented, contract §6.2"
)
@pytest.mark.parametrize(
    ("expression", "left"),
    [
        ('INCLUDE ItemID WHERE Items.CATEGORY IN ("sport")', ["i2", "i3"]),
        ('EXCLUDE ItemID WHERE Items.CATEGORY IN ("sport")', ["i1", "unknown"]),
        ('INCLUDE ItemID WHERE Items.CATEGORY NOT IN ("sport")', ["i1", "unknown"]),
        ('EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("view")', ["i2", "i3", "unknown"]),
    ],
)
def test_a_filter_takes_items_out(newsroom: Any, expression: str, left: list[str]) -> None:
    campaign_arn = newsroom.add_campaign(RANKING, config={})
    filter_arn = newsroom.add_filter(expression)
    request = {"campaign_arn": campaign_arn, "user_id": "ann", "filter_arn": filter_arn}
    ranked = newsroom.rank(**request, input_list=["unknown", "i1", "i2", "i3"])
    assert sorted(item["item_id"] for item in ranked) == left


def test_metadata_of_known_items(newsroom: Any) -> None:
    config = {"enable_metadata_with_recommendations": True}
    campaign_arn = newsroom.add_campaign(RANKING, config=config)
    request = {"campaign_arn": campaign_arn, "user_id": "x", "metadata_columns": {"ITEMS": ["WORDS"]}}
    ranked = newsroom.rank(**request, input_list=["i4", "unknown"])
    assert ranked[0]["metadata"] == {"words": "400"}
    assert "metadata" not in ranked[1]


@pytest.mark.parametrize(
    ("recipe", "members", "message"),
    [
        (
            "aws-user-personalization",
            {},
            "The recipe aws-user-personalization does not rank lists: use GetRecommendations.",
        ),
        (RANKING, {"input_list": []}, "inputList is empty: give the items to rank."),
        (RANKING, {"input_list": ["i"] * 501}, "inputList has 501 items; 500 are allowed."),
        (
            RANKING,
            {"input_list": ["i"] * 51, "metadata_columns": {"ITEMS": ["WORDS"]}},
            "inputList has 51 items; 50 are allowed with metadataColumns.",
        ),
        (RANKING, {"user_id": ""}, "The recipe aws-personalized-ranking needs a userId."),
    ],
)
def test_wrong_requests_are_refused(newsroom: Any, recipe: str, members: dict[str, Any], message: str) -> None:
    campaign_arn = newsroom.add_campaign(recipe, config={"enable_metadata_with_recommendations": True})
    with pytest.raises(InvalidInputException) as raised:
        newsroom.rank(**{"campaign_arn": campaign_arn, "user_id": "ann", "input_list": ["i1"], **members})
    assert raised.value.message == message
