"""Young items among the recommended ones."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from personalize_local.runtime import exploration
from tests.behaviours import APPROXIMATED, EXACT, behaviour
from tests.room import NOW
from tests.runtime.sent import NOW_EPOCH_S, put, send


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


@behaviour(
    "GetRecommendations",
    "For exploration, an item without CREATION_TIMESTAMP is as old as its oldest interaction, new where it has none",
    EXACT,
    source="documented, contract §3.4",
)
def test_an_item_of_no_stated_age_is_as_old_as_its_oldest_event(newsroom: Any) -> None:
    # GIVEN items that came with events only, one of which lies before the cut-off
    config = {"item_exploration_config": {"explorationWeight": "1", "explorationItemAgeCutOff": "2"}}
    campaign_arn = newsroom.add_campaign(config=config)
    send(newsroom, "newcomer", user_id="cid")
    send(newsroom, "veteran", user_id="cid", sent_at=NOW - timedelta(days=3))
    send(newsroom, "veteran", user_id="dan")

    # WHEN everything shown is explored THEN the one is among it, the other is not
    lists = [newsroom.recommended_ids(campaign_arn=campaign_arn, user_id="ann", num_results=3) for _ in range(40)]
    assert any("newcomer" in ids for ids in lists)
    assert not any("veteran" in ids for ids in lists)
