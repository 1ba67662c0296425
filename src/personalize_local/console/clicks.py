"""What readers clicked on these pages: the imported data does not have it, so the pages remember."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from datetime import UTC, datetime
from typing import Any

KEPT_READERS, KEPT_CLICKS = 500, 25


class Clicks:
    """The last clicks of the last readers, newest first; gone when the console stops."""

    def __init__(self) -> None:
        self._readers: OrderedDict[tuple[str, str], deque[dict[str, Any]]] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, group_arn: str, user_id: str, item_id: str, event_type: str) -> None:
        with self._lock:
            clicks = self._readers.setdefault((group_arn, user_id), deque(maxlen=KEPT_CLICKS))
            clicks.appendleft({"item_id": item_id, "at": datetime.now(UTC), "event_type": event_type})
            self._readers.move_to_end((group_arn, user_id))
            while len(self._readers) > KEPT_READERS:
                self._readers.popitem(last=False)

    def of(self, group_arn: str, user_id: str) -> list[dict[str, Any]]:
        with self._lock:
            return list(self._readers.get((group_arn, user_id), ()))
