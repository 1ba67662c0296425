"""GetRecommendations: what is in an answer, and which requests are refused."""

from __future__ import annotations

import math
from typing import Any

import pytest

from personalize_local.runtime.get_recommendations import get_recommendations
from personalize_spec.arns import Scope
from personalize_spec.errors import InvalidInputException, PersonalizeException, ResourceNotFoundException
from tests.behaviours import EXACT, behaviour
from tests.room import SCOPE
from tests.runtime.conftest import ITEM_IDS
from tests.runtime.sent import NOW_EPOCH_S, put


def test_an_answer_has_scores_that_sum_to_1_over_all_items(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign()
    answer = get_recommendations(newsroom.engine, SCOPE, {"campaign_arn": campaign_arn, "user_id": "nobody"})
    assert [item["item_id"] for item in answer["item_list"]] == ITEM_IDS
    scores = [item["score"] for item in answer["item_list"]]
    assert scores == sorted(scores, reverse=True)
    assert math.isclose(sum(scores), 1, abs_tol=1e-5)
    assert answer["recommendation_id"].startswith("RID-")
    assert len(answer["recommendation_id"]) == 40


@behaviour(
    "GetRecommendations",
    "Scores are a softmax over all items of the model: they sum to 1, with seven decimals",
    EXACT,
    source="documented, contract §6.1",
)
def test_scores_are_shares_of_the_whole_catalogue_also_in_a_short_list(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign()
    whole = newsroom.recommend(campaign_arn=campaign_arn, user_id="nobody")
    short = newsroom.recommend(campaign_arn=campaign_arn, user_id="nobody", num_results=3)
    assert short == whole[:3]


def test_the_users_history_reaches_the_model_oldest_first(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign()
    ids = newsroom.recommended_ids(campaign_arn=campaign_arn, user_id="ann", num_results=2)
    assert ids == ["i3", "i0"]  # ann read i2 last
    query = newsroom.model().queries[-1]
    assert query.history_rows.tolist() == [1, 2]
    assert query.history_epoch_s.tolist() == [NOW_EPOCH_S - 1000, NOW_EPOCH_S - 990]
    assert query.now_epoch_s == NOW_EPOCH_S


@behaviour(
    "GetRecommendations",
    "Custom recipes may recommend what the user had before",
    EXACT,
    source="documented, contract §6.1",
)
def test_items_already_read_may_come_again(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign()
    assert {"i1", "i2"} <= set(newsroom.recommended_ids(campaign_arn=campaign_arn, user_id="ann"))


@behaviour(
    "GetRecommendations",
    "Related items, popularity and trends have no scores",
    EXACT,
    source="documented, contract §6.1",
)
@pytest.mark.parametrize(
    ("recipe", "request_ids", "has_scores"),
    [
        ("aws-user-personalization", {"user_id": "ann"}, True),
        ("aws-user-personalization-v2", {"user_id": "ann"}, True),
        ("aws-similar-items", {"item_id": "i4"}, False),
        ("aws-sims", {"item_id": "i4"}, False),
        ("aws-popularity-count", {"user_id": "ann"}, False),
        ("aws-trending-now", {}, False),
    ],
)
def test_scores_are_given_by_the_recipes_that_give_them(
    newsroom: Any, recipe: str, request_ids: dict[str, str], has_scores: bool
) -> None:
    campaign_arn = newsroom.add_campaign(recipe, config={})
    items = newsroom.recommend(campaign_arn=campaign_arn, num_results=3, **request_ids)
    assert len(items) == 3
    assert all(("score" in item) == has_scores for item in items)


@behaviour("GetRecommendations", "Related items never have the item itself", EXACT, source="inferred")
def test_related_items_never_have_the_item_itself(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign("aws-similar-items", config={})
    ids = newsroom.recommended_ids(campaign_arn=campaign_arn, item_id="i4", num_results=3)
    assert ids == ["i3", "i5", "i2"]


@behaviour(
    "GetRecommendations", "An unknown item is no error: popular items come", EXACT, source="documented, contract §6.1"
)
def test_an_unknown_item_gets_what_the_model_has_for_anybody(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign("aws-similar-items", config={})
    assert newsroom.recommended_ids(campaign_arn=campaign_arn, item_id="none", num_results=2) == ["i0", "i1"]
    assert newsroom.model().queries[-1].item_row is None


@behaviour("GetRecommendations", "Metadata are texts under keys in lower case", EXACT, source="observed in a sample")
def test_metadata_has_lower_case_keys_and_texts(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign(config={"enable_metadata_with_recommendations": True})
    put(newsroom, "i3", words=12)
    columns = {"ITEMS": ["CATEGORY", "WORDS", "PRICE"]}
    request = {"campaign_arn": campaign_arn, "user_id": "ann", "num_results": 2, "metadata_columns": columns}
    assert [item["metadata"] for item in newsroom.recommend(**request)] == [
        {"words": "12"},
        {"category": "news|world", "words": "0", "price": "0.0"},
    ]


def refused(newsroom: Any, request: dict[str, Any]) -> PersonalizeException:
    with pytest.raises(PersonalizeException) as raised:
        get_recommendations(newsroom.engine, SCOPE, request)
    return raised.value


@pytest.mark.parametrize(
    ("request_members", "message"),
    [
        ({"num_results": 501}, "numResults is 501; 500 are allowed."),
        (
            {"num_results": 51, "metadata_columns": {"ITEMS": ["WORDS"]}},
            "numResults is 51; 50 are allowed with metadataColumns.",
        ),
        ({"user_id": ""}, "The recipe aws-user-personalization needs a userId."),
        ({"recommender_arn": SCOPE.arn("recommender", "x")}, "Give either campaignArn or recommenderArn."),
        (
            {"metadata_columns": {"ITEMS": ["WORD"]}},
            "The Items dataset has no column 'WORD'. Did you mean 'WORDS'?",
        ),
        (
            {"metadata_columns": {"USERS": ["AGE"]}},
            "metadataColumns has one key, ITEMS, with a list of the Items dataset's columns.",
        ),
        (
            {"metadata_columns": {"ITEMS": ["WORDS"] * 11}},
            "metadataColumns names 11 columns; 10 are allowed.",
        ),
    ],
)
def test_wrong_requests_are_refused(newsroom: Any, request_members: dict[str, Any], message: str) -> None:
    campaign_arn = newsroom.add_campaign(config={"enable_metadata_with_recommendations": True})
    error = refused(newsroom, {"campaign_arn": campaign_arn, "user_id": "ann", **request_members})
    assert (error.code, error.message) == (InvalidInputException.code, message)


@behaviour(
    "GetRecommendations",
    "Context reaches the model by the names of the Interactions dataset's columns; other names are left out",
    EXACT,
    source="documented, contract §6.1; the letter case and what becomes of other names: inferred",
)
@pytest.mark.parametrize(("context", "known"), [({"device": "tv"}, {"DEVICE": "tv"}), ({"WEATHER": "rain"}, {})])
def test_context_reaches_the_model(newsroom: Any, context: dict[str, str], known: dict[str, str]) -> None:
    campaign_arn = newsroom.add_campaign()
    request = {"campaign_arn": campaign_arn, "user_id": "ann", "context": context}
    assert len(newsroom.recommend(**request)) == 10
    assert newsroom.model().queries[-1].context == known


def test_what_is_known_of_the_user_reaches_the_model(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign()
    newsroom.recommend(campaign_arn=campaign_arn, user_id="ann")
    assert newsroom.model().queries[-1].user == {"AGE": 30.0, "PLAN": "gold"}
    newsroom.recommend(campaign_arn=campaign_arn, user_id="nobody")
    assert newsroom.model().queries[-1].user == {}


def test_no_campaign_is_named(newsroom: Any) -> None:
    assert refused(newsroom, {"user_id": "ann"}).message == "Give either campaignArn or recommenderArn."


@pytest.mark.parametrize("member", ["campaign_arn", "recommender_arn"])
def test_an_unknown_arn(newsroom: Any, member: str) -> None:
    arn = SCOPE.arn("campaign", "none")
    error = refused(newsroom, {member: arn, "user_id": "ann"})
    assert (error.code, error.message) == (ResourceNotFoundException.code, f"Resource Arn {arn} does not exist.")


def test_a_campaign_of_another_account(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign()
    with pytest.raises(ResourceNotFoundException, match="does not exist"):
        get_recommendations(
            newsroom.engine, Scope("us-east-1", "000000000000"), {"campaign_arn": campaign_arn, "user_id": "ann"}
        )


@behaviour("GetRecommendations", "A campaign that is not ACTIVE is InvalidInputException", EXACT, source="inferred")
def test_a_campaign_that_is_not_ready(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign(status="CREATE PENDING")
    error = refused(newsroom, {"campaign_arn": campaign_arn, "user_id": "ann"})
    assert (error.code, error.message) == (
        InvalidInputException.code,
        f"The campaign {campaign_arn} is not ACTIVE: it is CREATE PENDING.",
    )


def test_related_items_need_an_item(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign("aws-sims", config={})
    error = refused(newsroom, {"campaign_arn": campaign_arn, "user_id": "ann"})
    assert (error.code, error.message) == (InvalidInputException.code, "The recipe aws-sims needs an itemId.")


def test_a_ranking_campaign_does_not_recommend(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign("aws-personalized-ranking", config={})
    error = refused(newsroom, {"campaign_arn": campaign_arn, "user_id": "ann"})
    assert error.message == ("The recipe aws-personalized-ranking ranks a given list: use GetPersonalizedRanking.")


@behaviour(
    "GetRecommendations",
    "metadataColumns need enableMetadataWithRecommendations, or a recipe that has them anyway",
    EXACT,
    source="documented, contract §6.1",
)
def test_metadata_must_be_enabled(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign()
    request = {"campaign_arn": campaign_arn, "user_id": "ann", "metadata_columns": {"ITEMS": ["WORDS"]}}
    assert "enableMetadataWithRecommendations" in refused(newsroom, request).message


@behaviour(
    "GetRecommendations",
    "Filters that are not ACTIVE, of another dataset group or without a value are refused",
    EXACT,
    source="documented, contract §7.3",
)
def test_filters_that_cannot_be_used(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign()
    elsewhere = SCOPE.arn("dataset-group", "other")
    foreign = newsroom.add_filter("INCLUDE ItemID WHERE Items.WORDS > 1", name="foreign", group=elsewhere)
    pending = newsroom.add_filter("INCLUDE ItemID WHERE Items.WORDS > 1", name="pending", status="CREATE PENDING")
    valued = newsroom.add_filter("INCLUDE ItemID WHERE Items.WORDS > $LEAST", name="valued")
    about_users = newsroom.add_filter("INCLUDE UserID WHERE Users.AGE > 1", name="users")
    expected = {
        SCOPE.arn("filter", "none"): "does not exist",
        foreign: "of the dataset group",
        pending: "is not ACTIVE: it is CREATE PENDING",
        valued: "needs values for LEAST: give them in filterValues.",
        about_users: "is about UserID",
    }
    for filter_arn, part in expected.items():
        error = refused(newsroom, {"campaign_arn": campaign_arn, "user_id": "ann", "filter_arn": filter_arn})
        assert part in error.message
        assert isinstance(error, ResourceNotFoundException) == (part == "does not exist")


def test_a_value_that_is_not_a_number(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign()
    filter_arn = newsroom.add_filter("INCLUDE ItemID WHERE Items.WORDS > $LEAST")
    request = {"campaign_arn": campaign_arn, "user_id": "ann", "filter_arn": filter_arn}
    error = refused(newsroom, request | {"filter_values": {"LEAST": '"many"'}})
    assert (error.code, error.message) == (
        InvalidInputException.code,
        "WORDS is a number: compare it with one number.",
    )


def test_promotions_need_a_filter_and_a_recipe_that_has_them(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign()
    promotion = {"name": "p", "percent_promoted_items": 50}
    error = refused(newsroom, {"campaign_arn": campaign_arn, "user_id": "ann", "promotions": [promotion]})
    assert error.message == "A promotion needs a filterArn and percentPromotedItems."
