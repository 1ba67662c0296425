"""Items as vectors: what a reader read last, averaged, points to what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from personalize_local.models.query import Query
from personalize_local.models.row_products import row_products


@dataclass(frozen=True)
class Factors:
    """A factor model: a score is the dot product of an item's vector and the reader's, plus the item's own weight.

    A reader's vector is the mean of the vectors of what was read, each step back counting `decay` times as much.
    Shapes: vectors [items, dimension] float32; prior [items] float32, all there is for strangers.
    """

    vectors: np.ndarray
    prior: np.ndarray
    decay: float = 0.9
    window: int = 200

    def scores(self, query: Query) -> np.ndarray:
        """Give log scores in one pass over the vectors: [items] float32."""
        rows = query.history_rows[-self.window :]
        if not len(rows):
            return np.array(self.prior, dtype=np.float32)
        scores = row_products(self.vectors, self._reader(rows))
        scores += self.prior
        return scores

    def block_scores(self, queries: Sequence[Query]) -> np.ndarray:
        """Give the log scores of several readers in one product: [queries, items] float32."""
        rows = [query.history_rows[-self.window :] for query in queries]
        readers = np.zeros((len(rows), self.vectors.shape[1]), dtype=np.float32)
        for place, known in enumerate(rows):
            if len(known):
                readers[place] = self._reader(known)
        scores = readers @ self.vectors.T
        scores += self.prior
        return scores

    def _reader(self, rows: np.ndarray) -> np.ndarray:
        """Give the vector of a reader: [dimension] float32."""
        weights = np.power(self.decay, np.arange(len(rows) - 1, -1, -1))
        return np.einsum("e,ed->d", (weights / weights.sum()).astype(np.float32), np.asarray(self.vectors)[rows])
