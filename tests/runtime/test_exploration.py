"""Exploration: the chances are those that the draws have, and a policy can be judged by what was logged."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from fractions import Fraction
from math import comb
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from personalize_local.evaluation.off_policy import estimate
from personalize_local.evaluation.policy_log import LoggedItem, read_policy_log
from personalize_local.events.put_events import put_events
from personalize_local.runtime.exploration import BonusOf, Exploration, capped_shares
from personalize_local.runtime.exploration_chances import Numbers, chance_of_other, counts_of
from personalize_local.runtime.get_recommendations import get_recommendations
from personalize_local.runtime.policy_log import PolicyLog
from personalize_local.runtime.ranking import Ranked
from personalize_local.runtime.young_items import bonus_of
from personalize_local.store.datasets import INCREMENTAL
from tests.behaviours import APPROXIMATED, EXACT, behaviour
from tests.room import NOW, SCOPE
from tests.runtime.conftest import NOW_EPOCH_S
from tests.runtime.sent import put

RANKED = [Ranked(row, 1.0 - 0.1 * row) for row in range(6)]


def bonuses(bonus_of_row: Mapping[int, float]) -> BonusOf:
    """Give the bonuses of rows that have these."""
    return lambda rows: np.array([bonus_of_row[row] for row in rows.tolist()])


@pytest.mark.parametrize(
    ("weight", "ranked", "young"),
    [(0.3, RANKED, [10, 11, 12, 13, 14, 15, 16]), (0.6, RANKED, [3, 10, 11]), (0.2, RANKED[:2], [10, 11, 12, 13])],
)
def test_each_place_has_the_chance_that_is_logged(weight: float, ranked: list[Ranked], young: list[int]) -> None:
    # GIVEN many answers of five places
    explored = Exploration(weight, 30.0)
    bonus = dict(zip(young, 1.0 / np.arange(1, len(young) + 1), strict=True))
    rng = np.random.default_rng(1)
    answers = [explored.place(ranked[:5], np.array(young), bonuses(bonus), 5, rng) for _ in range(4000)]

    # THEN no item is twice in one, and each stood at each place as often as its chance there says
    assert all(len({each.row for each in answer}) == 5 for answer in answers)
    found: Counter[tuple[int, int]] = Counter()
    chance_of: dict[tuple[int, int], float] = {}
    for answer in answers:
        for place, each in enumerate(answer):
            found[each.row, place] += 1
            assert chance_of.setdefault((each.row, place), each.propensity) == pytest.approx(each.propensity)
    for key, chance in chance_of.items():
        assert abs(found[key] / 4000 - chance) < 5 * np.sqrt(chance * (1 - chance) / 4000) + 1e-9
    for place in range(5):
        assert sum(chance for (_, there), chance in chance_of.items() if there == place) == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize(("places", "lowest", "highest"), [(5, 0, 5), (7, 2, 6), (6, 0, 2), (500, 0, 500), (500, 0, 3)])
def test_the_chance_of_a_place_counts_every_way_there_is(places: int, lowest: int, highest: int) -> None:
    # GIVEN how many places are explored, by chance
    counts = counts_of(Numbers(places, 0.3, lowest, highest))
    assert counts.chances.sum() == pytest.approx(1.0)
    for place, before in [(0, 0), (places // 2, min(1, highest)), (places - 1, min(2, highest))]:
        # WHEN every count, with all of its ways, is added up in whole numbers
        expected = sum(
            Fraction(comb(place, before) * comb(places - place - 1, count - before), comb(places, count))
            * Fraction(float(counts.chances[count]))
            for count in range(before, len(counts.chances))
        )
        # THEN it is what is given
        assert chance_of_other(counts.chances, places, place, before) == pytest.approx(float(expected), rel=1e-9)


def test_young_items_without_a_score_come_forward_and_are_there_once() -> None:
    ranked = [*RANKED[:3], Ranked(8), Ranked(9)]
    rng = np.random.default_rng(2)
    answers = [
        Exploration(0.5, 30.0).place(ranked, np.array([8, 9]), bonuses({8: 1.0, 9: 1.0}), 5, rng) for _ in range(50)
    ]
    assert all({each.row for each in answer} == {0, 1, 2, 8, 9} for answer in answers)
    assert any(answer[0].row == 9 for answer in answers)
    assert all(each.propensity == 0 for answer in answers for each in answer)


def test_what_was_shown_often_is_drawn_less() -> None:
    shares = capped_shares(np.array([1.0, 0.5, 0.1, 0.1]), 0.5)
    assert shares[0] == pytest.approx(0.5)
    assert shares[0] >= shares[1] > shares[2] == shares[3]
    np.testing.assert_allclose(capped_shares(np.array([1e6, 1.0, 1.0]), 1 / 3), 1 / 3)
    assert shares.sum() == pytest.approx(1.0)


def test_another_policy_is_judged_by_what_was_logged() -> None:
    # GIVEN items that earn clicks by chance, and a log of answers that explore
    rate = np.linspace(0.1, 0.6, 16)
    rng = np.random.default_rng(5)
    explored = Exploration(0.4, 30.0)
    young, bonus_of = np.arange(10, 16), bonuses(dict.fromkeys(range(10, 16), 1.0))
    logged = [
        LoggedItem(f"r{number}", str(each.row), place + 1, each.propensity, float(rng.random() < rate[each.row]))
        for number in range(3000)
        for place, each in enumerate(explored.place(RANKED[:4], young, bonus_of, 4, rng))
    ]

    # WHEN the policy is judged that explores half as much
    other = Exploration(0.2, 30.0)
    answers = [other.place(RANKED[:4], young, bonus_of, 4, rng) for _ in range(3000)]
    target_of = {(str(each.row), place + 1): each.propensity for a in answers for place, each in enumerate(a)}
    value = estimate("half", logged, np.array([target_of.get((each.item_id, each.rank), 0.0) for each in logged]))

    # THEN the interval holds what it earns
    truth = sum(chance * rate[int(item_id)] for (item_id, _), chance in target_of.items())
    low, high = value.ips_interval
    assert low < truth < high
    assert high - low < 0.2 * truth


@behaviour(
    "GetRecommendations",
    "The chance that each item had to stand at its place is logged beside the recommendationId, to judge policies by",
    EXACT,
    source="inferred: AWS is not seen to tell such chances; this is in addition",
)
def test_the_log_of_a_campaign_can_be_evaluated(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign(config={})
    put(newsroom, "fresh")
    request = {"campaign_arn": campaign_arn, "user_id": "ann", "num_results": 4}
    answers = [get_recommendations(newsroom.engine, SCOPE, request) for _ in range(5)]
    newsroom.engine.policy_log.flush()
    items = read_policy_log(newsroom.engine.policy_log.path)
    shown = [(each["recommendation_id"], item["item_id"]) for each in answers for item in each["item_list"]]
    assert [(item.recommendation_id, item.item_id) for item in items] == shown
    assert [item.rank for item in items] == [1, 2, 3, 4] * 5
    assert all(item.user_id is None and 0 < item.propensity < 1 for item in items)


def test_impressions_lower_the_chance_of_an_item(newsroom: Any) -> None:
    # GIVEN two new items, one of which readers saw without turning to it
    config = {"item_exploration_config": {"explorationWeight": "0.5"}}
    campaign_arn = newsroom.add_campaign(config=config)
    put(newsroom, "seen")
    put(newsroom, "unseen")
    event = {"event_type": "view", "sent_at": NOW, "item_id": "i1", "impression": ["i1", "seen"]}
    request = {"tracking_id": "tracking-1", "session_id": "s", "user_id": "bob", "event_list": [event] * 9}
    put_events(newsroom.service, SCOPE, request)
    first = [newsroom.recommended_ids(campaign_arn=campaign_arn, user_id="ann", num_results=1)[0] for _ in range(60)]
    assert first.count("unseen") > 2 * first.count("seen")


IMPRESSIONS = [["i1", "seen"], ["i1", "seen", "later"], []]


def streamed(newsroom: Any) -> None:
    """Send events, each with what was shown."""
    events = [{"event_type": "view", "sent_at": NOW, "item_id": "i3", "impression": shown} for shown in IMPRESSIONS]
    for number, event in enumerate(events):
        put_events(
            newsroom.service,
            SCOPE,
            {"tracking_id": "tracking-1", "session_id": "s", "user_id": f"u{number}", "event_list": [event]},
        )


def imported(newsroom: Any) -> None:
    """Import the same events."""
    rows = [f"u{number},i3,{NOW_EPOCH_S},view,{'|'.join(shown)}\n" for number, shown in enumerate(IMPRESSIONS)]
    header = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,IMPRESSION\n"
    newsroom.import_csv("INTERACTIONS", header + "".join(rows), INCREMENTAL)


@behaviour(
    "CreateDatasetImportJob, GetRecommendations",
    "Items that an imported IMPRESSION column names count as shown, as those of streamed events do",
    APPROXIMATED,
    source="documented for AWS: from the next training on; that they count alike: inferred",
)
@pytest.mark.parametrize("bring", [streamed, imported])
def test_imported_impressions_count_as_streamed_ones(newsroom: Any, bring: Callable[[Any], None]) -> None:
    # GIVEN an item that is put before events show it, and one that is put afterwards
    put(newsroom, "seen")
    put(newsroom, "unseen")
    bring(newsroom)
    newsroom.engine.group_data(newsroom.group_arn)
    put(newsroom, "later")

    # THEN each is the less likely to be explored, the more often it was shown or turned to
    data = newsroom.engine.group_data(newsroom.group_arn)
    rows = data.items.rows(["i3", "i1", "seen", "later", "unseen"])
    np.testing.assert_allclose(1.0 / bonus_of(rows, data), [1 + 3, 1 + 2 + 2, 1 + 2, 1 + 1, 1])


def test_imported_impressions_lower_the_chance_of_an_item(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign(config={"item_exploration_config": {"explorationWeight": "0.5"}})
    put(newsroom, "seen")
    put(newsroom, "unseen")
    rows = [f"u{number},i3,{NOW_EPOCH_S},view,seen|i1\n" for number in range(9)]
    newsroom.import_csv("INTERACTIONS", "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,IMPRESSION\n" + "".join(rows))
    first = [newsroom.recommended_ids(campaign_arn=campaign_arn, user_id="ann", num_results=1)[0] for _ in range(60)]
    assert first.count("unseen") > 2 * first.count("seen")


def test_the_log_is_bounded_and_can_be_switched_off(tmp_path: Path) -> None:
    answer = [{"item_id": "a"}]
    log = PolicyLog(tmp_path / "log", max_bytes=200)
    for number in range(12):
        log.write(f"r{number}", answer, [Ranked(0, propensity=0.5)], 7)
        log.flush()
    files = sorted(path.name for path in (tmp_path / "log").iterdir())
    assert files == ["recommendations.jsonl", *(f"recommendations.jsonl.{number}" for number in (1, 2, 3))]
    assert json.loads(log.path.read_text().splitlines()[-1])["recommendation_id"] == "r11"
    PolicyLog(tmp_path / "off", is_on=False).write("r", answer, [Ranked(0)], 7)
    assert not (tmp_path / "off").exists()
