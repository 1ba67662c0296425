"""Choosing variants: those that foretell best together, not each alone; by gain, ties against what is foretold."""

from __future__ import annotations

import numpy as np
import pytest

from personalize_local.models.parts import EnsembleSettings, parts_for
from personalize_local.models.slices import newest_slices
from personalize_local.models.testing import markov_sequences
from personalize_local.models.variants import choose_variants, gain, variant_lifts

QUERIES, ITEMS = 40, 30


def lifts_for(rows: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Give lifts [queries, items] that stand out at one item of each query."""
    found = rng.random((len(rows), ITEMS), dtype=np.float32)
    found[np.arange(len(rows)), rows] += strength
    return found


@pytest.fixture
def world() -> tuple[np.ndarray, list[np.ndarray], np.ndarray]:
    """Give what comes next [queries], the same as targets, and nothing seen."""
    wanted = np.random.default_rng(3).integers(ITEMS, size=QUERIES)
    return wanted, [np.array([row]) for row in wanted], np.zeros((QUERIES, ITEMS), dtype=np.float32)


def test_the_better_variant_of_a_part_is_chosen(world: tuple[np.ndarray, list[np.ndarray], np.ndarray]) -> None:
    wanted, targets, seen = world
    rng = np.random.default_rng(0)
    noise, signal = lifts_for(wanted, 0.0, rng), lifts_for(wanted, 5.0, rng)
    assert choose_variants([np.stack([noise, signal]), noise[None]], seen, targets) == [1, 0]
    assert choose_variants([np.stack([signal, noise])], seen, targets) == [0]


def test_what_is_best_together_may_be_worse_alone(world: tuple[np.ndarray, list[np.ndarray], np.ndarray]) -> None:
    """WHEN a variant knows less, but what its neighbour does not THEN it is chosen."""
    wanted, targets, seen = world
    rng = np.random.default_rng(1)
    half, third = np.arange(QUERIES) < 24, np.arange(QUERIES) >= 26
    first = np.where(half[:, None], lifts_for(wanted, 5.0, rng), rng.random((QUERIES, ITEMS))).astype(np.float32)
    same = np.where(half[:, None], lifts_for(wanted, 5.0, rng), rng.random((QUERIES, ITEMS))).astype(np.float32)
    other = np.where(third[:, None], lifts_for(wanted, 5.0, rng), rng.random((QUERIES, ITEMS))).astype(np.float32)
    alone = [gain(np.stack([each, seen], axis=1), targets) for each in (same, other)]
    assert alone[0] > alone[1]
    assert choose_variants([first[None], np.stack([same, other])], seen, targets) == [0, 1]


def test_gain_is_one_for_what_is_on_top_and_ties_count_against_it() -> None:
    features = np.zeros((1, 2, 4), dtype=np.float32)
    assert gain(features, [np.array([2])]) == pytest.approx(1 / np.log2(5))
    features[0, 0] = [0.0, 1.0, 5.0, 0.0]
    assert gain(features, [np.array([2])]) == pytest.approx(1.0)


def test_targets_do_not_stand_in_each_others_way() -> None:
    """Also one that comes twice among what follows."""
    features = np.zeros((1, 2, 4), dtype=np.float32)
    features[0, 0] = [0.0, 4.0, 5.0, 0.0]
    assert gain(features, [np.array([1, 2])]) == pytest.approx(1.0)
    assert gain(features, [np.array([1, 1, 2, 1])]) == pytest.approx(1.0)


def test_lifts_are_of_each_variant_and_query_for_the_columns() -> None:
    steps = markov_sequences()
    cut = newest_slices(steps, 1)[0]
    ridge = parts_for(steps, None, EnsembleSettings())[0]
    columns = np.array([3, 5, 8])
    lifts = variant_lifts(ridge, cut.some(500, 1), cut.queries[:7], columns)
    assert lifts.shape == (len(ridge.variants), 7, 3)
    assert lifts.dtype == np.float32
