"""People who are alike turn to the same things, and somebody new gets what they do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from personalize_local.models.blend import Blend
from personalize_local.models.ensemble import Ensemble, EnsembleSettings
from personalize_local.models.query import Query, Recommender
from personalize_local.models.reader_lift import ReaderLift, fit_reader_lift
from personalize_local.models.readers import describe_readers
from personalize_local.models.sequences import Sequences, sequences_of
from personalize_local.models.testing import RecommenderContract

READERS, ITEMS, READ = 120, 40, 12
PLANS = ("gold", "silver")


def records(count: int = READERS) -> list[dict[str, Any]]:
    """Give every other reader one of two plans, with ages that tell nothing; the last one is not known."""
    rng = np.random.default_rng(2)
    known = [{"PLAN": PLANS[reader % 2], "AGE": float(rng.integers(20, 70))} for reader in range(count - 1)]
    return [*known, {}]


def by_plan() -> Sequences:
    """Make readers who turn to the items of their plan's half nine times of ten, in any order."""
    rng = np.random.default_rng(4)
    half = np.repeat(np.arange(READERS) % 2, READ)
    rows = np.where(rng.random(len(half)) < 0.9, half, 1 - half) + 2 * rng.integers(0, ITEMS // 2, len(half))
    users = np.repeat(np.arange(READERS), READ)
    return sequences_of(users, rows, np.tile(np.arange(READ) * 86_400, READERS) + users, ITEMS)


class TestReaderLift(RecommenderContract):
    def fit(self, sequences: Sequences) -> Recommender:
        return fit_reader_lift(sequences, describe_readers(records(sequences.user_count), sequences.user_count))


def test_words_lift_what_their_people_turn_to() -> None:
    model = fit_reader_lift(by_plan(), describe_readers(records(), READERS))
    gold, silver = (model.lifts(Query(user={"PLAN": plan})) for plan in PLANS)
    assert gold[0::2].min() > 0.2 > -0.2 > gold[1::2].max()
    np.testing.assert_allclose(np.sign(silver), -np.sign(gold))
    assert not model.lifts(Query(user={"PLAN": "bronze"})).any()
    assert not model.lifts(Query()).any()


def test_each_reader_counts_once_for_an_item() -> None:
    users = np.repeat(np.arange(12), 6)
    often = sequences_of(users, np.where(users == 0, 0, users % 3), np.arange(72) * 10_000, 3)
    model = fit_reader_lift(
        often, describe_readers([{"PLAN": "gold" if user < 6 else "none"} for user in range(12)], 12)
    )
    np.testing.assert_allclose(model.lifts(Query(user={"PLAN": "gold"})), 0.0)  # two readers of each item


def test_somebody_new_gets_what_people_alike_turn_to() -> None:
    """GIVEN readers whose plan tells what they like WHEN somebody new with a plan asks THEN it is that plan's half."""
    model = fitted(records())
    assert any(isinstance(part, ReaderLift) for part in model.parts)
    for place, plan in enumerate(PLANS):
        best = np.argsort(-model.scores(Query(user={"PLAN": plan}, now_epoch_s=10**7)))[: ITEMS // 2]
        assert np.mean(best % 2 == place) > 0.9
    np.testing.assert_array_equal(model.scores(Query()), model.scores(Query(user={"PLAN": "bronze"})))


@pytest.mark.parametrize("known", [[], [{"AGE": 20.0 + reader // 2 % 2} for reader in range(READERS)]])
def test_records_that_tell_nothing_change_little(known: list[dict[str, Any]]) -> None:
    model = fitted(known)
    told = model.scores(Query(user={"AGE": 20.0}))
    assert np.abs(told - model.scores(Query())).max() < 0.75


def fitted(known: list[dict[str, Any]]) -> Blend:
    settings = EnsembleSettings(regularisation=10.0)
    return Ensemble(settings, 1, lambda text, done: None, records=known).fit(by_plan(), None)
