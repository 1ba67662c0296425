"""How often items were shown, as far as events say so: by their impression, or by the answer whose id they carry.

Lists of answers are remembered for the events that come soon after; how many is limited, and none outlives the server.
Source: contract §6.5: an explicit impression counts before the answer's list.
"""

from __future__ import annotations

from collections import OrderedDict

import numpy as np

from personalize_local.runtime.catalogue import Catalogue
from personalize_local.store.events import StreamedEvent

MAX_ANSWERS = 20_000
NO_ROWS = np.empty(0, dtype=np.int64)


class Impressions:
    """Counts by row of the catalogue. Whoever uses it holds the lock of the group's data."""

    def __init__(self) -> None:
        self._lists: OrderedDict[str, np.ndarray] = OrderedDict()
        self._counts = np.zeros(1024)  # [catalogue and room behind it]

    def remember(self, recommendation_id: str, rows: np.ndarray) -> None:
        """Take in what an answer shows: rows [places]."""
        self._lists[recommendation_id] = rows
        if len(self._lists) > MAX_ANSWERS:
            self._lists.popitem(last=False)

    def add(self, event: StreamedEvent, catalogue: Catalogue) -> None:
        """Count what the reader saw and what the reader took."""
        if len(catalogue) > len(self._counts):
            self._counts = np.append(self._counts, np.zeros(len(catalogue)))
        rows = catalogue.rows((event.item_id or "", *event.impression))
        np.add.at(self._counts, rows[rows >= 0], 1.0)
        if not event.impression and event.recommendation_id is not None:
            self._counts[self._lists.pop(event.recommendation_id, NO_ROWS)] += 1.0

    def counts(self, rows: np.ndarray) -> np.ndarray:
        """Give how often items were shown or turned to since the bulk data: [rows] float64."""
        return counted(self._counts, rows)


def counted(counts: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Take counts of rows; 0 for those beyond the end: [rows] float64."""
    found = np.zeros(len(rows))
    inside = rows < len(counts)
    found[inside] = counts[rows[inside]]
    return found
