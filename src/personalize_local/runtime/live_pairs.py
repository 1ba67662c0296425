"""What was turned to after what, since the training: directed co-occurrence from live events, for everybody's answers.

Counted as the sequential rules count: each item that came within the window after another, 1/gap each.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable

import numpy as np

WINDOW = 15
MAX_PAIRS = 300_000  # about 100 bytes each
MAX_READERS = 50_000


class LivePairs:
    """Pairs by their first item; the first items that nobody turned to for longest are forgotten beyond the limit.

    Whoever uses it holds the lock of the group's data.
    """

    def __init__(self, max_pairs: int = MAX_PAIRS) -> None:
        self._after: OrderedDict[int, dict[int, float]] = OrderedDict()
        self._recent: OrderedDict[str, deque[int]] = OrderedDict()
        self._max_pairs = max_pairs
        self._pair_count = 0

    def knows(self, reader_id: str) -> bool:
        """Tell whether the reader's last items are known here."""
        return reader_id in self._recent

    def begin(self, reader_id: str, rows: Iterable[int]) -> None:
        """Say what a reader turned to before the first live event, oldest first."""
        self._recent[reader_id] = deque(rows, maxlen=WINDOW)

    def is_echo(self, reader_id: str, row: int) -> bool:
        """Tell whether the item is the one that the reader turned to last."""
        recent = self._recent.get(reader_id)
        return bool(recent) and recent[-1] == row

    def add(self, reader_id: str, row: int, weight: float) -> None:
        """Count that a reader turned to an item."""
        recent = self._recent.setdefault(reader_id, deque(maxlen=WINDOW))
        self._recent.move_to_end(reader_id)
        for gap, before in zip(range(len(recent), 0, -1), recent, strict=True):  # the nearest last: it stays longest
            if before != row:
                self._count(before, row, weight / gap)
        recent.append(row)
        if len(self._recent) > MAX_READERS:
            self._recent.popitem(last=False)
        while self._pair_count > self._max_pairs:
            self._pair_count -= len(self._after.popitem(last=False)[1])

    def after(self, rows: np.ndarray, weights: np.ndarray) -> dict[int, float]:
        """Add up what came after some items, by their weights [rows]: each item, and how often it came."""
        found: dict[int, float] = {}
        for row, weight in zip(rows.tolist(), weights.tolist(), strict=True):
            for item, count in self._after.get(row, {}).items():
                found[item] = found.get(item, 0.0) + weight * count
        return found

    def __len__(self) -> int:
        return self._pair_count

    def _count(self, before: int, row: int, weight: float) -> None:
        after = self._after.setdefault(before, {})
        self._after.move_to_end(before)
        self._pair_count += row not in after
        after[row] = after.get(row, 0.0) + weight
