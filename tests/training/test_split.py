"""Who is held out, and which events."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from personalize_local.models.sequences import Sequences, sequences_of
from personalize_local.training.split import held_out_users, history_length, hold_out
from tests.behaviours import EXACT, behaviour


def of_lengths(lengths: list[int]) -> Sequences:
    users = np.repeat(np.arange(len(lengths)), lengths)
    return sequences_of(users, np.arange(len(users)), np.arange(len(users)), max(len(users), 1), len(lengths))


@behaviour(
    "GetSolutionMetrics",
    "The newest tenth of each such user's events is to be found",
    EXACT,
    source="documented, contract §5.1",
)
@given(st.integers(2, 5000))
def test_nine_tenths_are_the_history(count: int) -> None:
    """Source: contract §5.1; at least one event on either side."""
    history = history_length(count)
    assert 1 <= history <= count - 1
    assert history == count * 9 // 10 or (history, count) == (1, count)


@behaviour("GetSolutionMetrics", "A tenth of the users is held out", EXACT, source="documented, contract §5.1")
@given(st.lists(st.integers(0, 6), min_size=1, max_size=60), st.integers(0, 5))
def test_a_tenth_of_the_users_is_held_out(lengths: list[int], seed: int) -> None:
    data = of_lengths(lengths)
    chosen = held_out_users(data, seed)
    eligible = sum(length >= 2 for length in lengths)
    assert chosen.sum() == min(max(1, round(sum(length > 0 for length in lengths) / 10)), eligible)
    assert all(lengths[user] >= 2 for user in np.flatnonzero(chosen))
    np.testing.assert_array_equal(held_out_users(data, seed), chosen)


def test_seeds_choose_others() -> None:
    data = of_lengths([5] * 200)
    assert (held_out_users(data, 1) != held_out_users(data, 2)).any()


def test_what_is_relevant() -> None:
    """GIVEN 20 events, one item twice in the newest two THEN it is relevant once, with its highest weight."""
    rows = np.concatenate([np.arange(18), [30, 30]])
    data = sequences_of(np.zeros(20, int), rows, np.arange(20) * 10, 31)
    data.weight[-2:] = [0.5, 2.0]
    (case,) = hold_out(data, np.array([True]))
    assert case.query.history_rows.tolist() == list(range(18))
    assert case.query.item_row == 17
    assert case.query.now_epoch_s == 170
    assert case.relevant_rows.tolist() == [30]
    assert case.relevant_weight.tolist() == [2.0]
