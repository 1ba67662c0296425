"""Sequential rules: how often an item came shortly after another, all items of the catalogue.

Directed co-occurrence within a window, 1/gap each, divided by a power of both items' counts, the strongest 200 of each
item kept. Source: the sequential rules of Ludewig and Jannach's session-rec, with counts normalised.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import scipy.sparse

from personalize_local.models.counting import Counting, at_once
from personalize_local.models.history import decayed
from personalize_local.models.pairs import affordable_window, pairs_by_gap
from personalize_local.models.query import Query
from personalize_local.models.sequences import Sequences
from personalize_local.models.sparse_rows import SparseRows, sparse_rows

TOP = 200
WINDOW = 30
FROM_POWER = 0.5
TO_POWER = 0.25
DECAY = 0.6
MAX_PAIRS = 50_000_000
BLOCK_PAIRS = 10_000_000


@dataclass(frozen=True)
class SequentialRules:
    """The rules of each item; scores are their mean over the decayed history."""

    rules: SparseRows  # [items, items]
    window: int
    decay: float

    def scores(self, query: Query) -> np.ndarray:
        """Add up the rules of the history's items: [items] float32, 0 where no rule leads."""
        rows, weights = decayed(query.history_rows, self.window, self.decay)
        if not len(rows):
            return np.zeros(self.rules.column_count, dtype=np.float32)
        return self.rules.combine(rows, weights / weights.sum())

    def sparse_scores(self, query: Query) -> tuple[np.ndarray, np.ndarray]:
        """Do the same for the items that rules lead to only: rows, and scores float32."""
        rows, weights = decayed(query.history_rows, self.window, self.decay)
        return self.rules.combine_sparse(rows, weights / weights.sum())

    def block_sparse_scores(self, queries: Sequence[Query]) -> SparseRows:
        """Do the same for several queries in one product: [queries, items]."""
        found = [decayed(query.history_rows, self.window, self.decay) for query in queries]
        start = np.concatenate([[0], np.cumsum([len(rows) for rows, _ in found])])
        rows = np.concatenate([rows for rows, _ in found])
        weights = np.concatenate([weights / max(weights.sum(), np.float32(1e-9)) for _, weights in found])
        shape = (len(queries), self.rules.column_count)
        histories = scipy.sparse.csr_matrix((weights.astype(np.float32), rows, start), shape=shape)
        product = histories @ self.rules.matrix()
        return SparseRows(product.indptr, product.indices, product.data, product.shape[1])


@dataclass
class RuleCounts:
    """How often items came after each other, in the sequences seen so far; counts of different users add up.

    Memory: 8 bytes for each different pair within the window; beyond `MAX_PAIRS` the rarest pairs are forgotten.
    """

    together: scipy.sparse.csr_matrix  # [items, items] float32
    counts: np.ndarray  # [items] float32
    window: int

    def add(self, sequences: Sequences) -> None:
        """Count the events of some users, all of each."""
        for block in sequences.blocks(BLOCK_PAIRS // self.window):
            self._grow(self._pairs(block), block.item_counts())

    def merge(self, other: RuleCounts) -> None:
        """Add the counts of other users."""
        self._grow(other.together, other.counts)

    def rules(self, top: int = TOP) -> SparseRows:
        """Divide by powers of both items' counts, and keep the strongest of each item."""
        smooth = (self.counts + 1.0).astype(np.float64)
        scaled = self.together.copy()
        scaled.data *= np.repeat(smooth**-FROM_POWER, np.diff(scaled.indptr)).astype(np.float32)
        scaled.data *= (smooth**-TO_POWER).astype(np.float32)[scaled.indices]
        return sparse_rows(scaled, top)

    def _grow(self, together: scipy.sparse.csr_matrix, counts: np.ndarray) -> None:
        self.together = self.together + together
        self.counts = self.counts + counts
        if self.together.nnz > MAX_PAIRS:
            least = np.partition(self.together.data, self.together.nnz - MAX_PAIRS // 2)[-MAX_PAIRS // 2]
            self.together.data[self.together.data < least] = 0.0
            self.together.eliminate_zeros()

    def _pairs(self, sequences: Sequences) -> scipy.sparse.csr_matrix:
        found = [
            (sequences.item_row[earlier], sequences.item_row[later], sequences.weight[later] / np.float32(gap))
            for gap, earlier, later in pairs_by_gap(sequences, self.window)
        ]
        if not found:
            return scipy.sparse.csr_matrix(self.together.shape, dtype=np.float32)
        earlier, later, weight = (np.concatenate(column) for column in zip(*found, strict=True))
        return scipy.sparse.coo_matrix((weight, (earlier, later)), shape=self.together.shape).tocsr()


def rule_counts(item_count: int, window: int) -> RuleCounts:
    """Begin to count."""
    together = scipy.sparse.csr_matrix((item_count, item_count), dtype=np.float32)
    return RuleCounts(together, np.zeros(item_count, dtype=np.float32), window)


def fit_sequential_rules(
    sequences: Sequences,
    *,
    window: int = WINDOW,
    decay: float = DECAY,
    top: int = TOP,
    counting: Counting = at_once,
) -> SequentialRules:
    """Count all events; above some millions the window is shorter (see pairs.py)."""
    affordable = affordable_window(window, len(sequences.item_row))
    counts = counting(partial(rule_counts, sequences.item_count, affordable), sequences)
    return SequentialRules(counts.rules(top), window, decay)
