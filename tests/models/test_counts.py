"""Statistics of parts of the users add up to those of all, and are what their definition says."""

from __future__ import annotations

import numpy as np
import pytest

from personalize_local.models.sequences import Sequences
from personalize_local.models.sequential_ridge import RidgeCounts, ridge_counts
from personalize_local.models.sequential_rules import RuleCounts, rule_counts
from personalize_local.models.taste import TasteCounts, taste_counts
from personalize_local.models.testing import markov_sequences


def weighted_sequences() -> Sequences:
    data = markov_sequences(user_count=30, length=12)
    data.weight[:] = 1.0 + np.arange(len(data.weight)) % 3
    return data


def begin(kind: type, item_count: int) -> RidgeCounts | RuleCounts | TasteCounts:
    head = np.arange(0, item_count, 2, dtype=np.int32)
    if kind is RidgeCounts:
        return ridge_counts(head, item_count, 7, 0.7)
    return rule_counts(item_count, 7) if kind is RuleCounts else taste_counts(head, item_count)


def dense(counts: RidgeCounts | RuleCounts | TasteCounts) -> np.ndarray:
    """Give all numbers of some counts."""
    if isinstance(counts, RuleCounts):
        return np.concatenate([counts.together.toarray().ravel(), counts.counts])
    arrays = [counts.gram] if isinstance(counts, TasteCounts) else [counts.gram, counts.target]
    return np.concatenate([array.ravel() for array in arrays])


@pytest.mark.parametrize("kind", [RidgeCounts, RuleCounts, TasteCounts])
def test_counts_of_parts_add_up(kind: type) -> None:
    data = weighted_sequences()
    whole, merged = begin(kind, data.item_count), begin(kind, data.item_count)
    whole.add(data)
    for block in data.blocks(50):
        part = begin(kind, data.item_count)
        part.add(block)
        merged.merge(part)
    np.testing.assert_allclose(dense(merged), dense(whole), rtol=1e-5, atol=1e-5)


def test_ridge_counts_are_products_of_histories() -> None:
    """GIVEN every event's decayed history, written out THEN the counts are their products."""
    data = weighted_sequences()
    counts = begin(RidgeCounts, data.item_count)
    counts.add(data)
    x, y = np.zeros((len(data.item_row), data.item_count)), np.zeros((len(data.item_row), data.item_count))
    for user in range(data.user_count):
        here = data.of(user)
        for later in range(here.start, here.stop):
            y[later, data.item_row[later]] = 1.0
            for earlier in range(max(here.start, later - counts.window), later):
                x[later, data.item_row[earlier]] += counts.decay ** (later - earlier - 1)
    head = np.arange(0, data.item_count, 2)
    weighted = (x * data.weight[:, None]).T
    np.testing.assert_allclose(counts.gram + counts.gram.T, (weighted @ x)[np.ix_(head, head)], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(counts.target, (weighted @ y)[np.ix_(head, head)], rtol=1e-4, atol=1e-4)


def test_too_many_pairs_lose_the_rarest(monkeypatch: pytest.MonkeyPatch) -> None:
    data = weighted_sequences()
    whole, bounded = begin(RuleCounts, data.item_count), begin(RuleCounts, data.item_count)
    whole.add(data)
    monkeypatch.setattr("personalize_local.models.sequential_rules.MAX_PAIRS", 300)
    bounded.add(data)
    assert bounded.together.nnz <= 300 < whole.together.nnz
    assert bounded.together.data.min() >= np.median(whole.together.data)
