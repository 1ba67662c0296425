"""Sequential ridge: the next item as a linear function of the recency-decayed history, in closed form.

For every event, x is the decayed history before it and y the event's item. The weights are B = (XᵀX + λI)⁻¹ XᵀY: one
Cholesky factorisation, no sampling, no learning rate. Source: measured against transformers in the project's notes on
recommenders; a ridge regression like EASE, with order.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import scipy.linalg

from personalize_local.models.counting import Counting, at_once
from personalize_local.models.head import head_of, place_in_head
from personalize_local.models.history import decayed, weighted_rows
from personalize_local.models.pairs import affordable_window, later_sums, pairs_by_gap
from personalize_local.models.query import Query
from personalize_local.models.sequences import Sequences

HEAD_CAP = 4000  # four float32 matrices of 4000² while fitting: 256 MB; one, 64 MB, when serving
MIN_COUNT = 5.0
DECAY = 0.85
SMALLEST_WEIGHT = 0.01


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


@dataclass
class RidgeCounts:
    """XᵀX and XᵀY over the sequences seen so far; counts of different users add up, by `add` or by `merge`.

    Both are sums over pairs of events. A pair with the gap g is in XᵀY with decay^(g - 1), and in XᵀX as often as both
    are in a later event's history: the sum of the products of their weights there.
    Memory: two matrices of head², float32.
    Shapes: place [items], -1 outside the head; gram and target [head, head].
    """

    place: np.ndarray
    gram: np.ndarray
    target: np.ndarray
    window: int
    decay: float

    def add(self, sequences: Sequences) -> None:
        """Count the events of some users, all of each."""
        for block in sequences.blocks():
            self._add(block)

    def merge(self, other: RidgeCounts) -> None:
        """Add the counts of other users."""
        self.gram += other.gram
        self.target += other.target

    def solve(self, regularisation: float) -> np.ndarray:
        """Give the weights [head, head]; the counts are spent."""
        self.gram += self.gram.T.copy()
        return _solve(self.gram.T, np.asfortranarray(self.target), regularisation)  # symmetric: either order is both

    def _add(self, sequences: Sequences) -> None:
        item = self.place[sequences.item_row]  # [events] place in the head or -1
        remaining = np.repeat(sequences.user_start[1:], sequences.lengths()) - np.arange(len(item)) - 1
        sums = later_sums(sequences.weight, remaining, self.decay**2)
        known = np.flatnonzero(item >= 0)
        self._count(self.gram, item[known], item[known], self._shared(sums, known, remaining, 0) / 2.0)
        for gap, earlier, later in pairs_by_gap(sequences, self.window):
            known = (item[earlier] >= 0) & (item[later] >= 0)
            earlier, later = earlier[known], later[known]
            pair = item[earlier], item[later]
            self._count(self.target, *pair, self.decay ** (gap - 1) * sequences.weight[later])
            if gap < self.window:
                self._count(self.gram, *pair, self.decay**gap * self._shared(sums, later, remaining, gap))

    def _shared(self, sums: np.ndarray, later: np.ndarray, remaining: np.ndarray, gap: int) -> np.ndarray:
        """Add up the squared weights of events in the histories that also hold one `gap` before: [pairs]."""
        reach = np.minimum(self.window - gap, remaining[later])
        return sums[later] - self.decay ** (2.0 * reach) * sums[later + reach]

    def _count(self, counts: np.ndarray, earlier: np.ndarray, later: np.ndarray, value: np.ndarray) -> None:
        head_count = len(counts)
        np.add.at(counts.ravel(), earlier.astype(np.int64) * head_count + later, value.astype(np.float32))


def ridge_counts(head: np.ndarray, item_count: int, window: int, decay: float) -> RidgeCounts:
    """Begin to count for a head [head] rows; events that have decayed to a hundredth are out of the window."""
    needed = int(np.ceil(np.log(SMALLEST_WEIGHT) / np.log(decay)))
    place, shape = place_in_head(head, item_count), (len(head), len(head))
    gram, target = np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.float32)
    return RidgeCounts(place, gram, target, min(window, needed), decay)


def fit_sequential_ridge(
    sequences: Sequences,
    *,
    window: int = 32,
    decay: float = DECAY,
    regularisation: float = 100.0,
    cap: int = HEAD_CAP,
    counting: Counting = at_once,
) -> SequentialRidge:
    """Fit on the head of the catalogue; time grows as head³, about 1 s for 4,000 items on two cores.

    Above some millions of events the window is shorter (see pairs.py).
    """
    head = head_of(sequences.item_counts(), min_count=MIN_COUNT, cap=cap)
    affordable = affordable_window(window, len(sequences.item_row))
    counts = counting(partial(ridge_counts, head, sequences.item_count, affordable, decay), sequences)
    return SequentialRidge(head, counts.place, counts.solve(regularisation), counts.window, decay)


def _solve(gram: np.ndarray, target: np.ndarray, regularisation: float) -> np.ndarray:
    """Solve in place; gives C-ordered weights, so that the rows of a history lie together."""
    if not len(gram):
        return np.zeros((0, 0), dtype=np.float32)
    gram[np.diag_indices_from(gram)] += regularisation
    factor = scipy.linalg.cho_factor(gram, overwrite_a=True, check_finite=False)
    return np.ascontiguousarray(scipy.linalg.cho_solve(factor, target, overwrite_b=True, check_finite=False))
