"""Products from the copy of one byte an element: never farther off than is said."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_local.models import compact_rows
from personalize_local.models.compact_rows import BLOCK_ROWS, CompactRows, is_large


@given(
    seed=st.integers(0, 10_000),
    row_count=st.sampled_from([1, 5, 300, BLOCK_ROWS, BLOCK_ROWS + 1, 2 * BLOCK_ROWS + 77]),
    width=st.sampled_from([1, 3, 16, 64, 100]),
    spread=st.sampled_from([0.0, 1.0, 4.0]),
    heavy=st.booleans(),
)
def test_no_product_is_farther_off_than_is_said(
    seed: int, row_count: int, width: int, spread: float, heavy: bool
) -> None:
    # GIVEN rows of like and of very different length, with few large elements or none, and one without any length
    rng = np.random.default_rng(seed)
    matrix = rng.standard_cauchy((row_count, width)) if heavy else rng.standard_normal((row_count, width))
    matrix = (matrix * np.exp(spread * rng.standard_normal((row_count, 1)))).astype(np.float32)
    matrix[rng.integers(0, row_count)] = 0.0
    vector = rng.standard_normal(width).astype(np.float32)

    # WHEN they are multiplied
    rows = CompactRows(matrix)
    exact = matrix.astype(np.float64) @ vector.astype(np.float64)
    slack = rows.slack(vector)

    # THEN each is within the slack of the true product, and the exact ones are the true ones
    assert np.abs(rows.products(vector) - exact).max() <= slack
    base = rng.standard_normal(row_count).astype(np.float32)
    np.testing.assert_array_equal(rows.products(vector, base), rows.products(vector) + base)
    some = rng.integers(0, row_count, 10)
    np.testing.assert_allclose(rows.exact(some, vector), exact[some], rtol=1e-4, atol=1e-5 * np.abs(exact).max())


def test_numbers_that_fit_are_exact() -> None:
    numbers = np.arange(-127, 128, dtype=np.float32)
    matrix = np.stack([numbers, numbers[::-1], np.full(255, 127.0, np.float32)])
    vector = np.full(255, -127.0, np.float32)
    np.testing.assert_allclose(CompactRows(matrix).products(vector), matrix @ vector, rtol=1e-6)


def test_a_vector_of_nothing_is_like_nothing() -> None:
    rows = CompactRows(np.ones((3, 4), dtype=np.float32))
    assert rows.products(np.zeros(4, np.float32)).tolist() == [0.0, 0.0, 0.0]
    assert rows.slack(np.zeros(4, np.float32)) == 0.0


def test_travels_and_says_the_same() -> None:
    matrix = np.random.default_rng(1).standard_normal((100, 8)).astype(np.float32)
    rows = CompactRows(matrix)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(rows)).products(matrix[3]), rows.products(matrix[3]))


def test_copies_are_made_of_large_matrices_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compact_rows, "LARGE_FROM", 1000)
    assert is_large(np.empty((100, 10)))
    assert not is_large(np.empty((99, 10)))
    assert not is_large(np.empty((100, compact_rows.WIDEST + 1)))  # its products could leave 32 bits
    assert not is_large(np.empty((100, 0)))
