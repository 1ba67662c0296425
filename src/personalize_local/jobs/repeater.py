"""A thread that does something again and again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

logger = logging.getLogger(__name__)


class Repeater:
    """Calls `task` every `interval_s`; an error is logged, and it goes on."""

    def __init__(self, name: str, task: Callable[[], None], interval_s: float) -> None:
        self._name = name
        self._task = task
        self._interval_s = interval_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"personalize-{name}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread, after the call that it is in."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(self._interval_s):
            self._call()

    def _call(self) -> None:
        try:
            self._task()
        except Exception:
            logger.exception("%s could not be done; trying again", self._name)
