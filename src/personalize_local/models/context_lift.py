"""Context: how much more, or less, an item is read in a situation than elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse

from personalize_local.models.query import Query
from personalize_local.models.sequences import Sequences
from personalize_local.models.sparse_rows import SparseRows, sparse_rows
from personalize_local.models.vocabulary import Vocabulary

PRIOR_COUNT = 10.0
NEGLIGIBLE = 0.05


@dataclass(frozen=True)
class ContextLift:
    """The log of p(item | value) / p(item), for each value of each column of context, shrunk where little is known.

    Shapes: lifts_of [values of all columns, items]; a column's values follow each other, as in the vocabulary.
    """

    lifts_of: SparseRows
    vocabulary: Vocabulary

    def lifts(self, query: Query) -> np.ndarray:
        """Add up the lifts of the query's values: [items] float32, 0 for what is not known."""
        codes = self.vocabulary.context_codes(query.context)
        first = np.concatenate([[0], np.cumsum([len(values) for values in self.vocabulary.context.values()])])
        rows = (first[:-1] + codes)[codes >= 0].astype(np.int64)
        return self.lifts_of.combine(rows, np.ones(len(rows), dtype=np.float32))

    def scores(self, query: Query) -> np.ndarray:
        """Give the same; a ranking by it alone is by what is peculiar to the situation."""
        return self.lifts(query)


def fit_context_lift(sequences: Sequences) -> ContextLift:
    """Count items by value of context.

    With n_vi events of an item in a situation, n_v in the situation, and the item's share p: the lift is
    (n_vi + 10) / (n_v p + 10), so that it is 1 for what is hardly known.
    """
    codes = np.empty((len(sequences.item_row), 0)) if sequences.context_code is None else sequences.context_code
    share = sequences.item_counts().astype(np.float64) / max(float(sequences.weight.sum()), 1e-9)
    rows = [scipy.sparse.csr_matrix((0, sequences.item_count), dtype=np.float32)]
    for place, values in enumerate(sequences.vocabulary.context.values()):
        code = codes[:, place]
        known = code >= 0
        pairs = (code[known], sequences.item_row[known])
        counts = scipy.sparse.csr_matrix((sequences.weight[known], pairs), shape=(len(values), sequences.item_count))
        rows.extend(shrunk_lift(counts.getrow(row).toarray().ravel(), share) for row in range(len(values)))
    return ContextLift(sparse_rows(scipy.sparse.vstack(rows).tocsr()), sequences.vocabulary)


def shrunk_lift(counts: np.ndarray, share: np.ndarray) -> scipy.sparse.csr_matrix:
    """Give the log lifts of one situation: counts and share [items], gives [1, items]."""
    lift = np.log((counts + PRIOR_COUNT) / (counts.sum() * share + PRIOR_COUNT))
    lift[np.abs(lift) < NEGLIGIBLE] = 0.0
    return scipy.sparse.csr_matrix(lift.astype(np.float32))
