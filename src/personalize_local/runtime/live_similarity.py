"""Similar items as they go on while they are served: users in common since the training, and items that came later.

likeness = the training's + behaviour's share × what live users in common add; arrivals are like what is described alike

A reader's last 15 distinct items are remembered, and a pair of items counts once while both are among them. What
training counted weighs less as users come since. What is live is not kept: see live_model.py.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse

from personalize_local.models.coarse import CoarseScores
from personalize_local.models.content import ItemContent
from personalize_local.models.item_similarity import POPULARITY_SHARE, ItemSimilarity
from personalize_local.models.popularity import SMOOTHING
from personalize_local.models.query import Query, block_scores_of
from personalize_local.runtime.arrivals import MAX_ARRIVALS

RECENT = 15
MAX_READERS = 50_000
MAX_PAIRS = 300_000


@dataclass(frozen=True)
class Companions:
    """What live events say of the question's item, None for none: rows [companions], and what each gains.

    own_share is behaviour's share of the say about the item.
    """

    item_row: int | None
    rows: np.ndarray
    gains: np.ndarray
    own_share: float


@dataclass(frozen=True)
class SimilarityView:
    """The model as it was at one moment; rows go on from its items to the arrivals.

    Shapes: rows [touched] with what their popularity gained; features [items + arrivals, words], None where nothing is
    known of content.
    """

    model: ItemSimilarity
    rows: np.ndarray
    gains: np.ndarray
    arrival_count: int
    features: scipy.sparse.csr_matrix | None

    def scores(self, query: Query, rows: np.ndarray, companions: Companions) -> np.ndarray:
        """Give likeness to the question's item, then popularity: [items + arrivals] float32, -inf for itself."""
        return self.with_live(self.model.scores(self._known(query)), query, rows, companions)

    def coarse_scores(self, query: Query, rows: np.ndarray, companions: Companions) -> CoarseScores:
        """Give the same, which is exact at the first look."""
        return CoarseScores(self.scores(query, rows, companions))

    def block_scores(self, queries: Sequence[Query]) -> np.ndarray:
        """Give the model's scores of several questions, before `with_live`: [queries, items] float32."""
        return block_scores_of(self.model, [self._known(query) for query in queries])

    def with_live(self, scores: np.ndarray, query: Query, rows: np.ndarray, companions: Companions) -> np.ndarray:
        """Add what is live to the model's scores, in place where there are no arrivals: [items + arrivals] float32."""
        total = np.pad(scores, (0, self.arrival_count)) if self.arrival_count else scores
        total[self.rows] += self.gains
        if companions.item_row is None:
            return total
        np.add.at(total, companions.rows, companions.gains)
        if self.features is not None:
            self._add_described(self.features, total, companions)
        total[companions.item_row] = -np.inf
        return total

    def _add_described(self, features: scipy.sparse.csr_matrix, total: np.ndarray, companions: Companions) -> None:
        """Add how alike arrivals are described to the item, and everything where it is an arrival, in place."""
        item, count = companions.item_row, len(self.model.users)
        begin = count if item is not None and item < count else 0
        if begin < len(total):
            cosine = (features[begin:] @ features[item].T).toarray().ravel()
            total[begin:] += np.float32(1.0 - companions.own_share) * cosine

    def _known(self, query: Query) -> Query:
        item = query.item_row
        return replace(query, item_row=None) if item is not None and item >= len(self.model.users) else query


class LiveSimilarity:
    """The live side of a model of similar items. Callers hold the group's lock."""

    def __init__(self, model: ItemSimilarity, content: ItemContent | None) -> None:
        self.item_count = len(model.users)
        self.arrival_count = 0
        self._model = model
        self._words = None if content is None else content.words
        self._features = None if content is None or content.words is None else content.features.matrix()
        self._recent: OrderedDict[str, OrderedDict[int, None]] = OrderedDict()
        self._together: OrderedDict[int, Counter[int]] = OrderedDict()
        self._pair_count = 0
        self._users: Counter[int] = Counter()
        self._view: SimilarityView | None = None

    def is_newer(self, epoch_s: int) -> bool:
        """Tell whether an event of this time is newer than the training."""
        return epoch_s > self._model.until_epoch_s

    def add_event(
        self, reader_id: str, row: int, weight: float, epoch_s: int, past: Callable[[], Sequence[int]]
    ) -> None:
        """Count that a reader has turned to an item too, unless it is among the last ones.

        Args: past: gives what the reader turned to before, oldest first.
        """
        if reader_id not in self._recent:
            self._recent[reader_id] = OrderedDict.fromkeys(past())
        recent = self._recent[reader_id]
        self._recent.move_to_end(reader_id)
        if row not in recent:
            self._users[row] += 1
            for other in recent:
                self._count(row, other)
                self._count(other, row)
            self._view = None
        recent[row] = None
        recent.move_to_end(row)
        if len(recent) > RECENT:
            recent.popitem(last=False)
        if len(self._recent) > MAX_READERS:
            self._recent.popitem(last=False)
        while self._pair_count > MAX_PAIRS:
            self._pair_count -= len(self._together.popitem(last=False)[1])

    def add_arrivals(self, records: Sequence[Mapping[str, object]]) -> int:
        """Take items in that the model does not know, at most 20,000; gives how many it took."""
        taken = records[: MAX_ARRIVALS - self.arrival_count]
        self.arrival_count += len(taken)
        self._describe(len(taken), taken)
        return len(taken)

    def describe(self, row: int, record: Mapping[str, object]) -> None:
        """Take in that an arrival's record has changed."""
        if self._features is not None:
            behind = self._features[row + 1 :]
            self._features = self._features[:row]
            self._describe(1, [record])
            self._features = scipy.sparse.vstack([self._features, behind], format="csr")

    def view(self) -> SimilarityView:
        """Give the model as it is now; what was given before stays as it was."""
        if self._view is None:
            rows = np.array(sorted(self._users), dtype=np.int64)
            gains = POPULARITY_SHARE * self._popularity_gains(rows)
            self._view = SimilarityView(self._model, rows, gains, self.arrival_count, self._features)
        return self._view

    def followers(self, rows: np.ndarray, item_row: int | None = None) -> Companions:
        """Give what live events say of an item: rows, the reader's history, plays no part."""
        if item_row is None or not self._users:
            nothing = np.empty(0, dtype=np.int64)
            return Companions(item_row, nothing, nothing.astype(np.float32), self._own_share(item_row))
        counts = self._together.get(item_row, {})
        found = np.fromiter(counts, dtype=np.int64, count=len(counts))
        together = np.fromiter(counts.values(), dtype=np.float64, count=len(counts))
        users = np.maximum(self._users_of(np.append(found, item_row)), 1.0)
        own_share = self._own_share(item_row)
        gains = own_share * self._model.rule.of(together, users[-1], users[:-1])
        before, changes = self._changes(item_row, own_share)
        both = np.concatenate([gains, changes]).astype(np.float32)
        return Companions(item_row, np.concatenate([found, before]), both, own_share)

    def _changes(self, item_row: int, own_share: float) -> tuple[np.ndarray, np.ndarray]:
        """Give the trained neighbours of an item, and what they lose to users who came since: two of [neighbours]."""
        model = self._model
        if item_row >= self.item_count:
            return np.empty(0, dtype=np.int64), np.empty(0)
        columns, values = model.neighbours.row(item_row)
        cosine = np.zeros(len(columns))
        if self._features is not None:
            cosine = (self._features[columns] @ self._features[item_row].T).toarray().ravel()
        share = self._own_share(item_row, live=False)
        behaviour = np.maximum(values - (1.0 - share) * cosine, 0.0) / max(share, 1e-9)
        rows = np.append(columns, item_row)
        before, now = (np.maximum(each, 1.0) for each in (model.users[rows], self._users_of(rows)))
        scale = np.sqrt(before[-1] / now[-1]) * (before[:-1] / now[:-1]) ** model.rule.popularity_power
        return columns.astype(np.int64), own_share * behaviour * scale + (1.0 - own_share) * cosine - values

    def _count(self, item: int, other: int) -> None:
        counts = self._together.setdefault(item, Counter())
        self._together.move_to_end(item)
        self._pair_count += other not in counts
        counts[other] += 1

    def _describe(self, count: int, records: Sequence[Mapping[str, object]]) -> None:
        """Put the features of items behind those there are."""
        self._view = None
        if self._words is not None and self._features is not None and count:
            described = self._words.features(records).matrix()
            self._features = scipy.sparse.vstack([self._features, described], format="csr")

    def _users_of(self, rows: np.ndarray) -> np.ndarray:
        """Give how many users rows have had: [rows] float64."""
        known = rows < self.item_count
        trained = np.where(known, self._model.users[np.where(known, rows, 0)], 0.0) if self.item_count else 0.0 * rows
        return trained + np.array([self._users[row] for row in rows.tolist()], dtype=np.float64)

    def _popularity_gains(self, rows: np.ndarray) -> np.ndarray:
        """Give what live users add to the popularity of rows, on the scale of the training's: [rows] float32."""
        known = rows < self.item_count
        before = np.where(known, self._model.popularity[np.where(known, rows, 0)], 0.0)
        low, high = (np.log(float(end) + SMOOTHING) for end in (self._model.users.min(), self._model.users.max()))
        now = (np.log(self._users_of(rows) + SMOOTHING) - low) / max(high - low, 1e-9)
        return (now - before).astype(np.float32)

    def _own_share(self, item_row: int | None, *, live: bool = True) -> float:
        """Give behaviour's share of the say about an item, with its live users or without them."""
        if item_row is None:
            return 1.0
        users = self._users_of(np.array([item_row]))[0] if live else self._model.users[item_row]
        features = self._features
        is_described = features is not None and features.indptr[item_row + 1] > features.indptr[item_row]
        return float(self._model.rule.behaviour_share(np.array(users), np.array(is_described)))
