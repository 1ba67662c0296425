"""Cold items: too few events to be judged by, so they are judged by items of like content."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse

from personalize_local.models.content import ItemContent, nearest

WARM_COUNT = 5.0
SHRINKAGE = 2.0
NEIGHBOURS = 10
MAX_COLD = 50_000
MAX_WARM = 5_000


@dataclass(frozen=True)
class ColdItems:
    """Whose scores each cold item borrows, and how much of its own it keeps.

    Shapes: rows [cold]; neighbours and weights [cold, neighbours], weights of a row sum to 1; own_share [cold].
    """

    rows: np.ndarray
    neighbours: np.ndarray
    weights: np.ndarray
    own_share: np.ndarray

    def borrow(self, values: np.ndarray) -> None:
        """Replace the cold items' values in place; values [..., items]."""
        borrowed = (self._ties(values.shape[-1]) @ values.T).T
        values[..., self.rows] = self.own_share * values[..., self.rows] + (1.0 - self.own_share) * borrowed

    def _ties(self, item_count: int) -> scipy.sparse.csr_matrix:
        """Give the weights as a matrix [cold, items]."""
        starts = np.arange(0, self.weights.size + 1, self.weights.shape[1], dtype=np.int32)
        entries = (self.weights.ravel(), self.neighbours.ravel(), starts)
        return scipy.sparse.csr_matrix(entries, shape=(len(self.rows), item_count))

    def share(self, item_count: int) -> np.ndarray:
        """Give how much of each item's value is borrowed: [items] float32, 0 for those that are not cold."""
        share = np.zeros(item_count, dtype=np.float32)
        share[self.rows] = 1.0 - self.own_share
        return share


def find_cold_items(content: ItemContent, counts: np.ndarray, recent: np.ndarray) -> ColdItems | None:
    """Tie each item with fewer than 5 events to 10 warm ones of like content, lately popular before others.

    An item with n events keeps n / (n + 2) of its own scores. At most 50,000 cold items, the newest, look among the
    5,000 warm items most popular lately; None when there is nothing to tie.
    Shapes: counts and recent [items], events ever and lately.
    """
    known = content.known()
    warm = np.flatnonzero(known & (counts >= WARM_COUNT))
    warm = np.sort(warm[np.argsort(-recent[warm], kind="stable")[:MAX_WARM]])
    order = content.newest_first()
    rows = np.sort(order[(known & (counts < WARM_COUNT))[order]][:MAX_COLD]).astype(np.int32)
    if not len(rows) or not len(warm):
        return None
    preference = recent / max(float(recent.max()), 1e-9)
    neighbours, cosine = nearest(content.features, rows, warm, preference, NEIGHBOURS)
    alike = cosine.sum(axis=1) > 0
    rows, neighbours, cosine = rows[alike], neighbours[alike], cosine[alike]
    own_share = counts[rows] / (counts[rows] + SHRINKAGE)
    weights = cosine / cosine.sum(axis=1, keepdims=True)
    return ColdItems(rows, neighbours, weights.astype(np.float32), own_share.astype(np.float32)) if len(rows) else None
