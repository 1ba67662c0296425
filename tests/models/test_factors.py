"""The factor model, and the product it rests on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from personalize_local.models import row_products as module
from personalize_local.models.factors import Factors
from personalize_local.models.query import Query, Recommender
from personalize_local.models.row_products import row_products
from personalize_local.models.sequences import Sequences
from personalize_local.models.testing import RecommenderContract


class TestFactors(RecommenderContract):
    def fit(self, sequences: Sequences) -> Recommender:
        vectors = np.random.default_rng(1).standard_normal((sequences.item_count, 8), dtype=np.float32)
        return Factors(vectors, np.zeros(sequences.item_count, dtype=np.float32))


def test_what_is_like_the_newest_read_comes_first() -> None:
    model = Factors(np.eye(3, dtype=np.float32), np.zeros(3, dtype=np.float32), decay=0.5)
    scores = model.scores(Query(np.array([0, 2], dtype=np.int32), np.array([1, 2])))
    assert scores == pytest.approx([1 / 3, 0, 2 / 3])


@pytest.mark.parametrize(("rows", "dimension"), [(0, 64), (1, 64), (127, 64), (1000, 64), (301, 10_000)])
def test_products_are_those_of_numpy(rows: int, dimension: int, monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = np.random.default_rng(2).standard_normal((rows, dimension), dtype=np.float32)
    vector = np.random.default_rng(3).standard_normal(dimension, dtype=np.float32)
    expected = matrix @ vector
    np.testing.assert_allclose(row_products(matrix, vector), expected, rtol=1e-4, atol=1e-3)
    monkeypatch.setattr(module, "SHARED_FROM_SIZE", 1)
    np.testing.assert_allclose(row_products(matrix, vector), expected, rtol=1e-4, atol=1e-3)


def test_who_asks_at_the_same_time_shares_a_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """GIVEN many askers of two matrices WHEN they ask at once THEN each has its own product, to the bit."""
    monkeypatch.setattr(module, "SHARED_FROM_SIZE", 1)
    monkeypatch.setattr(module, "PIECE_SIZE", 1 << 12)
    rng = np.random.default_rng(5)
    matrices = [rng.standard_normal((3001, 16), dtype=np.float32) for _ in range(2)]
    vectors = rng.standard_normal((60, 16), dtype=np.float32)
    alone = [row_products(matrices[place % 2], vector) for place, vector in enumerate(vectors)]
    with ThreadPoolExecutor(12) as askers:
        together = list(askers.map(lambda place: row_products(matrices[place % 2], vectors[place]), range(60)))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other)
    assert not module._waiting


def test_a_pass_that_waits_is_joined_by_those_of_its_matrix_only() -> None:
    matrix, other = np.ones((4, 2), np.float32), np.ones((4, 2), np.float32)
    waiting = module._Pass(matrix)
    assert waiting.is_of(matrix[:])
    assert not waiting.is_of(other)
    assert not waiting.is_of(matrix[:3])
