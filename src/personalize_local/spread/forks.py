"""Work in one process for each core of this machine.

The processes are forks: they share what this process has read. They begin with the second part, so that little work
needs none, and end with this process in whatever way it ends. Where forks are unsafe, there is this process alone.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from personalize_local.spread.spread import Part, Result, Work

_own: Work[Any, Any] | None = None  # what a forked process works with


@dataclass(frozen=True)
class Forks:
    """Forks this process for the work; at most two parts per process are in memory.

    Args: process_count: how many; one for each core unless given. Errors of `map`: BrokenProcessPool when one is gone.
    """

    process_count: int | None = None
    shares_memory = True

    def map(self, work: Work[Part, Result], parts: Iterable[Part]) -> Iterator[Result]:
        """Give the result of each part in the parts' order."""
        count = core_count() if self.process_count is None else self.process_count
        rest = iter(parts)
        first = list(islice(rest, 2))
        if count == 1 or len(first) < 2:
            yield from (work(place, part) for place, part in enumerate(chain(first, rest)))
            return
        reading, writing = os.pipe()
        try:
            context = multiprocessing.get_context("fork")
            with ProcessPoolExecutor(count, context, _begin, (work, reading, writing)) as pool:
                yield from _in_order(pool, enumerate(chain(first, rest)), 2 * count)
        finally:
            os.close(reading)
            os.close(writing)


def core_count() -> int:
    """Give how many processes can work at once."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


def _in_order(pool: ProcessPoolExecutor, parts: Iterable[tuple[int, Any]], limit: int) -> Iterator[Any]:
    waiting: deque[Future[Any]] = deque()
    try:
        for place, part in parts:
            waiting.append(pool.submit(_work, place, part))
            if len(waiting) == limit:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def _begin(work: Work[Any, Any], reading: int, writing: int) -> None:
    """Get ready in a forked process: nobody but the parent holds the pipe's other end open."""
    global _own
    _own = work
    os.close(writing)
    threading.Thread(target=_end_with_parent, args=(reading,), name="parent-watch", daemon=True).start()


def _end_with_parent(reading: int) -> None:
    os.read(reading, 1)
    os._exit(1)


def _work(place: int, part: Any) -> Any:
    assert _own is not None
    return _own(place, part)
