"""Content: items that are described alike, for those that nobody has touched yet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse

from personalize_local.models.history import decayed
from personalize_local.models.item_words import ItemWords
from personalize_local.models.query import Query
from personalize_local.models.sparse_rows import SparseRows

WINDOW = 50
BLOCK_ROWS = 256


@dataclass(frozen=True)
class ItemContent:
    """What is known of items beside behaviour.

    words: what the columns of the features stand for, when that is known.
    Shapes: features [items, words], each row of length 1 or empty; created_epoch_s [items] float64, NaN unknown.
    """

    features: SparseRows
    created_epoch_s: np.ndarray
    words: ItemWords | None = None

    def known(self) -> np.ndarray:
        """Tell which items have any feature: [items] bool."""
        return np.diff(self.features.start) > 0

    def newest_first(self) -> np.ndarray:
        """Order the items by creation, unknown times before all: [items] rows."""
        return np.argsort(-np.nan_to_num(self.created_epoch_s, nan=np.inf), kind="stable")


@dataclass(frozen=True)
class ContentAffinity:
    """Likeness of each item to what the user looked at lately."""

    features: SparseRows
    decay: float

    def scores(self, query: Query) -> np.ndarray:
        """Give the mean cosine of each item to the decayed history: [items] float32, 0 to 1."""
        return self.features.dot(self._liked(query))

    def lifts_of(self, features: scipy.sparse.csr_matrix, query: Query) -> np.ndarray:
        """Give what a blend would say of other items, by their features [others, words]: [others], see `log_lift`."""
        liked = self._liked(query)
        total = float(self.features.dot(liked).sum())
        return np.log1p((features @ liked) * (len(self.features.start) - 1) / total) if total > 0 else features @ liked

    def _liked(self, query: Query) -> np.ndarray:
        """Give the mean of the decayed history's features: [words] float32."""
        rows, weights = decayed(query.history_rows, WINDOW, self.decay)
        return self.features.combine(rows, weights / max(float(weights.sum()), 1e-9))


def nearest(
    features: SparseRows, rows: np.ndarray, candidates: np.ndarray, preference: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Find the `count` candidates most like each row, by cosine; near-equals by preference, then by lower row.

    An item is not its own neighbour. Time: about rows × candidates × words an item has in common.
    Shapes: rows [rows], candidates [candidates], preference [items] 0 to 1; gives two [rows, count], item and cosine.
    """
    matrix = features.matrix()
    columns = matrix[candidates].T.tocsc()
    count = min(count, len(candidates))
    found = np.zeros((len(rows), count), dtype=np.int32)
    cosine = np.zeros((len(rows), count), dtype=np.float32)
    for begin in range(0, len(rows), BLOCK_ROWS):
        block = rows[begin : begin + BLOCK_ROWS]
        alike = (matrix[block] @ columns).toarray().astype(np.float64)
        alike[block[:, None] == candidates[None, :]] = -1.0
        best = np.argsort(-(alike + 1e-3 * preference[candidates]), axis=1, kind="stable")[:, :count]
        found[begin : begin + len(block)] = candidates[best]
        cosine[begin : begin + len(block)] = np.maximum(np.take_along_axis(alike, best, axis=1), 0.0)
    return found, cosine
