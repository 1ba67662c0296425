"""Answer chunks of lines in one process for each core, and give the answers in the order of the chunks.

The processes are forks: they share what the job has read. They begin with the second chunk, so that a small input needs
none, and end with this process in whatever way it ends. Where forks are unsafe, there is this process alone.

Rule: what a chunk's answers draw from chance depends on the chunk's place only, not on the process that answers it.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain, islice
from typing import TypeVar

Chunk = TypeVar("Chunk")
Answered = TypeVar("Answered")
AnswerChunk = Callable[[int, Chunk], Answered]

_own: AnswerChunk | None = None  # what a forked process answers with


def answer_chunks(
    chunks: Iterable[Chunk], answer: AnswerChunk[Chunk, Answered], process_count: int | None = None
) -> Iterator[Answered]:
    """Give `answer(place, chunk)` of each chunk; at most two chunks per process are in memory.

    Errors: what `answer` raises; BrokenProcessPool when a process is gone.
    """
    count = core_count() if process_count is None else process_count
    rest = iter(chunks)
    first = list(islice(rest, 2))
    if count == 1 or len(first) < 2:
        yield from (answer(place, chunk) for place, chunk in enumerate(chain(first, rest)))
        return
    reading, writing = os.pipe()
    try:
        context = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(count, context, _begin, (answer, reading, writing)) as pool:
            yield from _in_order(pool, enumerate(chain(first, rest)), 2 * count)
    finally:
        os.close(reading)
        os.close(writing)


def core_count() -> int:
    """Give how many processes can work at once."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1


def _in_order(pool: ProcessPoolExecutor, chunks: Iterable[tuple[int, Chunk]], limit: int) -> Iterator[Answered]:
    waiting: deque[Future[Answered]] = deque()
    try:
        for place, chunk in chunks:
            waiting.append(pool.submit(_answer, place, chunk))
            if len(waiting) == limit:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def _begin(answer: AnswerChunk, reading: int, writing: int) -> None:
    """Get ready in a forked process: nobody but the parent holds the pipe's other end open."""
    global _own
    _own = answer
    os.close(writing)
    threading.Thread(target=_end_with_parent, args=(reading,), name="parent-watch", daemon=True).start()


def _end_with_parent(reading: int) -> None:
    os.read(reading, 1)
    os._exit(1)


def _answer(place: int, chunk: Chunk) -> Answered:
    assert _own is not None
    return _own(place, chunk)
