"""What arrivals score before they have a record of their own: what the blend gives items without events, for them.

Approximated: how far what arrivals borrow is believed is measured from the mean over the arrivals that borrow, as it
is, in training, from that over the items that are new then.
"""

from __future__ import annotations

import numpy as np

from personalize_local.models.age_lift import AgeLift
from personalize_local.models.blend import Blend, add_lift, borrows
from personalize_local.models.coarse import At
from personalize_local.models.content import ContentAffinity
from personalize_local.models.query import Query
from personalize_local.runtime.arrivals import Ties, sequence_layer


def lent_to_arrivals(blend: Blend, ties: Ties, query: Query, scores: np.ndarray) -> np.ndarray:
    """Score arrivals by what is alike: [arrivals]; scores [items], without what is each item's own."""
    borrowed = ties.borrowed(scores)
    if not len(query.history_rows):
        return borrowed + blend.newcomer_cold_weight
    layer = sequence_layer(blend)
    if layer is not None and ties.vectors is not None:
        vector = layer.encode(query)
        weight = next(float(weight) for part, weight in zip(blend.parts, blend.weights, strict=True) if part is layer)
        borrowed += weight * (ties.vectors @ vector - ties.borrowed_dots(layer.vectors, vector))
    return _believed(blend, ties, borrowed) + blend.cold_weight + _by_content(blend, ties, query)


def lent_missing(blend: Blend, ties: Ties, missing: At) -> np.ndarray:
    """Give what is missing to the exact lent scores of arrivals, where it is to their lenders' own: [arrivals].

    Args: missing: of items, rows [rows] → [rows]; of readers with a history.
    """
    rows, places = np.unique(ties.neighbours, return_inverse=True)
    borrowed = np.einsum("an,an->a", ties.weights, missing(rows)[places.reshape(ties.neighbours.shape)])
    return np.where(ties.alike, _believed(blend, ties, borrowed), 0.0)


def _believed(blend: Blend, ties: Ties, borrowed: np.ndarray) -> np.ndarray:
    """Put what is borrowed nearer to its mean: [arrivals]; who is like nothing borrows nothing, and moves no other."""
    mean = borrowed[ties.alike].mean() if ties.alike.any() else 0.0
    return mean + blend.cold_weights.lent_share * (borrowed - mean)


def _by_content(blend: Blend, ties: Ties, query: Query) -> np.ndarray:
    """Give what likeness to the history, and appeal, count for arrivals: [arrivals]."""
    found = np.zeros(len(ties))
    if ties.features is None:
        return found
    if blend.cold is not None and blend.cold.word_appeal is not None:
        found += blend.cold_weights.appeal * (ties.features @ blend.cold.word_appeal)
    content = next((part for part in blend.parts if isinstance(part, ContentAffinity)), None)
    if content is not None and blend.cold_weights.content > 0:
        found += blend.cold_weights.content * content.lifts_of(ties.features, query)
    return found


def own_of(blend: Blend, query: Query) -> np.ndarray:
    """Give what a blend says of its items that no other borrows: [items]; their age, and whether they were seen."""
    total = np.zeros(len(blend.prior), dtype=np.float32)
    for part, weight in zip(blend.parts, blend.weights, strict=True):
        if not borrows(part):
            add_lift(total, part, query, np.float32(weight))
    total[np.unique(query.history_rows)] += np.float32(blend.seen_weight)
    return total


def ages(blend: Blend, query: Query, born_epoch_s: np.ndarray) -> np.ndarray:
    """Give what a blend adds for the age of items that were born then: [items]."""
    total = np.zeros(len(born_epoch_s), dtype=np.float32)
    for part, weight in zip(blend.parts, blend.weights, strict=True):
        if isinstance(part, AgeLift):
            total += np.float32(weight) * part.of_ages(query.now_epoch_s - born_epoch_s)
    return total
