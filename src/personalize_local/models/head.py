"""The head of a catalogue: the items seen often enough for dense statistics."""

from __future__ import annotations

import numpy as np


def head_of(counts: np.ndarray, *, min_count: float, cap: int) -> np.ndarray:
    """Choose the rows of the most frequent items, at most `cap` of them, each with `min_count` or more; sorted.

    Ties in frequency go to the lower row.
    """
    ranked = np.argsort(-counts, kind="stable")[:cap]
    return np.sort(ranked[counts[ranked] >= min_count]).astype(np.int32)


def place_in_head(head: np.ndarray, item_count: int) -> np.ndarray:
    """Give each item's place in the head, -1 for the others: [items] int32."""
    places = np.full(item_count, -1, dtype=np.int32)
    places[head] = np.arange(len(head), dtype=np.int32)
    return places
