"""What trends goes on with the events since the training, on items that came later too."""

from __future__ import annotations

import json
from datetime import UTC, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personalize_local.events.put_events import put_events
from personalize_local.events.put_items import put_items
from personalize_local.models.query import Query
from personalize_local.models.sequences import sequences_of
from personalize_local.models.trending import Trending, fit_trending
from personalize_local.runtime.engine import Engine
from personalize_local.runtime.live_trending import LiveTrending
from personalize_local.training.artifact import Artifact
from tests.behaviours import APPROXIMATED, behaviour
from tests.room import NOW, SCOPE

NOW_EPOCH_S = int(NOW.timestamp())
ITEM_IDS = [f"i{number}" for number in range(10)]
EVENTS = st.lists(st.tuples(st.integers(0, 11), st.integers(1, 50_000)), min_size=1, max_size=40)


def trained() -> Trending:
    """Fit on steady interest, in i0 most."""
    rows = np.repeat(np.arange(10), np.arange(20, 0, -2))
    times = NOW_EPOCH_S - 86_400 + np.random.default_rng(1).integers(0, 86_000, len(rows))
    return fit_trending(sequences_of(np.arange(len(rows)), rows, times, 10), interval_s=7200.0)


@given(EVENTS)
@settings(max_examples=40, deadline=None)
def test_live_events_count_as_those_of_a_training_do(events: list[tuple[int, int]]) -> None:
    """GIVEN events after the training, on arrivals too THEN the growth is that of a training on all of them."""
    model = trained()
    live = LiveTrending(model)
    live.add_arrivals([{}, {}])
    for row, seconds in events:
        live.add_event("ann", row, 1.0, NOW_EPOCH_S + seconds, list)
    rows, seconds = (np.array(each) for each in zip(*events, strict=True))
    newest = NOW_EPOCH_S + int(seconds.max())
    memories = model.memories.aged(newest)
    counts = np.pad(memories.counts, ((0, 0), (0, 2)))
    for place, half_life_s in enumerate(memories.half_lives_s):
        np.add.at(counts[place], rows, np.exp2(-(newest - NOW_EPOCH_S - seconds) / half_life_s))
    found = live.view().scores(Query(), rows, None)
    np.testing.assert_array_equal(live.view().block_scores([Query(), Query()]), np.stack([found, found]))
    is_known = np.isin(np.arange(12), [*range(10), *rows.tolist()])
    assert np.isneginf(found[~is_known]).all()
    surplus = counts[0] - counts[1] / 12
    growth = surplus / np.sqrt(counts[1] / 12 + 1.0)
    growth[counts[0] < 2.0**-8] = np.minimum(growth, 0.0)[counts[0] < 2.0**-8]
    np.testing.assert_allclose(found[is_known], growth[is_known], atol=2e-3)  # popularity decides between equals


@pytest.fixture
def trends(newsroom: Any) -> Any:
    """Deploy the model in the newsroom."""
    ids = np.array(ITEM_IDS, dtype=object)
    artifact = Artifact(ids, {each: row for row, each in enumerate(ITEM_IDS)}, trained())
    newsroom.campaign_arn = newsroom.add_campaign("aws-trending-now", config={})
    newsroom.load = lambda folder: artifact
    newsroom.engine = Engine(newsroom.service, np.random.default_rng(7), newsroom.load)
    return newsroom


def read(newsroom: Any, item_id: str, count: int) -> None:
    for number in range(count):
        event = {"event_type": "view", "sent_at": (NOW + timedelta(minutes=number)).astimezone(UTC), "item_id": item_id}
        request = {"tracking_id": "tracking-1", "session_id": f"s{number}", "event_list": [event]}
        put_events(newsroom.service, SCOPE, request | {"user_id": f"reader{number}"})


@behaviour(
    "PutEvents, PutItems, GetRecommendations",
    "What readers turn to now is trending in the next answer, items that were put in a moment ago too",
    APPROXIMATED,
    source="documented for AWS, contract §4.1: refreshed at the trend discovery frequency",
)
def test_what_is_read_now_trends(trends: Any) -> None:
    # GIVEN a new item that nobody has turned to
    item = {"item_id": "scoop", "properties": json.dumps({"category": "news", "creationTimestamp": NOW_EPOCH_S})}
    put_items(trends.service, SCOPE, {"dataset_arn": trends.dataset_arn("ITEMS"), "items": [item]})
    assert "scoop" not in trends.recommended_ids(campaign_arn=trends.campaign_arn, num_results=10)

    # WHEN it, and an item that hardly anybody read before, are read by many
    read(trends, "scoop", 12)
    read(trends, "i9", 6)

    # THEN they lead, and do so after a restart
    assert trends.recommended_ids(campaign_arn=trends.campaign_arn, num_results=2) == ["scoop", "i9"]
    trends.engine = Engine(trends.service, np.random.default_rng(7), trends.load)
    assert trends.recommended_ids(campaign_arn=trends.campaign_arn, num_results=2) == ["scoop", "i9"]
