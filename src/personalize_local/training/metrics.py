"""The metrics of a solution version, from ranked lists. Source: contract §5.2, documented with worked examples there.

Shapes: `hits` [K] is the gain of each recommended item in order, 0 for a miss; `ideal` the gains of all relevant items.
"""

from __future__ import annotations

import numpy as np


def discounts(length: int) -> np.ndarray:
    """Give the weight of each position from 1: 1 / log2(1 + position)."""
    return 1.0 / np.log2(np.arange(2, length + 2))


def reciprocal_rank(hits: np.ndarray) -> float:
    """Give 1 / the position of the first hit, 0 without one."""
    places = np.flatnonzero(hits)
    return 1.0 / (int(places[0]) + 1) if len(places) else 0.0


def ndcg(hits: np.ndarray, ideal: np.ndarray, k: int) -> float:
    """Give discounted gain over that of the best order of all relevant items, for the first k."""
    best = np.sort(ideal)[::-1][:k]
    return float(discounts(len(hits[:k])) @ hits[:k] / (discounts(len(best)) @ best)) if best.sum() else 0.0


def precision(hits: np.ndarray, k: int) -> float:
    """Give the share of hits among the first k."""
    return float(np.count_nonzero(hits[:k])) / k


def ranking(scores: np.ndarray, count: int) -> np.ndarray:
    """Give the rows of the best `count` items, best first; equal scores keep the order of the catalogue."""
    count = min(count, len(scores))
    if not count:
        return np.empty(0, dtype=np.int64)
    worst = np.partition(scores, len(scores) - count)[len(scores) - count]
    above = np.flatnonzero(scores > worst)
    tied = np.flatnonzero(scores == worst)[: count - len(above)]
    rows = np.sort(np.concatenate([above, tied]))
    return rows[np.argsort(-scores[rows], kind="stable")]
