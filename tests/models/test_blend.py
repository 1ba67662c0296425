"""A blend against the same sum, written out over all items."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from personalize_local.models.blend import Blend, log_lift
from personalize_local.models.cold_items import ColdItems
from personalize_local.models.content import ContentAffinity
from personalize_local.models.decayed_counts import fit_decayed_counts
from personalize_local.models.query import Query, SparseRecommender
from personalize_local.models.sequential_ridge import fit_sequential_ridge
from personalize_local.models.sequential_rules import fit_sequential_rules
from personalize_local.models.sparse_rows import SparseRows
from personalize_local.models.taste import fit_taste
from personalize_local.models.testing import markov_sequences

DATA = markov_sequences(item_count=200)
ITEMS = DATA.item_count


def features() -> SparseRows:
    rng = np.random.default_rng(3)
    column = rng.integers(0, 30, 3 * ITEMS).astype(np.int32)
    return SparseRows(np.arange(ITEMS + 1) * 3, column, np.full(3 * ITEMS, 3**-0.5, np.float32), 30)


def blend() -> Blend:
    rng = np.random.default_rng(4)
    parts = (
        fit_sequential_ridge(DATA),
        fit_sequential_rules(DATA),
        fit_taste(DATA),
        ContentAffinity(features(), 0.95),
    )
    prior = rng.standard_normal(ITEMS, dtype=np.float32)
    weights = rng.random((20, 3), dtype=np.float32)
    neighbours = rng.integers(0, 150, (20, 3)).astype(np.int32)
    share = rng.random(20, dtype=np.float32)
    cold = ColdItems(np.arange(160, 180, dtype=np.int32), neighbours, weights / weights.sum(1, keepdims=True), share)
    popularity = fit_decayed_counts(DATA, ())
    own = {"popularity": popularity, "prior_weights": np.ones(1), "newcomer_weights": -np.ones(1)}
    weighted = np.array([0.5, 0.7, 0.0, 0.3], np.float32)
    return Blend(parts, weighted, prior, -prior, -1.5, cold, -0.7, newcomer_cold_weight=0.0, **own)


def written_out(model: Blend, query: Query) -> np.ndarray:
    total = model.prior.astype(np.float64)
    for part, weight in zip(model.parts, model.weights, strict=True):
        if weight > 0:
            scores = part.scores(query).astype(np.float64)
            total += weight * np.log1p(scores * ITEMS / max(scores.sum(), 1e-30))
    cold = model.cold
    assert cold is not None
    borrowed = (total[cold.neighbours] * cold.weights).sum(axis=1)
    total[cold.rows] = cold.own_share * total[cold.rows] + (1 - cold.own_share) * borrowed
    total[cold.rows] += model.cold_weight * (1 - cold.own_share)
    total[np.unique(query.history_rows)] += model.seen_weight
    return total


@pytest.mark.parametrize("length", [1, 2, 40, 3000])
def test_scores_are_the_sum_of_all_parts_everywhere(length: int) -> None:
    rows = np.tile(DATA.item_row, 2)[:length]
    query = Query(rows, np.arange(length) * 1000)
    model = blend()
    assert [isinstance(part, SparseRecommender) for part in model.parts] == [True, True, True, False]
    expected = written_out(model, query)
    np.testing.assert_allclose(model.scores(query), expected, rtol=1e-4, atol=1e-4)


def test_who_is_unknown_gets_what_newcomers_get() -> None:
    model = blend()
    np.testing.assert_array_equal(model.scores(Query()), model.newcomer_prior)
    alone = replace(model, parts=(), weights=np.empty(0, np.float32), cold=None)
    scores = alone.scores(Query(np.array([3], np.int32), np.array([10])))
    assert np.flatnonzero(scores != model.prior).tolist() == [3]


def test_logarithms_of_some_items_are_those_of_all() -> None:
    scores = np.array([0.0, 2.0, 0.0, 0.5, 0.0], dtype=np.float32)
    np.testing.assert_allclose(log_lift(scores)[[1, 3]], log_lift(scores[[1, 3]], 5))
    assert log_lift(scores)[[0, 2, 4]].tolist() == [0.0, 0.0, 0.0]
    assert log_lift(np.zeros(2, np.float32)).tolist() == [0.0, 0.0]
