"""Session neighbours: what was read in the recent sessions that are most like the one under way.

The newest sessions of each item are kept, so that asking costs the same however many sessions there have been. A
session counts by what it shares with the one under way, newer items of that one counting more; and an item of it by how
near it is to what is shared. Source: VS-kNN and STAN of Ludewig and Jannach's session-rec, in arrays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse

from personalize_local.models.query import Query
from personalize_local.models.sequences import Sequences
from personalize_local.models.sparse_rows import SparseRows, sparse_rows

GAP_S = 86_400
SESSIONS_PER_ITEM = 500
NEAREST = 300
MAX_SESSION = 50
WINDOW = 15
DECAY = 0.8


@dataclass(frozen=True)
class SessionNeighbours:
    """Sessions, newest last, and which of them have each item.

    Shapes: items [sessions, items], values are places in the session from 1; sessions [items, sessions].
    """

    items: SparseRows
    sessions: SparseRows
    rarity: np.ndarray  # [items] float32
    gap_s: int
    decay: float

    def scores(self, query: Query) -> np.ndarray:
        """Add up the nearest sessions: [items] float32, 0 for items of none."""
        rows, values = self.sparse_scores(query)
        scores = np.zeros(self.items.column_count, dtype=np.float32)
        scores[rows] = values
        return scores

    def sparse_scores(self, query: Query) -> tuple[np.ndarray, np.ndarray]:
        """Do the same for the items of these sessions only: rows, and scores float32."""
        rows, weights = self._under_way(query)
        sessions, likeness = self.sessions.combine_sparse(rows, weights)
        if len(sessions) > NEAREST:
            nearest = np.sort(np.argsort(-likeness[::-1], kind="stable")[:NEAREST])  # of equals the newest
            sessions, likeness = sessions[::-1][nearest], likeness[::-1][nearest]
        found, values = self.items.combine_sparse(sessions, likeness)
        return found, values * self.rarity[found]

    def _under_way(self, query: Query) -> tuple[np.ndarray, np.ndarray]:
        """Give the items of the session under way, each once, the newest first, and their weights."""
        rows, epoch_s = query.history_rows, query.history_epoch_s
        breaks = np.flatnonzero(np.diff(epoch_s) > self.gap_s)
        begin = max(int(breaks[-1]) + 1 if len(breaks) else 0, len(rows) - WINDOW)
        newest = rows[begin:][::-1]
        first = np.sort(np.unique(newest, return_index=True)[1])
        return newest[first], (self.decay**first).astype(np.float32) * self.rarity[newest[first]]


def fit_session_neighbours(
    sequences: Sequences, *, gap_s: int = GAP_S, decay: float = DECAY, per_item: int = SESSIONS_PER_ITEM
) -> SessionNeighbours:
    """Cut the histories into sessions where nothing happened for `gap_s`, and at 50 events.

    Memory: 8 bytes per event that is kept, and again for the other direction; sessions that are among the newest 500 of
    none of their items are left out.
    """
    session, ends = _cut(sequences, gap_s)
    order = np.argsort(ends, kind="stable")
    number = np.empty(len(ends), dtype=np.int64)
    number[order] = np.arange(len(ends))
    shape = (len(ends), sequences.item_count)
    has = scipy.sparse.csr_matrix(
        (np.ones(len(session), dtype=np.float32), (number[session], sequences.item_row)), shape=shape
    )
    has.sum_duplicates()
    has.data[:] = 1.0
    counts = np.bincount(has.indices, minlength=sequences.item_count)
    by_item = has.T.tocsr()
    by_item.sort_indices()
    age = np.repeat(by_item.indptr[1:], np.diff(by_item.indptr)) - np.arange(by_item.nnz)  # 1 for an item's newest
    newest = age <= per_item
    used = np.unique(by_item.indices[newest])
    start = np.concatenate([[0], np.cumsum(newest)])[by_item.indptr]
    kept = scipy.sparse.csr_matrix(
        (by_item.data[newest], np.searchsorted(used, by_item.indices[newest]), start),
        shape=(sequences.item_count, len(used)),
    )
    rarity = np.log1p(len(ends) / np.maximum(counts, 1)).astype(np.float32)
    return SessionNeighbours(sparse_rows(has[used]), sparse_rows(kept), rarity, gap_s, decay)


def _cut(sequences: Sequences, gap_s: int) -> tuple[np.ndarray, np.ndarray]:
    """Number the sessions: each event's session [events], and when each session ended [sessions]."""
    user, epoch_s = sequences.user_of_event(), sequences.epoch_s
    is_first = np.ones(len(user), dtype=bool)
    is_first[1:] = (user[1:] != user[:-1]) | (np.diff(epoch_s) > gap_s)
    start = np.flatnonzero(is_first)
    place = np.arange(len(user)) - np.repeat(start, np.diff(np.append(start, len(user))))
    is_first |= place % MAX_SESSION == 0
    last = np.append(np.flatnonzero(is_first)[1:], len(user)) - 1
    return np.cumsum(is_first) - 1, epoch_s[last]
