"""Items that are turned to more at some ages than at others."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from personalize_local.models.age_lift import EDGES_S, AgeLift, fit_age_lift
from personalize_local.models.query import Query
from personalize_local.models.sequences import Sequences, sequences_of
from personalize_local.models.testing import DAY_S, RecommenderContract

HOUR_S = 3600


class TestAgeLift(RecommenderContract):
    def fit(self, sequences: Sequences) -> AgeLift:
        return fit_age_lift(sequences, np.full(sequences.item_count, np.nan))


def news() -> tuple[Sequences, np.ndarray]:
    """Make forty articles, one each three hours, that are read once every two minutes for their first six hours."""
    born = np.repeat(np.arange(40) * 3 * HOUR_S, 180)
    epoch_s = born + np.tile(np.arange(180) * 120, 40)
    order = np.argsort(epoch_s, kind="stable")
    rows = np.repeat(np.arange(40), 180)[order]
    return sequences_of(np.zeros(len(rows), dtype=np.int64), rows, epoch_s[order], 42), np.arange(42) * 3.0 * HOUR_S


def test_what_is_young_is_turned_to_and_what_is_old_is_not() -> None:
    data, created = news()
    created[41] = np.nan
    model = fit_age_lift(data, created)
    lifts = model.lifts(Query(now_epoch_s=int(created[40]) + HOUR_S // 2))
    assert lifts[40] > 2.0  # half an hour old, and never touched
    assert lifts[0] < -2.0  # five days old
    assert lifts[41] == 0.0  # of unknown age


def test_an_item_without_creation_is_as_old_as_its_first_event() -> None:
    data, created = news()
    now = Query(now_epoch_s=int(created[39]))
    unknown = np.full(len(created), np.nan)
    np.testing.assert_array_equal(
        fit_age_lift(data, unknown).lifts(now)[:40],
        fit_age_lift(data, np.append(created[:40], [np.nan] * 2)).lifts(now)[:40],
    )


def test_ages_are_counted_from_when_they_are_asked_for() -> None:
    model = AgeLift(np.array([0.0, np.nan, 2.0 * DAY_S]), np.array([DAY_S * 1.0]), np.array([0.5, -0.5], np.float32))
    assert model.lifts(Query(now_epoch_s=DAY_S - 1)).tolist() == [0.5, 0.0, 0.5]
    assert model.lifts(Query(now_epoch_s=3 * DAY_S)).tolist() == [-0.5, 0.0, -0.5]


@given(
    seed=st.integers(0, 1000),
    item_count=st.sampled_from([0, 1, 3, 200]),
    steps_s=st.lists(st.sampled_from([0, 1, 60, -60, HOUR_S, DAY_S, -DAY_S, 1000 * DAY_S, -1000 * DAY_S]), max_size=12),
)
def test_lifts_are_those_of_the_ages_however_time_goes(seed: int, item_count: int, steps_s: list[int]) -> None:
    # GIVEN items of which some were born at the same moment, some at an unknown one, some are to come
    rng = np.random.default_rng(seed)
    born = rng.integers(-50, 50, item_count) * (HOUR_S / 2)
    born[rng.random(item_count) < 0.2] = np.nan
    model = AgeLift(born, EDGES_S, rng.standard_normal(len(EDGES_S) + 1).astype(np.float32))

    # WHEN the same model is asked at one moment after the other, and each answer is written to
    for now_epoch_s in np.cumsum([0, *steps_s]).tolist():
        lifts = model.lifts(Query(now_epoch_s=now_epoch_s))

        # THEN each item has the lift of its age
        np.testing.assert_array_equal(lifts, model.of_ages(now_epoch_s - born))
        lifts[:] = 7.0
