"""Choose among the ways to fit the parts of a blend: those that foretell best together.

What is best alone need not be best beside others: next to a part that knows a reader's taste, one that looks at the
last two events is worth more than one that looks at ten. And what is most likely need not put what comes next on top: a
blend's weights are the most likely ones, its variants those with the greatest gain.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from personalize_local.models.blend import lift_of
from personalize_local.models.likelihood import MAX_WEIGHT, SEEN_BOUNDS, maximise, mean_targets, nearness
from personalize_local.models.parts import Part
from personalize_local.models.rehearsal import TrainingQuery
from personalize_local.models.sequences import Sequences

MAX_SWEEPS = 3


def variant_lifts(part: Part, steps: Sequences, asked: Sequence[TrainingQuery], columns: np.ndarray) -> np.ndarray:
    """Fit each variant of a part; give what it says of some items: [variants, queries, columns] float32."""
    models = [fit(steps) for fit in part.variants]
    return np.array([[lift_of(model, each.query)[columns] for each in asked] for model in models], dtype=np.float32)


def choose_variants(lifts: Sequence[np.ndarray], seen: np.ndarray, targets: Sequence[np.ndarray]) -> list[int]:
    """Choose a variant of each part, one part after the other beside the others' choices, until none changes.

    Of equals, the first variant is taken.
    Shapes: lifts, for each part [variants, queries, columns]; seen [queries, columns] float32; targets, for each query,
    places among the columns.
    """
    known: dict[tuple[int, ...], float] = {}

    def gain_of(places: Sequence[int]) -> float:
        key = tuple(places)
        if key not in known:
            chosen = [part[place] for part, place in zip(lifts, places, strict=True)]
            known[key] = gain(np.stack([*chosen, seen], axis=1), targets)
        return known[key]

    places = [0] * len(lifts)
    for _ in range(MAX_SWEEPS):
        before = list(places)
        for number, part in enumerate(lifts):
            if len(part) > 1:
                tried = [[*places[:number], place, *places[number + 1 :]] for place in range(len(part))]
                places = max(tried, key=gain_of)
        if places == before:
            break
    return places


def gain(features: np.ndarray, targets: Sequence[np.ndarray]) -> float:
    """Give the mean discounted gain of the targets, 1 / log2(1 + rank), at the most likely weights.

    Shapes: features [queries, features, columns], the last one marks what was seen.
    """
    bounds = [(0.0, MAX_WEIGHT)] * (features.shape[1] - 1) + [SEEN_BOUNDS]
    weights = maximise(features, mean_targets(features, targets), bounds).astype(np.float32)
    return float(np.mean([_gain(weights @ row, wanted) for row, wanted in zip(features, targets, strict=True)]))


def _gain(scores: np.ndarray, targets: np.ndarray) -> float:
    """Give one query's: [columns] scores. Targets do not stand in each other's way; ties count against them."""
    own = scores[np.unique(targets)]
    ranks = [np.count_nonzero(scores >= each) - np.count_nonzero(own >= each) + 1 for each in scores[targets]]
    return float(np.average(1.0 / np.log2(1.0 + np.array(ranks)), weights=nearness(len(targets))))
