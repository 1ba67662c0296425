"""New items stand as far below a reader's best as they usually do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from personalize_local.models.cold_items import ColdWeights
from personalize_local.models.cold_level import LEAST_NEW, gap_of, gaps_of, usual_gap
from personalize_local.models.content import ItemContent
from personalize_local.models.ensemble import Ensemble, EnsembleSettings
from personalize_local.models.query import Query
from personalize_local.models.sequences import sequences_of

NEW = np.arange(10, 10 + LEAST_NEW)
NOTHING = np.empty(0, dtype=np.int32)


def test_the_gap_is_between_the_best_new_item_and_the_best_that_was_not_seen() -> None:
    scores = np.zeros(10 + LEAST_NEW, dtype=np.float32)
    scores[[2, 3, 12]] = 9.0, 7.0, 4.0
    kept = scores.copy()
    assert gap_of(scores, NEW, NOTHING) == 5.0
    assert gap_of(scores, NEW, np.array([2])) == 3.0
    np.testing.assert_array_equal(scores, kept)


def test_there_is_no_gap_where_there_are_too_few_to_tell() -> None:
    scores = np.zeros(10 + LEAST_NEW, dtype=np.float32)
    assert gap_of(scores, NEW[1:], NOTHING) is None
    assert gap_of(scores, NEW, np.arange(10)) is None
    assert gap_of(np.zeros(LEAST_NEW, np.float32), np.arange(LEAST_NEW), NOTHING) is None
    none = np.zeros((2, 5), dtype=bool)
    gaps = gaps_of(np.zeros((2, 5), dtype=np.float32), none, none)
    assert np.isnan(gaps).all()
    assert usual_gap(gaps) is None
    assert usual_gap(np.array([1.0, np.nan, 2.0])) == 1.5


def test_without_a_gap_nothing_moves() -> None:
    assert ColdWeights().shift(3.0) == 0.0
    assert ColdWeights(gap=1.0).shift(None) == 0.0
    assert ColdWeights(gap=1.0).shift(3.0) == 2.0


def test_each_readers_new_items_are_moved_together(content_of: Callable[[np.ndarray], ItemContent]) -> None:
    """GIVEN readers of a catalogue half of which is new THEN, whatever they read, the best new item is as far below."""
    rng = np.random.default_rng(6)
    readers, known = 80, 60
    kinds = np.arange(2 * known) % 6
    rows = [rng.choice(np.flatnonzero(kinds[:known] == reader % 6), 8, replace=False) for reader in range(readers)]
    data = sequences_of(
        np.repeat(np.arange(readers), 8), np.concatenate(rows), np.arange(8 * readers) * 1000, 2 * known
    )
    model = Ensemble(EnsembleSettings(regularisation=10.0), 1, lambda text, done: None).fit(data, content_of(kinds))
    moved = replace(model, cold_weights=replace(model.cold_weights, gap=0.75))
    asked = [
        Query(rows[reader][:count], np.arange(count) * 1000, now_epoch_s=10**6) for reader, count in ((0, 2), (1, 8))
    ]
    for query, together in zip(asked, moved.block_scores(asked), strict=True):
        scores = moved.scores(query)
        unseen = np.delete(scores[:known], query.history_rows)
        assert float(unseen.max() - scores[known:].max()) == pytest.approx(0.75, abs=1e-5)
        before = replace(model, cold_weights=replace(model.cold_weights, gap=None)).scores(query)
        np.testing.assert_allclose(np.diff(scores[known:]), np.diff(before[known:]), atol=1e-5)
        np.testing.assert_allclose(together, scores, atol=1e-5)
        look = moved.coarse_scores(query)
        assert look.missing is None
        np.testing.assert_array_equal(look.values, scores)
