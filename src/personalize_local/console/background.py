"""Work that takes longer than a page may: done aside, once for what it is about, and its result kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Generic, TypeVar

Made = TypeVar("Made")
Progress = Callable[[str], None]


class StillReadingError(Exception):
    """What a page shows is being read; the message says how far it is."""


class Background(Generic[Made]):
    """Makes things one after the other and keeps the last few. What failed is tried again when it is next asked for.

    Args:
        wait_s: how long a page waits for it.
    """

    def __init__(self, kept: int, wait_s: float) -> None:
        self._kept, self._wait_s = kept, wait_s
        self._found: OrderedDict[Hashable, Future[Made]] = OrderedDict()
        self._told: dict[Hashable, str] = {}
        self._lock = threading.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="console-reading")

    def get(self, key: Hashable, make: Callable[[Progress], Made]) -> Made:
        """Give what was made, or make it.

        Errors: StillReadingError when it takes longer; whatever `make` raised.
        """
        future = self._start(key, make)
        wait([future], self._wait_s)
        if not future.done():
            raise StillReadingError(self._told.get(key, "It is next in turn."))
        if future.exception() is not None:
            self._forget(key, future)
        return future.result()

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _start(self, key: Hashable, make: Callable[[Progress], Made]) -> Future[Made]:
        with self._lock:
            if key not in self._found:
                self._found[key] = self._thread.submit(make, lambda text: self._tell(key, text))
            self._found.move_to_end(key)
            for old in list(self._found)[: -self._kept]:
                if self._found[old].done():
                    del self._found[old]
                    self._told.pop(old, None)
            return self._found[key]

    def _tell(self, key: Hashable, text: str) -> None:
        self._told[key] = text

    def _forget(self, key: Hashable, future: Future[Made]) -> None:
        with self._lock:
            if self._found.get(key) is future:
                del self._found[key]
