"""Items that came after the training: scored at once by those that are described alike, then by their own record.

An arrival borrows the scores of 10 warm items of like content, but for what these owe to their age and to having been
seen; then comes what the blend gives new items beside: a bonus, likeness to the history, appeal. With n live events of
its own, n / (n + 10) of its score are its own. The sequence layer scores it by its content. Its age is its own from the
start. Without content, and before the first event, it has no score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse

from personalize_local.models.blend import Blend
from personalize_local.models.cold_items import MAX_WARM, NEIGHBOURS, WARM_COUNT
from personalize_local.models.content import ItemContent
from personalize_local.models.popularity import DAY_S
from personalize_local.models.sequence_model import SequenceModel
from personalize_local.models.sparse_rows import SparseRows

MAX_ARRIVALS = 20_000
OWN_RECORD_FROM = 10.0
BLOCK_ROWS = 256
PREFERENCE = 1e-3
CREATION_TIMESTAMP = "CREATION_TIMESTAMP"


@dataclass(frozen=True)
class Ties:
    """Whose scores arrivals borrow.

    Shapes: neighbours [arrivals, neighbours] rows of the model; weights of the same shape, of a row they sum to 1, or
    all are 0 where nothing is alike; vectors [arrivals, width] of the sequence layer, None without one; features
    [arrivals, words], None where nothing is known of content; born_epoch_s [arrivals] float64, NaN unknown.
    """

    neighbours: np.ndarray
    weights: np.ndarray
    vectors: np.ndarray | None
    features: scipy.sparse.csr_matrix | None
    born_epoch_s: np.ndarray

    def __len__(self) -> int:
        return len(self.neighbours)

    @cached_property
    def alike(self) -> np.ndarray:
        """Tell which are like something: [arrivals] bool."""
        return self.weights.any(axis=1)

    def borrowed(self, values: np.ndarray) -> np.ndarray:
        """Give what arrivals borrow of the model's items' values [items]: [arrivals]."""
        return np.einsum("an,an->a", self.weights, values[self.neighbours])

    def borrowed_dots(self, vectors: np.ndarray, vector: np.ndarray) -> np.ndarray:
        """Give what arrivals borrow of the products of the items' vectors [items, width] with one: [arrivals]."""
        rows, places = np.unique(self.neighbours, return_inverse=True)
        dots = vectors[rows] @ vector
        return np.einsum("an,an->a", self.weights, dots[places.reshape(self.neighbours.shape)])

    def plus(self, other: Ties) -> Ties:
        """Put others behind these."""
        vectors, features = None, None
        if self.vectors is not None and other.vectors is not None:
            vectors = np.concatenate([self.vectors, other.vectors])
        if self.features is not None and other.features is not None:
            features = scipy.sparse.vstack([self.features, other.features], format="csr")
        neighbours = np.concatenate([self.neighbours, other.neighbours])
        born = np.concatenate([self.born_epoch_s, other.born_epoch_s])
        return Ties(neighbours, np.concatenate([self.weights, other.weights]), vectors, features, born)

    def replaced(self, place: int, other: Ties) -> Ties:
        """Put one other in the place of one of these."""
        first, last = (self._cut(here) for here in (slice(0, place), slice(place + 1, None)))
        return first.plus(other).plus(last)

    def _cut(self, here: slice) -> Ties:
        vectors = None if self.vectors is None else self.vectors[here]
        features = None if self.features is None else self.features[here]
        return Ties(self.neighbours[here], self.weights[here], vectors, features, self.born_epoch_s[here])


class Describer:
    """Ties items to a model's by their records."""

    def __init__(self, content: ItemContent, blend: Blend) -> None:
        self._content = content
        self._blend = blend

    def ties(self, records: Sequence[Mapping[str, object]]) -> Ties:
        """Tie items; time: some milliseconds for a few, about 10 s for 20,000."""
        words = self._content.words
        assert words is not None  # see describer_of
        features = words.features(records)
        neighbours, weights = self._nearest(features)
        return Ties(neighbours, weights, self._vectors(features), features.matrix(), _born(records))

    def _vectors(self, features: SparseRows) -> np.ndarray | None:
        layer = sequence_layer(self._blend)
        return layer.item_vectors(features) if layer is not None else None

    def _nearest(self, features: SparseRows) -> tuple[np.ndarray, np.ndarray]:
        count = min(NEIGHBOURS, len(self._warm))
        matrix = features.matrix()
        found = np.zeros((matrix.shape[0], count), dtype=np.int32)
        cosine = np.zeros((matrix.shape[0], count), dtype=np.float32)
        for begin in range(0, matrix.shape[0], BLOCK_ROWS):
            alike = (matrix[begin : begin + BLOCK_ROWS] @ self._columns).toarray()
            best = np.argsort(-(alike + PREFERENCE * self._preference), axis=1, kind="stable")[:, :count]
            found[begin : begin + len(alike)] = self._warm[best]
            cosine[begin : begin + len(alike)] = np.take_along_axis(alike, best, axis=1)
        return found, cosine / np.maximum(cosine.sum(axis=1, keepdims=True), 1e-9)

    @cached_property
    def _recent(self) -> np.ndarray:
        """Counts of about a week, or what is nearest to it: [items]."""
        popularity = self._blend.popularity
        return popularity.counts[int(np.argmin(np.abs(popularity.half_lives_s - 7.0 * DAY_S)))]

    @cached_property
    def _warm(self) -> np.ndarray:
        """The rows that may lend: [warm], at most 5,000, those most popular lately."""
        ever = self._blend.popularity.counts[int(np.argmin(self._blend.popularity.half_lives_s))]
        warm = np.flatnonzero(self._content.known() & (ever >= WARM_COUNT))
        return np.sort(warm[np.argsort(-self._recent[warm], kind="stable")[:MAX_WARM]])

    @cached_property
    def _preference(self) -> np.ndarray:
        recent = self._recent[self._warm]
        return recent / max(float(recent.max(initial=0.0)), 1e-9)

    @cached_property
    def _columns(self) -> object:
        return self._content.features.matrix()[self._warm].T.tocsr()


def describer_of(content: ItemContent | None, blend: Blend) -> Describer | None:
    """Give what ties arrivals to a model's items; None where the model knows nothing of content."""
    return Describer(content, blend) if content is not None and content.words is not None else None


def no_ties(count: int) -> Ties:
    """Give ties of items of which nothing is known."""
    nobody, nothing = np.zeros((count, 1), dtype=np.int32), np.zeros((count, 1), dtype=np.float32)
    return Ties(nobody, nothing, None, None, np.full(count, np.nan))


def _born(records: Sequence[Mapping[str, object]]) -> np.ndarray:
    """Give when items were created, by their records: [records] float64, NaN unknown."""
    told = [record.get(CREATION_TIMESTAMP) for record in records]
    return np.array([float(each) if isinstance(each, (int, float)) else np.nan for each in told])


def sequence_layer(blend: Blend) -> SequenceModel | None:
    """Give the sequence layer of a blend, if it has one that reads content."""
    found = (part for part in blend.parts if isinstance(part, SequenceModel) and part.word_vectors is not None)
    return next(found, None)
