"""Readers' records: how much more, or less, an item is turned to by people like this than by all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse

from personalize_local.models.context_lift import shrunk_lift
from personalize_local.models.query import Query
from personalize_local.models.reader_words import ReaderWords
from personalize_local.models.readers import Readers
from personalize_local.models.sequences import Sequences
from personalize_local.models.sparse_rows import SparseRows, sparse_rows

MAX_WORDS = 300  # a row of the catalogue is passed over for each


@dataclass(frozen=True)
class ReaderLift:
    """The log of p(item | word) / p(item), for each word of readers' records, shrunk where little is known.

    Shapes: lifts_of [words, items], of the first words only.
    """

    lifts_of: SparseRows
    words: ReaderWords

    def lifts(self, query: Query) -> np.ndarray:
        """Add up the lifts of the reader's words: [items] float32, 0 for somebody of whom nothing is known."""
        codes = self.words.codes(query.user)
        rows = codes[codes < len(self.lifts_of.start) - 1]
        return self.lifts_of.combine(rows, np.ones(len(rows), dtype=np.float32))

    def scores(self, query: Query) -> np.ndarray:
        """Give the same; a ranking by it alone is by what is peculiar to people like this."""
        return self.lifts(query)


def fit_reader_lift(sequences: Sequences, readers: Readers) -> ReaderLift:
    """Count readers by word and item, each once; the lift is as that of context, see context_lift.py."""
    count = min(len(readers.words.words), MAX_WORDS)
    pairs = np.unique(sequences.user_of_event().astype(np.int64) * sequences.item_count + sequences.item_row)
    user, item = pairs // sequences.item_count, pairs % sequences.item_count
    share = np.bincount(item, minlength=sequences.item_count) / max(len(pairs), 1)
    code = readers.codes[user]  # [pairs, words of one]
    pair, place = np.nonzero((code >= 0) & (code < count))
    places = (code[pair, place], item[pair])
    ones = np.ones(len(pair), dtype=np.float32)
    counts = scipy.sparse.csr_matrix((ones, places), shape=(count, sequences.item_count))
    rows = [scipy.sparse.csr_matrix((0, sequences.item_count), dtype=np.float32)]
    rows.extend(shrunk_lift(counts.getrow(row).toarray().ravel(), share) for row in range(count))
    return ReaderLift(sparse_rows(scipy.sparse.vstack(rows).tocsr()), readers.words)
