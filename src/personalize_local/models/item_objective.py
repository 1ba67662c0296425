"""An objective beside relevance: items that are worth more come sooner, as far as their relevance allows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from personalize_local.models.query import Query


@dataclass(frozen=True)
class ItemObjective:
    """What each item is worth, as logarithms to add to a blend's scores.

    Shapes: worth [items] float32.
    """

    worth: np.ndarray

    def lifts(self, query: Query) -> np.ndarray:
        """Give the worth of each item, whoever asks: [items] float32."""
        return self.worth.astype(np.float32)

    def scores(self, query: Query) -> np.ndarray:
        """Give the same: the order by worth alone."""
        return self.lifts(query)


def item_objective(values: np.ndarray, strength: float) -> ItemObjective:
    """Spread items evenly over -strength to strength by the order of their values; unknown values are in the middle.

    The order and not the values, so that one outlier does not decide. Shapes: values [items], NaN unknown.
    """
    known = np.flatnonzero(np.isfinite(values))
    worth = np.zeros(len(values), dtype=np.float32)
    if len(known) > 1:
        unique, place = np.unique(values[known], return_inverse=True)
        counts = np.bincount(place)
        middle = (np.cumsum(counts) - (counts + 1) / 2.0) / max(len(known) - 1, 1)  # equal values share a rank
        worth[known] = strength * (2.0 * middle[place] - 1.0) if len(unique) > 1 else 0.0
    return ItemObjective(worth)
