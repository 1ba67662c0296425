"""Sequential rules: how often an item came shortly after another, all items of the catalogue.

Directed co-occurrence within a window, 1/gap each, divided by a power of both items' counts, the strongest 200 of each
item kept. Source: the sequential rules of Ludewig and Jannach's session-rec, with counts normalised.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse

from personalize_local.models.history import decayed
from personalize_local.models.pairs import earlier_later
from personalize_local.models.query import Query
from personalize_local.models.sequences import Sequences
from personalize_local.models.sparse_rows import SparseRows, sparse_rows

TOP = 200
WINDOW = 30
FROM_POWER = 0.5
TO_POWER = 0.25
MAX_EVENTS = 1_500_000


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


def fit_sequential_rules(
    sequences: Sequences, *, window: int = WINDOW, decay: float = 0.6, top: int = TOP
) -> SequentialRules:
    """Count the newest `MAX_EVENTS` events. Memory: about 12 bytes for each different pair of items within a window."""
    newest = sequences.newest(MAX_EVENTS)
    shape = (sequences.item_count, sequences.item_count)
    together = scipy.sparse.csr_matrix(shape, dtype=np.float32)
    for earlier, later, gap in earlier_later(newest, window):
        weight = (newest.weight[later] / gap).astype(np.float32)
        pair = (newest.item_row[earlier], newest.item_row[later])
        together = together + scipy.sparse.csr_matrix((weight, pair), shape=shape)
    counts = newest.item_counts() + 1.0
    scaled = scipy.sparse.diags(counts**-FROM_POWER) @ together @ scipy.sparse.diags(counts**-TO_POWER)
    return SequentialRules(sparse_rows(scaled.tocsr(), top), window, decay)
