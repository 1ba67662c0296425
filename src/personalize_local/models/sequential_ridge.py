"""Sequential ridge: the next item as a linear function of the recency-decayed history, in closed form.

For every event, x is the decayed history before it and y the event's item. The weights are B = (XᵀX + λI)⁻¹ XᵀY: one
Cholesky factorisation, no sampling, no learning rate. Source: measured against transformers in the project's notes on
recommenders; a ridge regression like EASE, with order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.linalg
import scipy.sparse

from personalize_local.models.head import head_of, place_in_head
from personalize_local.models.history import decayed, weighted_rows
from personalize_local.models.pairs import earlier_later
from personalize_local.models.query import Query
from personalize_local.models.sequences import Sequences

HEAD_CAP = 8000  # three float32 matrices of 8000² while fitting: 768 MB; one, 256 MB, when serving
MIN_COUNT = 5.0
MAX_EVENTS = 1_500_000


@dataclass(frozen=True)
class SequentialRidge:
    """The fitted weights, for the head of the catalogue; other items score 0.

    Shapes: head [head] rows of items; place [items], -1 outside the head; weights [head, head] from history to next.
    """

    head: np.ndarray
    place: np.ndarray
    weights: np.ndarray
    window: int
    decay: float

    def scores(self, query: Query) -> np.ndarray:
        """Estimate for each item how likely it is next: [items] float32, never below 0."""
        scores = np.zeros(len(self.place), dtype=np.float32)
        rows, likely = self.sparse_scores(query)
        scores[rows] = likely
        return scores

    def sparse_scores(self, query: Query) -> tuple[np.ndarray, np.ndarray]:
        """Do the same for the items of the head only: rows, and scores float32."""
        rows, weights = decayed(query.history_rows, self.window, self.decay)
        known = self.place[rows] >= 0
        likely = weighted_rows(self.weights, self.place[rows[known]], weights[known])
        return self.head, np.maximum(likely, 0.0)


def fit_sequential_ridge(
    sequences: Sequences, *, window: int = 32, decay: float = 0.6, regularisation: float = 100.0, cap: int = HEAD_CAP
) -> SequentialRidge:
    """Fit on the newest `MAX_EVENTS` events; time grows as head³, about 1 s for 3,400 items and 25 s for 8,000."""
    newest = sequences.newest(MAX_EVENTS)
    head = head_of(newest.item_counts(), min_count=MIN_COUNT, cap=cap)
    place = place_in_head(head, sequences.item_count)
    gram, target = _statistics(newest, place, len(head), window, decay)
    return SequentialRidge(head, place, _solve(gram, target, regularisation), window, decay)


def _statistics(
    sequences: Sequences, place: np.ndarray, head_count: int, window: int, decay: float
) -> tuple[np.ndarray, np.ndarray]:
    """Add up XᵀX and XᵀY over all events: two [head, head] float32, Fortran order."""
    gram = np.zeros((head_count, head_count), dtype=np.float32, order="F")
    target = np.zeros_like(gram)
    item = place[sequences.item_row]  # [events] place in the head or -1
    for earlier, later, gap in earlier_later(sequences, window):
        first, count = int(later[0]) if len(later) else 0, int(later[-1] - later[0]) + 1 if len(later) else 0
        kept = item[earlier] >= 0
        weight = np.power(np.float32(decay), gap[kept] - 1) * np.sqrt(sequences.weight[later[kept]])
        shape = (count, head_count)
        x = scipy.sparse.csr_matrix((weight, (later[kept] - first, item[earlier[kept]])), shape=shape)
        block = np.arange(first, first + count)
        hit = item[block] >= 0
        y_weight = np.sqrt(sequences.weight[block[hit]])
        y = scipy.sparse.csr_matrix((y_weight, (block[hit] - first, item[block[hit]])), shape=shape)
        gram += (x.T @ x).toarray()
        target += (x.T @ y).toarray()
    return gram, target


def _solve(gram: np.ndarray, target: np.ndarray, regularisation: float) -> np.ndarray:
    """Solve in place; gives C-ordered weights, so that the rows of a history lie together."""
    if not len(gram):
        return np.zeros((0, 0), dtype=np.float32)
    gram[np.diag_indices_from(gram)] += regularisation
    factor = scipy.linalg.cho_factor(gram, overwrite_a=True, check_finite=False)
    return np.ascontiguousarray(scipy.linalg.cho_solve(factor, target, overwrite_b=True, check_finite=False))
