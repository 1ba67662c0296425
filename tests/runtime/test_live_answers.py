"""Events, imports and items that came a moment ago, in the next answer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.behaviours import APPROXIMATED, EXACT, behaviour
from tests.runtime.conftest import ITEM_IDS
from tests.runtime.sent import NOW_EPOCH_S, put, send


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
