"""Sums a block at a time against plain ones."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_local.models.blockwise import BLOCK_ITEMS, add_times, exp_sum, log_exp_sum

COUNTS = [1, 7, BLOCK_ITEMS, BLOCK_ITEMS + 1, 3 * BLOCK_ITEMS + 5]


@given(
    seed=st.integers(0, 1000),
    count=st.sampled_from(COUNTS),
    spread=st.sampled_from([0.0, 1.0, 100.0, 1e6]),
    order=st.sampled_from(["as it comes", "ascending", "descending"]),
    missing_ratio=st.sampled_from([0.0, 0.5]),
)
def test_the_sum_is_that_over_all_values_at_once(
    seed: int, count: int, spread: float, order: str, missing_ratio: float
) -> None:
    rng = np.random.default_rng(seed)
    values = (spread * rng.standard_normal(count)).astype(np.float32)
    values = {"as it comes": values, "ascending": np.sort(values), "descending": -np.sort(-values)}[order]
    values[: int(missing_ratio * count)] = -np.inf
    top, total = exp_sum(values)
    assert top == values.max()
    assert total == pytest.approx(np.exp(values.astype(np.float64) - top).sum(), rel=1e-4)
    assert log_exp_sum(values) == pytest.approx(top + math.log(total))


@pytest.mark.parametrize("broken", [np.nan, np.inf])
@pytest.mark.parametrize("place", [0, BLOCK_ITEMS, 2 * BLOCK_ITEMS])
def test_there_is_no_sum_of_what_is_not_finite(broken: float, place: int) -> None:
    values = np.zeros(2 * BLOCK_ITEMS + 1, dtype=np.float32)
    values[place] = broken
    assert math.isnan(exp_sum(values)[1])


@pytest.mark.parametrize("count", [0, 5, 2 * BLOCK_ITEMS])
def test_nothing_adds_up_to_nothing(count: int) -> None:
    assert exp_sum(np.full(count, -np.inf, dtype=np.float32)) == (-math.inf, 0.0)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_times_is_added_to_a_base_and_in_place(count: int, kind: type[np.floating]) -> None:
    rng = np.random.default_rng(count)
    base, values = rng.standard_normal(count).astype(kind), rng.standard_normal(count, dtype=np.float32)
    found, given_base = np.empty(count, dtype=np.float32), base.copy()
    add_times(base, values, 0.7, found)
    np.testing.assert_allclose(found, base + 0.7 * values, atol=1e-5)
    np.testing.assert_array_equal(base, given_base)
    add_times(found, values, -0.7, found)
    np.testing.assert_allclose(found, base, atol=1e-5)
