"""What happens after the training: live popularity, live rules, arrivals, and that all of it survives a restart."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from personalize_local.events.put_events import put_events
from personalize_local.events.put_items import put_items
from personalize_local.models.blend import Blend
from personalize_local.models.blend_weights import BlendWeights
from personalize_local.models.context_lift import fit_context_lift
from personalize_local.models.decayed_counts import fit_decayed_counts
from personalize_local.models.ensemble import assemble
from personalize_local.models.query import Query
from personalize_local.models.sequences import sequences_of
from personalize_local.models.sequential_rules import fit_sequential_rules
from personalize_local.models.vocabulary import Vocabulary
from personalize_local.runtime.engine import Engine
from personalize_local.runtime.live_counts import LiveCounts, with_popularity
from personalize_local.runtime.live_model import LiveModel
from personalize_local.runtime.live_pairs import LivePairs
from personalize_local.store.tables import MetadataTable
from personalize_local.training.artifact import Artifact
from personalize_local.training.item_content import item_content
from tests.behaviours import APPROXIMATED, behaviour
from tests.room import NOW, SCOPE

NOW_EPOCH_S = int(NOW.timestamp())
DAY_S = 86_400
ITEM_IDS = [f"i{number}" for number in range(10)]
CATEGORIES = [["news|world", "news", "sport", "sport|world", "arts"][place % 5] for place in range(10)]


def trained(half_lives_s: tuple[float, ...] = (3600.0,)) -> Blend:
    """Fit a small blend by hand: rules and popularity; i0 is the most popular item, i9 the least."""
    rng = np.random.default_rng(3)
    share = np.linspace(2.0, 0.5, 10) / np.linspace(2.0, 0.5, 10).sum()
    rows = rng.choice(10, size=(20, 6), p=share).ravel()
    users = np.repeat(np.arange(20), 6)
    steps = sequences_of(users, rows, NOW_EPOCH_S - 4000 + np.arange(120) * 30, 10)
    memories = 1 + len(half_lives_s)
    weights = BlendWeights(
        parts=np.array([0.5], dtype=np.float32),
        priors=np.full(memories, 0.5),
        newcomer_priors=np.full(memories, 0.5),
        seen=-1.0,
        cold=0.0,
        newcomer_cold=0.0,
    )
    return assemble([fit_sequential_rules(steps)], weights, fit_decayed_counts(steps, half_lives_s), None)


@pytest.fixture
def front(newsroom: Any) -> Any:
    """Deploy the blend in the newsroom; its campaign is `front`."""
    columns = {"CATEGORY": np.array(CATEGORIES, dtype=object)}
    ids = np.array(ITEM_IDS, dtype=object)
    content = item_content(MetadataTable(ids, columns), ids, ("CATEGORY",), ())
    artifact = Artifact(ids, {each: row for row, each in enumerate(ITEM_IDS)}, trained(), content=content)
    newsroom.add_campaign()
    newsroom.load = lambda folder: artifact
    newsroom.engine = Engine(newsroom.service, np.random.default_rng(7), newsroom.load)
    return newsroom


def read(newsroom: Any, *item_ids: str, user_id: str, minutes: float = 10) -> None:
    for place, item_id in enumerate(item_ids):
        sent_at = datetime.fromtimestamp(NOW_EPOCH_S + 60 * minutes + place, UTC)
        event = {"event_type": "view", "sent_at": sent_at, "item_id": item_id}
        request = {"tracking_id": "tracking-1", "session_id": f"s-{user_id}", "event_list": [event]}
        put_events(newsroom.service, SCOPE, request | {"user_id": user_id})


def ids_for(newsroom: Any, user_id: str, **request: Any) -> list[str]:
    return newsroom.recommended_ids(campaign_arn=SCOPE.arn("campaign", "front"), user_id=user_id, **request)


def scores_for(newsroom: Any, user_id: str) -> dict[str, float | None]:
    items = newsroom.recommend(campaign_arn=SCOPE.arn("campaign", "front"), user_id=user_id)
    return {item["item_id"]: item.get("score") for item in items}


@behaviour(
    "PutEvents, GetRecommendations",
    "What readers turn to is more popular in everybody's next answer",
    APPROXIMATED,
    source="documented for AWS: the reader's own answers at once, everybody's after the next training",
)
def test_what_is_read_now_is_popular_for_everybody_at_once(front: Any) -> None:
    before = ids_for(front, "stranger")
    assert before[-1] == "i9"
    for number in range(25):
        read(front, "i9", user_id=f"reader{number}")
    assert ids_for(front, "stranger")[0] == "i9"
    assert ids_for(front, "bob").index("i9") < 3


def test_what_was_read_after_something_is_recommended_to_its_next_readers(front: Any) -> None:
    read(front, "i7", user_id="new")
    before = scores_for(front, "new")
    for number in range(5):
        read(front, "i7", "i8", user_id=f"reader{number}")
    after = scores_for(front, "new")
    others = [after[item] / before[item] for item in ITEM_IDS[:7]]
    popular = scores_for(front, "stranger")
    assert after["i8"] / before["i8"] > 1.5 * max(others)
    assert popular["i8"] < after["i8"]


def test_the_situation_counts_once_for_a_reader_without_a_history() -> None:
    """GIVEN articles read on phones WHEN a newcomer asks from a phone THEN the live view adds nothing to the model."""
    vocabulary = Vocabulary(context={"DEVICE": ("desktop", "phone")})
    codes = (np.arange(120) % 2)[:, None]  # items of odd rows are read on phones
    steps = sequences_of(np.repeat(np.arange(20), 6), np.arange(120) % 10, NOW_EPOCH_S + np.arange(120), 10)
    steps = replace(steps, context_code=codes, vocabulary=vocabulary)
    counts, lift = fit_decayed_counts(steps, ()), fit_context_lift(steps)
    shares = {"parts": np.array([0.7]), "priors": np.array([0.5]), "newcomer_priors": np.array([1.0])}
    blend = assemble([lift], BlendWeights(**shares, seen=-1.0, cold=0.0, newcomer_cold=0.0), counts, None)
    ids = np.array(ITEM_IDS, dtype=object)
    view = LiveModel(Artifact(ids, {each: row for row, each in enumerate(ITEM_IDS)}, blend)).view()
    nobody = np.empty(0, dtype=np.int32)
    phone = Query(nobody, nobody, now_epoch_s=NOW_EPOCH_S, context={"device": "phone"})
    expected = blend.newcomer_prior + np.float32(0.7) * lift.lifts(phone)
    assert lift.lifts(phone).any()
    np.testing.assert_allclose(view.scores(phone, nobody, None), expected, rtol=1e-5)


def test_live_counts_survive_a_restart(front: Any) -> None:
    for number in range(4):
        read(front, "i5", "i9", "i2", user_id=f"reader{number}")
    read(front, "i5", user_id="new")
    before = scores_for(front, "new")
    front.engine = Engine(front.service, np.random.default_rng(7), front.load)
    assert scores_for(front, "new") == before


def test_events_older_than_the_training_count_only_for_their_reader(front: Any) -> None:
    before = scores_for(front, "stranger")
    for number in range(5):
        read(front, "i9", user_id=f"reader{number}", minutes=-60)
    assert scores_for(front, "stranger") == before


@behaviour(
    "PutItems, GetRecommendations",
    "A new item has a score at once, by items that are described alike, then by its own events",
    APPROXIMATED,
    source="documented for AWS: within two hours, by exploration",
)
def test_a_new_item_is_scored_by_what_is_like_it(front: Any) -> None:
    # GIVEN two new items, one described like the items i2 and i7, one like nothing
    for item_id, category in (("match", "sport"), ("riddle", "puzzle")):
        properties = json.dumps({"category": category, "creationTimestamp": NOW_EPOCH_S})
        item = {"item_id": item_id, "properties": properties}
        put_items(front.service, SCOPE, {"dataset_arn": front.dataset_arn("ITEMS"), "items": [item]})

    # THEN the first stands among the others with a score, the second behind them without
    scores = scores_for(front, "stranger")
    alike = [scores["i2"], scores["i7"], scores["i3"], scores["i8"]]
    assert min(alike) < scores["match"] < max(alike)
    assert scores["riddle"] is None

    # WHEN both are read by many
    for number in range(25):
        read(front, "match", "riddle", user_id=f"reader{number}")

    # THEN both are what is popular
    assert set(ids_for(front, "stranger", num_results=2)) == {"match", "riddle"}
    assert abs(sum(score or 0.0 for score in scores_for(front, "stranger").values()) - 1.0) < 1e-5


def test_an_item_described_anew_is_scored_anew(front: Any) -> None:
    def put(category: str) -> float:
        item = {"item_id": "piece", "properties": json.dumps({"category": category, "creationTimestamp": NOW_EPOCH_S})}
        put_items(front.service, SCOPE, {"dataset_arn": front.dataset_arn("ITEMS"), "items": [item]})
        return float(scores_for(front, "stranger")["piece"] or 0.0)

    first = put("arts")
    assert put("news|world") != first
    assert put("arts") == first


def test_an_item_that_only_events_know_takes_part(front: Any) -> None:
    for number in range(25):
        read(front, "leak", user_id=f"reader{number}")
    assert ids_for(front, "stranger", num_results=1) == ["leak"]


def test_live_counts_add_up_to_the_counts_of_one_training() -> None:
    # GIVEN live events soon after the training, counted one by one
    blend = trained()
    live = LiveCounts(blend)
    events = [(9, NOW_EPOCH_S + 10), (9, NOW_EPOCH_S + 20), (4, NOW_EPOCH_S + 20)]
    for row, epoch_s in events:
        live.add(row, 1.0, epoch_s)
    shares = live.shares()
    prior = blend.prior.copy()
    prior[shares.rows] += shares.known

    # THEN the prior is that of all events counted at once, up to what is the same for all items
    rows, times = (np.array(column) for column in zip(*events, strict=True))
    together = replace(blend.popularity, at_epoch_s=NOW_EPOCH_S + 20).plus(rows, np.ones(3), times)
    expected = with_popularity(blend, together).prior
    np.testing.assert_allclose(prior - prior.mean(), expected - expected.mean(), atol=1e-4)


def test_old_popularity_fades_no_faster_than_new_events_come() -> None:
    # GIVEN one event a year after the training
    blend = trained()
    late = LiveCounts(blend)
    late.add(9, 1.0, NOW_EPOCH_S + 365 * DAY_S)
    late.shares()

    # THEN what was popular then still is; WHEN many come, it is not
    np.testing.assert_array_equal(late.blend.prior, blend.prior)
    for _ in range(2000):
        late.add(9, 1.0, NOW_EPOCH_S + 365 * DAY_S)
    assert late.shares() is not None
    assert late.blend.popularity.counts[1, 0] < 0.01 * blend.popularity.counts[1, 0]
    assert np.argmax(late.blend.prior) == 9
    np.testing.assert_array_equal(late.blend.popularity.counts[0, :9], blend.popularity.counts[0, :9])  # of all time


def test_pairs_are_bounded_and_forget_what_nobody_turned_to_for_longest() -> None:
    pairs = LivePairs(max_pairs=3)
    for row in range(6):
        pairs.add("bob", 100 + row, 1.0)
    assert len(pairs) <= 3
    assert pairs.after(np.array([100]), np.array([1.0])) == {}
    assert 105 in pairs.after(np.array([104]), np.array([1.0]))
