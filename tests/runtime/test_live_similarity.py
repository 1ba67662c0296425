"""Similar items go on with the events since the training, and with items that came later."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personalize_local.events.put_items import put_items
from personalize_local.models.content import ItemContent
from personalize_local.models.item_similarity import fit_item_similarity
from personalize_local.models.query import Query
from personalize_local.models.sequences import Sequences, sequences_of
from personalize_local.runtime.engine import Engine
from personalize_local.runtime.live_similarity import MAX_PAIRS, LiveSimilarity
from personalize_local.store.tables import MetadataTable
from personalize_local.training.artifact import Artifact
from personalize_local.training.item_content import item_content
from tests.behaviours import APPROXIMATED, behaviour
from tests.room import NOW, SCOPE
from tests.runtime.conftest import CATEGORIES, ITEM_IDS
from tests.runtime.sent import NOW_EPOCH_S, send

BASKETS = st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=6, unique=True), min_size=1, max_size=12)


def trained_on(baskets: list[list[int]], item_count: int) -> Sequences:
    """Arrange what users turned to, an hour before now."""
    users = np.repeat(np.arange(len(baskets)), [len(each) for each in baskets])
    rows = np.array([row for each in baskets for row in each], dtype=np.int32)
    return sequences_of(users, rows, np.full(len(rows), NOW_EPOCH_S - 3600), item_count)


@given(BASKETS)
@settings(max_examples=40, deadline=None)
def test_live_users_in_common_count_as_those_of_a_training_do(baskets: list[list[int]]) -> None:
    """GIVEN a training on some readers WHEN others turn to items THEN these are alike as if trained on all of them."""
    known = len(baskets) // 2
    live = LiveSimilarity(fit_item_similarity(trained_on([[6], *baskets[:known]], 8)), None)
    for user, basket in enumerate(baskets[known:]):
        for row in basket:
            live.add_event(f"reader{user}", row, 1.0, NOW_EPOCH_S, list)
    wanted = fit_item_similarity(trained_on([[6], *baskets], 8))
    nothing = np.empty(0, dtype=np.int64)
    for item in range(6):
        query = Query(item_row=item)
        found = live.view().scores(query, nothing, live.followers(nothing, item))
        np.testing.assert_allclose(found[:6], wanted.scores(query)[:6], atol=1e-5)  # popularity decides between equals


def test_what_was_asked_before_stays_as_it_was() -> None:
    live = LiveSimilarity(fit_item_similarity(trained_on([[0, 1]], 3)), None)
    nothing = np.empty(0, dtype=np.int64)
    view, companions = live.view(), live.followers(nothing, 0)
    before = view.scores(Query(item_row=0), nothing, companions)
    live.add_event("ann", 0, 1.0, NOW_EPOCH_S, list)
    live.add_event("ann", 2, 1.0, NOW_EPOCH_S, list)
    assert live.add_arrivals([{}]) == 1
    np.testing.assert_array_equal(view.scores(Query(item_row=0), nothing, companions), before)
    now = live.view().scores(Query(item_row=0), nothing, live.followers(nothing, 0))
    assert len(now) == 4
    assert now[2] > before[2]


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_PAIRS == 300_000
    monkeypatch.setattr("personalize_local.runtime.live_similarity.MAX_PAIRS", 40)
    live = LiveSimilarity(fit_item_similarity(trained_on([[0]], 100)), None)
    for row in range(100):
        live.add_event("ann", row, 1.0, NOW_EPOCH_S, list)
    assert sum(len(live.followers(np.empty(0), row).rows) for row in range(100)) <= 40
    assert len(live.followers(np.empty(0), 99).rows) == 15  # what was turned to last is remembered


def test_pairs_below_the_least_count_for_nothing() -> None:
    live = LiveSimilarity(fit_item_similarity(trained_on([[0]], 3), min_together=3), None)
    for number in range(3):
        assert not live.followers(np.empty(0), 1).gains.any()
        live.add_event(f"reader{number}", 1, 1.0, NOW_EPOCH_S, list)
        live.add_event(f"reader{number}", 2, 1.0, NOW_EPOCH_S, list)
    assert live.followers(np.empty(0), 1).gains.any()


def described() -> ItemContent:
    """Describe the newsroom's items as its Items dataset does."""
    categories = np.array([CATEGORIES[place % 5] for place in range(10)], dtype=object)
    ids = np.array(ITEM_IDS, dtype=object)
    return item_content(MetadataTable(ids, {"CATEGORY": categories}), ids, ("CATEGORY",), ())


@pytest.fixture
def alike(newsroom: Any) -> Iterator[Any]:
    """Deploy similar items in the newsroom: readers of i0 read i1 too."""
    content = described()
    model = fit_item_similarity(trained_on([[0, 1]] * 6 + [[place] for place in range(2, 10)] * 3, 10), content)
    ids = np.array(ITEM_IDS, dtype=object)
    artifact = Artifact(ids, {each: row for row, each in enumerate(ITEM_IDS)}, model, content=content)
    newsroom.campaign_arn = newsroom.add_campaign("aws-similar-items", config={})
    newsroom.load = lambda folder: artifact
    newsroom.engine = Engine(newsroom.service, np.random.default_rng(7), newsroom.load)
    yield newsroom


@behaviour(
    "PutEvents, GetRecommendations",
    "Items that the same readers turn to now are similar in the next answer, also after a restart",
    APPROXIMATED,
    source="documented for AWS, contract §6.4: similar items change with a training",
)
def test_what_is_read_together_now_is_similar(alike: Any) -> None:
    assert alike.recommended_ids(campaign_arn=alike.campaign_arn, item_id="i0", num_results=1) == ["i1"]
    for number in range(40):
        send(alike, "i0", user_id=f"new{number}", session_id=f"n{number}", sent_at=NOW + timedelta(minutes=1))
        send(alike, "i7", user_id=f"new{number}", session_id=f"n{number}", sent_at=NOW + timedelta(minutes=2))
    assert alike.recommended_ids(campaign_arn=alike.campaign_arn, item_id="i0", num_results=1) == ["i7"]
    alike.engine = Engine(alike.service, np.random.default_rng(7), alike.load)
    assert alike.recommended_ids(campaign_arn=alike.campaign_arn, item_id="i0", num_results=1) == ["i7"]


@behaviour(
    "PutItems, GetRecommendations",
    "An item that was put in a moment ago is similar to what is described alike, and has similar items itself",
    APPROXIMATED,
    source="documented for AWS, contract §6.5: at the next training",
)
def test_new_items_are_similar_to_what_is_described_alike(alike: Any) -> None:
    item = {"item_id": "cup", "properties": json.dumps({"category": "sport", "creationTimestamp": NOW_EPOCH_S})}
    put_items(alike.service, SCOPE, {"dataset_arn": alike.dataset_arn("ITEMS"), "items": [item]})
    sport = {"i2", "i7"}
    assert set(alike.recommended_ids(campaign_arn=alike.campaign_arn, item_id="cup", num_results=2)) == sport
    assert set(alike.recommended_ids(campaign_arn=alike.campaign_arn, item_id="i2", num_results=2)) == {"i7", "cup"}


def test_a_changed_record_changes_what_is_similar(alike: Any) -> None:
    for category in ("sport", "arts"):
        properties = json.dumps({"category": category, "creationTimestamp": NOW_EPOCH_S})
        record = {"item_id": "cup", "properties": properties}
        put_items(alike.service, SCOPE, {"dataset_arn": alike.dataset_arn("ITEMS"), "items": [record]})
        first = alike.recommended_ids(campaign_arn=alike.campaign_arn, item_id="cup", num_results=2)
        assert set(first) == ({"i2", "i7"} if category == "sport" else {"i4", "i9"})
