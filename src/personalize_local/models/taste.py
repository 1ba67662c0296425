"""Taste: what belongs together in whole histories, whatever the order (EASE).

The other models look at the last steps; this one remembers what somebody has liked for long.
Source: Steck, "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019; the decayed history as input is ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import scipy.linalg.lapack
import scipy.sparse

from personalize_local.models.counting import Counting, at_once
from personalize_local.models.head import head_of, place_in_head
from personalize_local.models.history import decayed, weighted_rows
from personalize_local.models.query import Query
from personalize_local.models.sequences import Sequences
from personalize_local.models.sequential_ridge import HEAD_CAP, MIN_COUNT

WINDOW = 200
MAX_USER_ITEMS = 300


@dataclass(frozen=True)
class Taste:
    """Item-to-item weights for the head of the catalogue; other items score 0.

    Shapes: head [head]; place [items], -1 outside the head; weights [head, head].
    """

    head: np.ndarray
    place: np.ndarray
    weights: np.ndarray
    decay: float

    def scores(self, query: Query) -> np.ndarray:
        """Add up the weights of the history's items: [items] float32, never below 0."""
        scores = np.zeros(len(self.place), dtype=np.float32)
        rows, liked = self.sparse_scores(query)
        scores[rows] = liked
        return scores

    def sparse_scores(self, query: Query) -> tuple[np.ndarray, np.ndarray]:
        """Do the same for the items of the head only: rows, and scores float32."""
        rows, weights = decayed(query.history_rows, WINDOW, self.decay)
        known = self.place[rows] >= 0
        liked = weighted_rows(self.weights, self.place[rows[known]], weights[known])
        return self.head, np.maximum(liked, 0.0) / max(float(weights[known].sum()), 1.0)


@dataclass
class TasteCounts:
    """How many users have both items of a pair; counts of different users add up.

    Shapes: place [items], -1 outside the head; gram [head, head] float32.
    """

    place: np.ndarray
    gram: np.ndarray

    def add(self, sequences: Sequences) -> None:
        """Count some users, the newest `MAX_USER_ITEMS` events of each."""
        for block in sequences.blocks():
            lengths = block.lengths()
            recent = lengths.repeat(lengths) - block.place_of_event() <= MAX_USER_ITEMS
            self._add(block.take_events(recent))

    def merge(self, other: TasteCounts) -> None:
        """Add the counts of other users."""
        self.gram += other.gram

    def _add(self, sequences: Sequences) -> None:
        item = self.place[sequences.item_row]
        known = item >= 0
        pairs = (sequences.user_of_event()[known], item[known])
        shape = (sequences.user_count, len(self.gram))
        has = scipy.sparse.csr_matrix((np.ones(known.sum(), dtype=np.float32), pairs), shape=shape)
        has.sum_duplicates()
        has.data[:] = 1.0
        self.gram += (has.T @ has).toarray()


def taste_counts(head: np.ndarray, item_count: int) -> TasteCounts:
    """Begin to count for a head [head] rows."""
    return TasteCounts(place_in_head(head, item_count), np.zeros((len(head), len(head)), dtype=np.float32))


def fit_taste(
    sequences: Sequences,
    *,
    decay: float = 0.97,
    regularisation: float = 200.0,
    cap: int = HEAD_CAP,
    counting: Counting = at_once,
) -> Taste:
    """Fit on the newest events of each user; memory as the ridge, with two matrices of head²."""
    head = head_of(sequences.item_counts(), min_count=MIN_COUNT, cap=cap)
    counts = counting(partial(taste_counts, head, sequences.item_count), sequences)
    gram = np.asfortranarray(counts.gram)
    gram[np.diag_indices_from(gram)] += regularisation
    return Taste(head, counts.place, _zero_diagonal_weights(gram), decay)


def _zero_diagonal_weights(gram: np.ndarray) -> np.ndarray:
    """Invert the Gram matrix in place; the weights are -inverse / its diagonal, 0 from an item to itself."""
    if not len(gram):
        return np.zeros((0, 0), dtype=np.float32)
    factor, _ = scipy.linalg.lapack.spotrf(gram, lower=1, overwrite_a=1, clean=1)
    inverse, _ = scipy.linalg.lapack.spotri(factor, lower=1, overwrite_c=1)
    weights = np.ascontiguousarray(inverse)
    weights += np.tril(weights, -1).T  # spotri fills the lower triangle only
    weights /= -np.diag(weights).copy()
    weights[np.diag_indices_from(weights)] = 0.0
    return weights
