"""The place of one dataset group's data: what answers stand on now, and what is being read to take its place.

Rule 1: data is read aside, by another thread, and put in place whole; requests go on with what was there before.
Rule 2: the request that finds the data out of date waits a moment for the new, so that a small import shows in the next
    answer; the others do not wait.
Rule 3: while there is no data at all, every request waits.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future

from personalize_local.runtime.group_data import GroupData, Signature

REFRESH_WAIT_S = 5.0

logger = logging.getLogger(__name__)

Read = Callable[[GroupData | None], GroupData]


class GroupSlot:
    """Holds the data of one dataset group."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._signatures: tuple[Signature, ...] | None = None
        self._data: GroupData | None = None
        self._pending: Future[GroupData] | None = None

    @property
    def data(self) -> GroupData | None:
        """What is in place; None before anything was read."""
        return self._data

    def at_hand(self, wanted: tuple[Signature, ...]) -> GroupData | None:
        """Give the data if it is what is wanted, without waiting for it."""
        with self._lock:
            return self._data if self._signatures == wanted else None

    def current(self, wanted: tuple[Signature, ...], read: Read, executor: Executor) -> GroupData:
        """Give the data, after having `read` called with what is in place when that has other signatures.

        Errors: what `read` raises, when there is nothing in place; otherwise that is logged.
        """
        with self._lock:
            if self._data is not None and self._signatures == wanted:
                return self._data
            wait_s = 0.0
            if self._pending is None:
                self._pending, wait_s = executor.submit(self._replace, wanted, read), REFRESH_WAIT_S
            pending, data = self._pending, self._data
        if data is None:
            return pending.result()
        try:
            return pending.result(wait_s)
        except TimeoutError:
            return data
        except Exception:
            logger.exception("the data could not be read again; answers stand on what was read before")
            return data

    def _replace(self, wanted: tuple[Signature, ...], read: Read) -> GroupData:
        try:
            data = read(self._data)
            with self._lock:
                self._signatures, self._data = wanted, data
            return data
        finally:
            with self._lock:
                self._pending = None
