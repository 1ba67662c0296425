"""What a model of actions is trained on: the six weeks, the situation just before, the minimum of each outcome."""

from __future__ import annotations

import numpy as np
import pytest

from personalize_local.models.conversion import (
    NEVER,
    NO_RESPONSE,
    REFUSED,
    RESPONSE_COUNT,
    SITUATION_COUNT,
    TOOK,
    fit_conversion,
    situations,
)
from personalize_local.store.tables import InteractionTable
from personalize_local.training.action_metrics import area_under_curve, measure
from personalize_local.training.action_training import WINDOW_S, observe

DAY_S = 86_400
NOW_EPOCH_S = 1_700_000_000


def table(rows: list[tuple[str, str, int, str]]) -> InteractionTable:
    """Make a table of (user, item, time, event type), as the store reads it."""
    rows = sorted(rows, key=lambda row: (row[0], row[2]))
    users, items, types = (sorted({row[place] for row in rows}) for place in (0, 1, 3))
    return InteractionTable(
        user_ids=np.array(users, dtype=object),
        item_ids=np.array(items, dtype=object),
        user_row=np.array([users.index(row[0]) for row in rows], dtype=np.int32),
        item_row=np.array([items.index(row[1]) for row in rows], dtype=np.int32),
        timestamp_epoch_s=np.array([row[2] for row in rows], dtype=np.int64),
        event_type=np.array([types.index(row[3]) for row in rows], dtype=np.int16),
        event_types=tuple(types),
    )


def test_the_situation_is_that_of_just_before_the_outcome():
    interactions = table([("ann", "i", NOW_EPOCH_S - 3 * DAY_S, "view"), ("ann", "i", NOW_EPOCH_S, "view")])
    outcomes = table(
        [
            ("ann", "a", NOW_EPOCH_S - 4 * DAY_S, "Viewed"),
            ("ann", "a", NOW_EPOCH_S, "Taken"),
            ("ann", "a", NOW_EPOCH_S + 60, "Not taken"),
            ("bob", "a", NOW_EPOCH_S, "TAKEN"),
        ]
    )
    observed = observe(interactions, outcomes, np.array(["a"], dtype=object), 14 * DAY_S)
    expected = [(NEVER, NO_RESPONSE), (1, REFUSED), (0, TOOK), (NEVER, NO_RESPONSE)]
    assert observed.situation.tolist() == [recency * RESPONSE_COUNT + response for recency, response in expected]
    assert observed.is_taken.tolist() == [False, True, False, True]


@pytest.mark.parametrize(("days", "first"), [(7, False), (8, True)])
def test_what_is_taken_within_the_period_counts_as_taken(days: int, first: bool) -> None:
    """Another action and another user's do not count, nor what was taken before."""
    outcomes = table(
        [
            ("ann", "a", NOW_EPOCH_S - 8 * DAY_S, "VIEWED"),
            ("ann", "a", NOW_EPOCH_S - 7 * DAY_S, "NOT_TAKEN"),
            ("ann", "a", NOW_EPOCH_S, "TAKEN"),
            ("ann", "b", NOW_EPOCH_S + 1, "VIEWED"),
            ("bob", "a", NOW_EPOCH_S - DAY_S, "VIEWED"),
        ]
    )
    observed = observe(table([]), outcomes, np.array(["a", "b"], dtype=object), days * DAY_S)
    assert observed.is_taken_soon.tolist() == [first, True, True, False, False]
    assert observed.is_taken.tolist() == [False, False, True, False, False]


def test_outcomes_of_before_the_six_weeks_other_events_and_unknown_actions_do_not_count():
    outcomes = table(
        [
            ("ann", "a", NOW_EPOCH_S - WINDOW_S - 1, "TAKEN"),
            ("ann", "a", NOW_EPOCH_S - WINDOW_S, "TAKEN"),
            ("ann", "a", NOW_EPOCH_S, "SHARED"),
            ("ann", "other", NOW_EPOCH_S, "TAKEN"),
        ]
    )
    observed = observe(table([]), outcomes, np.array(["a"], dtype=object), 14 * DAY_S)
    assert len(observed.situation) == 1


def test_without_data_there_is_nothing_to_observe():
    observed = observe(table([]), table([]), np.array(["a"], dtype=object), 14 * DAY_S)
    assert len(observed.situation) == 0


@pytest.mark.parametrize(("taken", "refused", "is_known"), [(50, 50, True), (49, 51, False), (51, 49, False)])
def test_a_rate_needs_fifty_of_each(taken, refused, is_known):
    """Source: contract §4.1, documented."""
    is_taken = np.repeat([True, False], [taken, refused])
    rates = fit_conversion(np.zeros(100, dtype=int), np.zeros(100, dtype=int), is_taken, 2, 50)
    assert rates.is_known.tolist() == [is_known, False]
    assert rates.scores(0)[1] == 0.0


def test_a_situation_never_seen_has_the_rate_of_all_and_one_seen_often_its_own():
    is_taken = np.repeat([True, False], [300, 100])
    situation = np.repeat([0, 1], [300, 100])
    rates = fit_conversion(np.zeros(400, dtype=int), situation, is_taken, 1, 50)
    assert rates.scores(SITUATION_COUNT - 1)[0] == pytest.approx(0.75)
    assert rates.scores(0)[0] > 0.95 > 0.2 > rates.scores(1)[0]


def test_recency_has_classes_up_to_never():
    ages_s = np.array([0, DAY_S - 1, DAY_S, 7 * DAY_S, 30 * DAY_S, np.inf])
    response = np.full(len(ages_s), NO_RESPONSE)
    assert (situations(ages_s, response) // RESPONSE_COUNT).tolist() == [0, 0, 1, 2, 3, NEVER]


def test_the_area_under_the_curve_counts_pairs():
    is_positive = np.array([True, True, False, False])
    assert area_under_curve(np.array([0.9, 0.5, 0.5, 0.1]), is_positive) == pytest.approx(3.5 / 4)


def test_where_nothing_was_observed_there_is_nothing_to_measure():
    nothing = observe(table([]), table([]), np.array(["a"], dtype=object), 14 * DAY_S)
    rates = fit_conversion(nothing.action_row, nothing.situation, nothing.is_taken, 1, 50)
    assert set(measure(rates, nothing).values()) == {0.0}
