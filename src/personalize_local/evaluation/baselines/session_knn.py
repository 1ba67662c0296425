"""Session-kNN: what the readers of the most similar recent visits read besides.

Source: V-SkNN of Ludewig and Jannach's session-rec: the newest visits that share an item, the most similar of them, and
items weighted by that likeness and by how rare they are. Its settings are chosen on the newest events of the training.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import scipy.sparse

from personalize_local.evaluation.baselines.tuning import Validation
from personalize_local.models.query import Query
from personalize_local.models.sequences import Sequences

MAX_EVENTS = 1_500_000
BACKWARDS = 30


@dataclass(frozen=True)
class SessionSettings:
    """gap_s ends a visit, infinite for whole histories; sample and nearest count visits; decay weighs older events."""

    gap_s: float = 1800.0
    sample: int = 1000
    nearest: int = 100
    decay: float = 0.8
    rarity: float = 0.0


GAPS_S = (1800.0, 86_400.0, np.inf)
GRID = tuple(
    SessionSettings(gap_s, sample, nearest, decay, rarity)
    for gap_s, (sample, nearest), decay, rarity in product(GAPS_S, ((500, 100), (2000, 500)), (0.6, 0.85), (0.0, 1.0))
)


@dataclass(frozen=True)
class SessionKnn:
    """Visits in the order of their ends.

    Shapes: items_of [visits, items] and visits_of [items, visits], 1 where the visit has the item; rarity [items], the
    logarithm of how few visits have it.
    """

    items_of: scipy.sparse.csr_matrix
    visits_of: scipy.sparse.csr_matrix
    rarity: np.ndarray
    settings: SessionSettings

    def with_settings(self, settings: SessionSettings) -> SessionKnn:
        """Look at the same visits in another way; the gap between them has to be the same."""
        return replace(self, settings=settings)

    def scores(self, query: Query) -> np.ndarray:
        """Add up the nearest visits: [items] float32, 0 for items of none."""
        rows, weights = self._current(query)
        likeness = weights @ self.visits_of[rows] if len(rows) else np.zeros(0)
        visits = np.flatnonzero(likeness)[-self.settings.sample :]  # the newest, as visits are in order of time
        if not len(visits):
            return np.zeros(len(self.rarity), dtype=np.float32)
        nearest = visits[np.argsort(-likeness[visits], kind="stable")[: self.settings.nearest]]
        found = self.items_of[nearest].T @ likeness[nearest]
        return (found * self.rarity**self.settings.rarity).astype(np.float32)

    def _current(self, query: Query) -> tuple[np.ndarray, np.ndarray]:
        """Give the items of the visit under way, each once, and their weights, the newest first."""
        rows, times = query.history_rows, query.history_epoch_s
        breaks = np.flatnonzero(np.diff(times) > self.settings.gap_s)
        begin = int(breaks[-1]) + 1 if len(breaks) else 0
        newest = rows[max(begin, len(rows) - BACKWARDS) :][::-1]
        _, first = np.unique(newest, return_index=True)
        first = np.sort(first)
        return newest[first], self.settings.decay ** first.astype(np.float64)


def tuned_session_knn(sequences: Sequences, validation: Validation) -> SessionKnn:
    """Choose the settings on the newest events, then take everything in."""
    by_gap = {gap_s: fit_session_knn(validation.older, SessionSettings(gap_s)) for gap_s in GAPS_S}
    settings = validation.best(GRID, lambda each: by_gap[each.gap_s].with_settings(each))
    return fit_session_knn(sequences, settings)


def fit_session_knn(sequences: Sequences, settings: SessionSettings) -> SessionKnn:
    """Cut the newest 1.5 million events into visits."""
    newest = sequences.newest(MAX_EVENTS)
    if not len(newest.item_row):
        empty = scipy.sparse.csr_matrix((0, sequences.item_count))
        return SessionKnn(empty, empty.T.tocsr(), np.ones(sequences.item_count), settings)
    user = newest.user_of_event()
    is_first = np.ones(len(user), dtype=bool)
    is_first[1:] = (user[1:] != user[:-1]) | (np.diff(newest.epoch_s) > settings.gap_s)
    visit = np.cumsum(is_first) - 1  # [events]
    ends = newest.epoch_s[np.append(np.flatnonzero(is_first)[1:] - 1, len(user) - 1)]
    place = np.empty(len(ends), dtype=np.int64)
    place[np.argsort(ends, kind="stable")] = np.arange(len(ends))
    shape = (len(ends), newest.item_count)
    has = scipy.sparse.csr_matrix((np.ones(len(user)), (place[visit], newest.item_row)), shape=shape)
    has.sum_duplicates()
    has.data[:] = 1.0
    visits = np.maximum(np.bincount(has.indices, minlength=newest.item_count), 1)
    return SessionKnn(has, has.T.tocsr(), np.log1p(len(ends) / visits), settings)
