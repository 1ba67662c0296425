"""Articles of the last minute: the same front pages are asked for again and again.

An entry is fresh for a while, and kept longer for the moments in which the table does not answer.
"""

from collections.abc import Callable, Iterable, Mapping
from threading import Lock
from typing import Any

Article = dict[str, Any]


class ArticleCache:
    """Converted articles by id; None for an id that the table does not have."""

    def __init__(self, *, ttl_s: float, most: int, clock: Callable[[], float]) -> None:
        self._ttl_s = ttl_s
        self._most = most
        self._clock = clock
        self._lock = Lock()
        self._entries: dict[str, tuple[float, Article | None]] = {}  # oldest first

    def fresh(self, ids: Iterable[str]) -> dict[str, Article | None]:
        """Return what is known and fresh."""
        now_s, entries = self._clock(), self._entries
        return {item: entry[1] for item in ids if (entry := entries.get(item)) and now_s < entry[0]}

    def known(self, ids: Iterable[str]) -> dict[str, Article]:
        """Return the articles that are known, however long since."""
        entries = self._entries
        return {item: entry[1] for item in ids if (entry := entries.get(item)) and entry[1] is not None}

    def keep(self, articles: Mapping[str, Article | None]) -> None:
        """Remember articles; the oldest make room."""
        until_s = self._clock() + self._ttl_s
        with self._lock:
            for item, article in articles.items():
                self._entries.pop(item, None)
                self._entries[item] = (until_s, article)
            while len(self._entries) > self._most:
                del self._entries[next(iter(self._entries))]
