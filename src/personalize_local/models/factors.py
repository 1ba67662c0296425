"""Items as vectors: what a reader read last, averaged, points to what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from personalize_local.models.coarse import CoarseScores
from personalize_local.models.compact_rows import CompactRows, is_large
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

    def coarse_scores(self, query: Query) -> CoarseScores:
        """Give log scores at a first look, in one pass over a copy of the vectors where these are many."""
        rows = query.history_rows[-self.window :]
        if not len(rows) or not is_large(self.vectors):
            return CoarseScores(self.scores(query))
        reader = self._reader(rows)
        scores = self._compact.products(reader, self.prior)

        def missing(rows: np.ndarray) -> np.ndarray:
            return self._compact.exact(rows, reader) + self.prior[rows] - scores[rows]

        return CoarseScores(scores, self._compact.slack(reader), missing)

    def make_ready(self) -> None:
        """Copy the vectors for the first look."""
        if is_large(self.vectors):
            _ = self._compact

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

    @cached_property
    def _compact(self) -> CompactRows:
        return CompactRows(self.vectors)
