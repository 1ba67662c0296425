from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from personalize_local.events.put_events import put_events
from personalize_local.events.put_items import put_items
from personalize_local.runtime import exploration
from personalize_local.runtime.get_recommendations import get_recommendations
from personalize_spec.arns import Scope
from personalize_spec.errors import InvalidInputException, PersonalizeException, ResourceNotFoundException
from tests.behaviours import APPROXIMATED, EXACT, behaviour

SCOPE = Scope("us-east-1", "123456789012")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
NOW_EPOCH_S = int(NOW.timestamp())
ITEM_IDS = [f"i{number}" for number in range(10)]


def send(newsroom: Any, item_id: str, *, user_id: str | None = None, session_id: str = "s1", **event: Any) -> None:
    members = {"event_type": "view", "sent_at": NOW, "item_id": item_id, **event}
    request = {"tracking_id": "tracking-1", "session_id": session_id, "event_list": [members]}
    put_events(newsroom.service, SCOPE, request | ({"user_id": user_id} if user_id else {}))


def put(newsroom: Any, item_id: str, **properties: Any) -> None:
    values = {"creationTimestamp": NOW_EPOCH_S, **properties}
    item = {"item_id": item_id, "properties": json.dumps(values)}
    put_items(newsroom.service, SCOPE, {"dataset_arn": newsroom.dataset_arn("ITEMS"), "items": [item]})


# --- the answer ----------------------------------------------------------------------------------------------------


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


# --- live ----------------------------------------------------------------------------------------------------------


@behaviour(
    "PutEvents, GetRecommendations",
    "An event is in the same reader's next answer",
    EXACT,
    source="documented: within seconds",
)
def test_an_event_is_in_the_same_readers_next_answer(newsroom: Any) -> None:
    # GIVEN a reader's answer
    campaign_arn = newsroom.add_campaign()
    before = newsroom.recommended_ids(campaign_arn=campaign_arn, user_id="ann", num_results=1)

    # WHEN the reader opens another story
    send(newsroom, "i7", user_id="ann")

    # THEN the next answer follows from it, and nobody else's does
    assert before == ["i3"]
    assert newsroom.recommended_ids(campaign_arn=campaign_arn, user_id="ann", num_results=1) == ["i8"]
    assert newsroom.recommended_ids(campaign_arn=campaign_arn, user_id="bob", num_results=1) == ["i6"]


def test_an_event_sent_late_takes_its_place_in_time(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign()
    newsroom.recommend(campaign_arn=campaign_arn, user_id="ann")
    send(newsroom, "i7", user_id="ann", sent_at=datetime.fromtimestamp(NOW_EPOCH_S - 5000, UTC))
    newsroom.recommend(campaign_arn=campaign_arn, user_id="ann")
    assert newsroom.model().queries[-1].history_rows.tolist() == [7, 1, 2]


def test_a_bulk_event_streamed_again_counts_once(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign()
    send(newsroom, "i2", user_id="ann", event_type="read", sent_at=datetime.fromtimestamp(NOW_EPOCH_S - 990, UTC))
    newsroom.recommend(campaign_arn=campaign_arn, user_id="ann")
    assert newsroom.model().queries[-1].history_rows.tolist() == [1, 2]


def test_a_session_without_a_user_is_asked_for_by_its_id(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign()
    send(newsroom, "i4", session_id="anonymous")
    assert newsroom.recommended_ids(campaign_arn=campaign_arn, user_id="anonymous", num_results=1) == ["i5"]


@behaviour(
    "PutEvents, GetRecommendations",
    "Events of a session without a user count for the user who appears in it, at once",
    APPROXIMATED,
    source="documented for AWS: at the next full training",
)
def test_a_sessions_events_become_the_users_who_appears_in_it(newsroom: Any) -> None:
    # GIVEN a reader who is not signed in
    campaign_arn = newsroom.add_campaign()
    send(newsroom, "i4", session_id="visit")
    newsroom.recommend(campaign_arn=campaign_arn, user_id="new")

    # WHEN the reader signs in
    send(newsroom, "i6", session_id="visit", user_id="new", sent_at=datetime.fromtimestamp(NOW_EPOCH_S + 1, UTC))

    # THEN what came before is part of the user's history
    newsroom.recommend(campaign_arn=campaign_arn, user_id="new")
    assert newsroom.model().queries[-1].history_rows.tolist() == [4, 6]


def test_events_about_unknown_items_are_left_out(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign()
    send(newsroom, "nowhere", user_id="ann")
    assert newsroom.recommended_ids(campaign_arn=campaign_arn, user_id="ann", num_results=1) == ["i3"]


def test_only_events_of_the_trained_type_reach_the_model(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign(event_type="read")
    send(newsroom, "i7", user_id="ann")
    newsroom.recommend(campaign_arn=campaign_arn, user_id="ann")
    assert newsroom.model().queries[-1].history_rows.tolist() == [2]


@behaviour(
    "CreateDatasetImportJob, GetRecommendations",
    "Imported data is in filters and histories at once",
    APPROXIMATED,
    source="documented for AWS: within 20 minutes",
)
def test_an_import_shows_in_the_next_answer(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign()
    newsroom.recommend(campaign_arn=campaign_arn, user_id="ann")
    newsroom.import_csv("INTERACTIONS", f"USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\nann,i8,{NOW_EPOCH_S},view\n")
    assert newsroom.recommended_ids(campaign_arn=campaign_arn, user_id="ann", num_results=1) == ["i9"]


# --- items the model does not know ---------------------------------------------------------------------------------


@behaviour(
    "GetRecommendations",
    "Items newer than the model follow the scored ones, newest first, without a score",
    APPROXIMATED,
    source="inferred; documented for AWS: they come in by exploration, within two hours",
)
def test_new_items_follow_the_scored_ones_newest_first(newsroom: Any) -> None:
    # GIVEN a model that knows eight of ten stories, and two more that are put
    campaign_arn = newsroom.add_campaign(item_ids=ITEM_IDS[:8])
    newsroom.recommend(campaign_arn=campaign_arn, user_id="ann")
    put(newsroom, "older", creationTimestamp=NOW_EPOCH_S - 50)
    put(newsroom, "newer", creationTimestamp=NOW_EPOCH_S - 5)

    # WHEN more are asked for than the model knows
    items = newsroom.recommend(campaign_arn=campaign_arn, user_id="ann")

    # THEN the unknown ones come last, without a score; none is missing
    assert [item["item_id"] for item in items[8:]] == ["newer", "older", "i9", "i8"]
    assert ["score" in item for item in items] == [True] * 8 + [False] * 4


@behaviour(
    "PutItems, GetRecommendations",
    "What was put is in filters and metadata at once",
    APPROXIMATED,
    source="documented for AWS: within 20 minutes",
)
def test_a_put_item_has_its_new_columns_at_once(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign()
    filter_arn = newsroom.add_filter('INCLUDE ItemID WHERE Items.CATEGORY IN ("breaking")')
    assert newsroom.recommend(campaign_arn=campaign_arn, user_id="ann", filter_arn=filter_arn) == []
    put(newsroom, "i6", category="breaking|news")
    assert newsroom.recommended_ids(campaign_arn=campaign_arn, user_id="ann", filter_arn=filter_arn) == ["i6"]


# --- exploration ---------------------------------------------------------------------------------------------------


def explored_share(newsroom: Any, weight: str) -> float:
    config = {"item_exploration_config": {"explorationWeight": weight, "explorationItemAgeCutOff": "2"}}
    campaign_arn = newsroom.add_campaign(config=config)
    for number in range(5):
        put(newsroom, f"fresh{number}")
    put(newsroom, "stale", creationTimestamp=NOW_EPOCH_S - 3 * 86_400)
    lists = [newsroom.recommended_ids(campaign_arn=campaign_arn, user_id="ann", num_results=5) for _ in range(200)]
    assert all(len(set(ids)) == 5 for ids in lists)
    assert not any("stale" in ids for ids in lists)
    return float(np.mean([item_id.startswith("fresh") for ids in lists for item_id in ids]))


@behaviour(
    "CreateCampaign, GetRecommendations",
    "Exploration draws young items into the list, with the probability of its weight for each place; the less an item "
    "was shown and turned to, the likelier it is drawn",
    APPROXIMATED,
    source="documented; how much likelier: inferred",
)
@pytest.mark.parametrize(("weight", "lowest", "highest"), [("0", 0, 0), ("0.3", 0.25, 0.35), ("1", 1, 1)])
def test_young_items_take_the_share_of_the_exploration_weight(
    newsroom: Any, weight: str, lowest: float, highest: float
) -> None:
    assert lowest <= explored_share(newsroom, weight) <= highest


def test_scores_fall_also_where_items_are_explored(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign(config={})
    put(newsroom, "fresh")
    for _ in range(20):
        scores = [item["score"] for item in newsroom.recommend(campaign_arn=campaign_arn, user_id="ann", num_results=6)]
        assert scores == sorted(scores, reverse=True)


@behaviour(
    "GetRecommendations",
    "User-Personalization-v2 gives the reasons Promoted item, Exploration and Popular item",
    EXACT,
    source="documented, contract §6.1",
)
def test_the_second_version_says_what_is_explored(newsroom: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert exploration.SECOND_VERSION_WEIGHT == 0.001
    monkeypatch.setattr(exploration, "SECOND_VERSION_WEIGHT", 0.3)
    campaign_arn = newsroom.add_campaign("aws-user-personalization-v2", config={})
    put(newsroom, "fresh")
    found = [newsroom.recommend(campaign_arn=campaign_arn, user_id="ann", num_results=8) for _ in range(20)]
    fresh = [item for items in found for item in items if item["item_id"] == "fresh"]
    assert fresh
    assert all(item == {"item_id": "fresh", "reason": ["Exploration"]} for item in fresh)


# --- filters -------------------------------------------------------------------------------------------------------


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


# --- metadata ------------------------------------------------------------------------------------------------------


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


# --- promotions ----------------------------------------------------------------------------------------------------


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


# --- refusals ------------------------------------------------------------------------------------------------------


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
