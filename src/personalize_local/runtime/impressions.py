"""How often items were shown, as far as events say so: by their impression, or by the answer whose id they carry.

Lists of answers are remembered for the events that come soon after; how many is limited, and none outlives the server.
Source: contract §6.5: an explicit impression counts before the answer's list.
"""

from __future__ import annotations

from collections import Counter, OrderedDict

import numpy as np

from personalize_local.runtime.catalogue import Catalogue
from personalize_local.store.events import StreamedEvent

MAX_ANSWERS = 20_000


class Impressions:
    """Counts by row of the catalogue. Whoever uses it holds the lock of the group's data."""

    def __init__(self) -> None:
        self._lists: OrderedDict[str, np.ndarray] = OrderedDict()
        self._shown: Counter[int] = Counter()
        self._touched: Counter[int] = Counter()

    def remember(self, recommendation_id: str, rows: np.ndarray) -> None:
        """Take in what an answer shows: rows [places]."""
        self._lists[recommendation_id] = rows
        if len(self._lists) > MAX_ANSWERS:
            self._lists.popitem(last=False)

    def add(self, event: StreamedEvent, catalogue: Catalogue) -> None:
        """Count what the reader saw and what the reader took."""
        if event.impression:
            shown = catalogue.rows(event.impression)
            self._shown.update(shown[shown >= 0].tolist())
        elif event.recommendation_id is not None:
            self._shown.update(self._lists.pop(event.recommendation_id, np.empty(0, dtype=np.int64)).tolist())
        if event.item_id is not None and event.item_id in catalogue.row_of:
            self._touched[catalogue.row_of[event.item_id]] += 1

    def counts(self, rows: np.ndarray) -> np.ndarray:
        """Give how often items were shown or turned to since the bulk data: [rows] float64."""
        return np.array([self._shown[row] + self._touched[row] for row in rows.tolist()], dtype=np.float64)
