"""Scores at a first look against those of a plain evaluation, for every kind of model that gives them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from personalize_local.models import compact_rows
from personalize_local.models.blend import Blend
from personalize_local.models.coarse import coarse_scores_of, make_ready
from personalize_local.models.cold_items import ColdItems, ColdWeights
from personalize_local.models.content import ContentAffinity
from personalize_local.models.decayed_counts import fit_decayed_counts
from personalize_local.models.factors import Factors
from personalize_local.models.query import Query, Recommender
from personalize_local.models.returns import fit_returns
from personalize_local.models.sequence_model import SequenceModel
from personalize_local.models.sequential_rules import fit_sequential_rules
from personalize_local.models.sparse_rows import SparseRows
from personalize_local.models.testing import markov_sequences
from tests.sequence_models import sequence_model

DATA = markov_sequences(item_count=200)
ITEMS = DATA.item_count
ROUNDING = 1e-4
HISTORIES = ([3], [5, 9, 5], list(range(40)))


@pytest.fixture(autouse=True)
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compact_rows, "LARGE_FROM", 0)


def factors() -> Factors:
    rng = np.random.default_rng(2)
    return Factors(rng.standard_normal((ITEMS, 8), dtype=np.float32), rng.standard_normal(ITEMS, dtype=np.float32))


def without_vectors(model: Blend) -> Blend:
    """Make the vectors of the sequence layer say nothing, so that a first look at them is not off."""
    layer, *others = model.parts
    assert isinstance(layer, SequenceModel)
    return replace(model, parts=(replace(layer, vectors=np.zeros_like(layer.vectors)), *others))


def blend(*, unknown_count: int = 7, has_cold: bool = True, lent_share: float = 0.4) -> Blend:
    """Blend all kinds of parts; of the cold items, half have no events, and some of their lenders are unknown."""
    rng = np.random.default_rng(4)
    column = rng.integers(0, 30, 3 * ITEMS).astype(np.int32)
    features = SparseRows(np.arange(ITEMS + 1) * 3, column, np.full(3 * ITEMS, 3**-0.5, np.float32), 30)
    parts = (
        sequence_model(ITEMS, unknown_count),
        fit_sequential_rules(DATA),
        ContentAffinity(features, 0.95),
        fit_returns(DATA),
    )
    prior = rng.standard_normal(ITEMS, dtype=np.float32)
    weights = rng.random((20, 3), dtype=np.float32)
    share = np.where(np.arange(20) % 2, rng.random(20, dtype=np.float32), np.float32(0.0))
    neighbours = np.append(rng.integers(0, 150, (20, 2)), np.full((20, 1), ITEMS - 1), axis=1).astype(np.int32)
    cold = ColdItems(
        np.arange(100, 200, 5, dtype=np.int32), neighbours, weights / weights.sum(1, keepdims=True), share,
        rng.standard_normal(20).astype(np.float32), rng.standard_normal(30).astype(np.float32),
    )  # fmt: skip
    return Blend(
        parts, np.array([0.9, 0.7, 0.2, 0.4], np.float32), prior, -prior, -1.5, cold if has_cold else None, -0.7,
        popularity=fit_decayed_counts(DATA, ()), prior_weights=np.ones(1), newcomer_weights=-np.ones(1),
        newcomer_cold_weight=0.0, cold_weights=ColdWeights(0.5, 0.3, lent_share, -0.2),
    )  # fmt: skip


MODELS = {
    "factors": factors(),
    "blend": blend(),
    "all items known": blend(unknown_count=0),
    "no item known": blend(unknown_count=ITEMS),
    "nothing learnt of items": without_vectors(blend(unknown_count=0)),
    "nobody cold": blend(has_cold=False),
    "cold items believed": blend(lent_share=1.0),
    "every event a step": replace(blend(), has_echoes=True),
    "without a sequence layer": replace(blend(), weights=np.array([0.0, 0.7, 0.2, 0.4], np.float32)),
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("history", HISTORIES)
def test_a_first_look_is_off_by_no_more_than_it_says(name: str, history: list[int]) -> None:
    model: Recommender = MODELS[name]
    query = Query(np.array(history, np.int32), np.arange(len(history)) * 1000, now_epoch_s=50_000)
    make_ready(model)
    exact, look = model.scores(query), coarse_scores_of(model, query)
    # Alike for all items, the divisor of the likelihoods is left out, and may be off: it moves none past another.
    moved = float(np.median(look.exact(np.arange(ITEMS)) - exact))
    assert abs(moved + look.constant()) <= look.slack + ROUNDING
    np.testing.assert_allclose(look.exact(np.arange(ITEMS)), exact + moved, atol=ROUNDING)
    assert np.abs(look.values - exact - moved).max() <= look.slack + ROUNDING
    some = np.array([ITEMS - 1, 195, 3, 100, 101])
    np.testing.assert_allclose(look.exact(some), exact[some] + moved, atol=ROUNDING)


@pytest.mark.parametrize("name", MODELS)
def test_strangers_have_exact_scores_at_once(name: str) -> None:
    look = coarse_scores_of(MODELS[name], Query())
    assert (look.slack, look.missing, look.constant()) == (0.0, None, 0.0)
    np.testing.assert_array_equal(look.values, MODELS[name].scores(Query()))


@pytest.mark.parametrize("name", MODELS)
def test_few_items_have_exact_scores_at_once(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compact_rows, "LARGE_FROM", 1 << 22)
    query = Query(np.array([3, 4], np.int32), np.array([10, 20]))
    look = coarse_scores_of(MODELS[name], query)
    assert (look.missing, look.constant()) == (None, 0.0)
    np.testing.assert_array_equal(look.values, MODELS[name].scores(query))
