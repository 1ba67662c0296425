"""Trending as it goes on while it is served: events since the training count at once, on items that came later too.

What trends is what trends at the time of the newest event, whatever the clock says: data that end do not grow cold.
What is live is not kept: see live_model.py. One pass over the catalogue for the first answer after an event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from personalize_local.models.coarse import CoarseScores
from personalize_local.models.query import Query
from personalize_local.models.trending import Trending
from personalize_local.runtime.arrivals import MAX_ARRIVALS

FOLD_EVENTS = 4096


@dataclass(frozen=True)
class TrendingView:
    """Growth as it was at one moment: [items + arrivals] float32, -inf for arrivals that nobody turned to."""

    growth: np.ndarray

    def scores(self, query: Query, rows: np.ndarray, followers: object) -> np.ndarray:
        """Give the growth, whoever asks."""
        return self.growth.copy()

    def coarse_scores(self, query: Query, rows: np.ndarray, followers: object) -> CoarseScores:
        """Give the growth, which is exact at the first look."""
        return CoarseScores(self.scores(query, rows, followers))

    def block_scores(self, queries: Sequence[Query]) -> np.ndarray:
        """Give the growth for several questions: [queries, items + arrivals]."""
        return np.tile(self.growth, (len(queries), 1))

    def with_live(self, scores: np.ndarray, query: Query, rows: np.ndarray, followers: object) -> np.ndarray:
        """Give the scores as they are: what is live is in them."""
        return scores


class LiveTrending:
    """The live side of a trending model; rows go on from its items to the arrivals. Callers hold the group's lock."""

    def __init__(self, model: Trending) -> None:
        self.item_count = len(model.popularity)
        self.arrival_count = 0
        self._trained_until_epoch_s = model.memories.at_epoch_s
        self._model = model
        self._waiting: list[tuple[int, float, int]] = []  # events: row, weight, epoch_s
        self._touched = np.empty(0, dtype=bool)  # [arrivals]
        self._view: TrendingView | None = None

    def is_newer(self, epoch_s: int) -> bool:
        """Tell whether an event of this time is newer than the training."""
        return epoch_s > self._trained_until_epoch_s

    def add_event(
        self, reader_id: str, row: int, weight: float, epoch_s: int, past: Callable[[], Sequence[int]]
    ) -> None:
        """Count an event newer than the training, as the training does; who, and after what, plays no part."""
        self._waiting.append((row, weight, epoch_s))
        self._view = None
        if len(self._waiting) >= FOLD_EVENTS:
            self._fold()

    def add_arrivals(self, records: Sequence[Mapping[str, object]]) -> int:
        """Take items in that the model does not know, at most 20,000; gives how many it took."""
        taken = len(records[: MAX_ARRIVALS - self.arrival_count])
        self.arrival_count += taken
        self._view = None
        return taken

    def describe(self, row: int, record: Mapping[str, object]) -> None:
        """Take in that a record has changed: no record has a part in what trends."""

    def followers(self, rows: np.ndarray, item_row: int | None = None) -> None:
        """Nothing follows anything here."""

    def view(self) -> TrendingView:
        """Give the growth as it is now."""
        if self._view is None:
            self._fold()
            growth = self._model.growth.copy()
            growth[self.item_count :][~self._touched] = -np.inf
            self._view = TrendingView(growth)
        return self._view

    def _fold(self) -> None:
        """Count what waits, and make room for the arrivals."""
        added = self.arrival_count - len(self._touched)
        memories, popularity = self._model.memories, self._model.popularity
        if added:
            memories = replace(memories, counts=np.pad(memories.counts, ((0, 0), (0, added))))
            popularity = np.pad(popularity, (0, added))
            self._touched = np.pad(self._touched, (0, added))
        if self._waiting:
            rows, weights, times = (np.array(each) for each in zip(*self._waiting, strict=True))
            memories = memories.aged(int(times.max())).plus(rows, weights, times)
            self._touched[rows[rows >= self.item_count] - self.item_count] = True
            self._waiting = []
        self._model = Trending(memories, popularity)
