"""How often items were shown, as far as events say so: by their impression, or by the answer whose id they carry.

The IMPRESSION column of imported events counts as the impression of streamed ones does.
Lists of answers are remembered for the events that come soon after; how many is limited, and none outlives the server.
Source: contract §6.5: an explicit impression counts before the answer's list.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable

import numpy as np

from personalize_local.runtime.catalogue import Catalogue
from personalize_local.store.events import StreamedEvent
from personalize_local.store.impression_counts import NO_IMPRESSIONS, ImpressionCounts

MAX_ANSWERS = 20_000
NO_ROWS = np.empty(0, dtype=np.int64)


class Impressions:
    """Counts by row of the catalogue. Whoever uses it holds the lock of the group's data.

    What was shown before the catalogue had it counts from when it has.
    Args: imported: what the bulk data showed.
    """

    def __init__(self, catalogue: Catalogue, imported: ImpressionCounts = NO_IMPRESSIONS) -> None:
        self._catalogue = catalogue
        self._lists: OrderedDict[str, np.ndarray] = OrderedDict()
        self._counts = np.zeros(0)  # [catalogue and room behind it]
        self._followed = 0  # how much of the catalogue has room
        self._ahead: Counter[str] = Counter()  # item → how often it was shown, of those not in the catalogue
        self._count(imported.item_ids, imported.counts)

    def remember(self, recommendation_id: str, rows: np.ndarray) -> None:
        """Take in what an answer shows: rows [places]."""
        self._lists[recommendation_id] = rows
        if len(self._lists) > MAX_ANSWERS:
            self._lists.popitem(last=False)

    def add(self, event: StreamedEvent) -> None:
        """Count what the reader saw and what the reader took."""
        shown = event.impression if event.item_id is None else (event.item_id, *event.impression)
        self._count(shown, np.ones(len(shown)))
        if not event.impression and event.recommendation_id is not None:
            self._counts[self._lists.pop(event.recommendation_id, NO_ROWS)] += 1.0

    def counts(self, rows: np.ndarray) -> np.ndarray:
        """Give how often items were shown, or turned to since the bulk data: [rows] float64."""
        self._follow()
        return counted(self._counts, rows)

    def _count(self, item_ids: Iterable[str], counts: np.ndarray) -> None:
        self._follow()
        item_ids = list(item_ids)
        rows = self._catalogue.rows(item_ids)
        np.add.at(self._counts, rows[rows >= 0], counts[rows >= 0])
        for place in np.flatnonzero(rows < 0).tolist():
            self._ahead[item_ids[place]] += counts[place]

    def _follow(self) -> None:
        """Make room for what is new in the catalogue."""
        new = self._catalogue.ids[self._followed :]
        if not new:
            return
        size = len(self._catalogue)
        if size > len(self._counts):
            self._counts = np.append(self._counts, np.zeros(size))
        if self._ahead:
            self._counts[self._followed : size] += [self._ahead.pop(item_id, 0.0) for item_id in new]
        self._followed = size


def counted(counts: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Take counts of rows; 0 for those beyond the end: [rows] float64."""
    found = np.zeros(len(rows))
    inside = rows < len(counts)
    found[inside] = counts[rows[inside]]
    return found
