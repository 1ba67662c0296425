"""The log of what was recommended and how likely that was: JSON lines that `personalize-local evaluate` reads.

    {"recommendation_id": "RID-…", "item_id": "a", "rank": 1, "propensity": 0.25, "shown_at_epoch_s": 1700000000}

Answers of campaigns that explore are logged, those with promotions not: the chances of these are not known. No line
names a reader; what came of an answer, the events say that carry its id. Written by a thread of its own, a quarter of a
second's answers at a time: an answer neither waits for the disk nor wakes anybody, and the last ones may be lost. Four
files of 16 MiB at most; what comes faster than it can be written is left out, whole answers at a time. The format is
that of docs/evaluation.md.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from functools import lru_cache
from json.encoder import encode_basestring_ascii as quoted
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from personalize_local.runtime.ranking import Ranked

NAME = "recommendations.jsonl"
MAX_BYTES = 16 << 20
FILE_COUNT = 4
WAITING = 10_000
GATHERED_S = 0.25
KEPT_ENDS = 1 << 12

Answer = tuple[str, list[str], list[float], int]


class PolicyLog:
    """Appends answers to a file, and begins a new one when it is full."""

    def __init__(self, folder: Path, *, is_on: bool = True, max_bytes: int = MAX_BYTES) -> None:
        self._folder = folder
        self._is_on = is_on
        self._max_bytes = max_bytes
        self._waiting: deque[Answer] = deque()
        self._woken = threading.Event()
        self._writing = threading.Lock()
        self._starting = threading.Lock()
        self._writer: threading.Thread | None = None

    @property
    def path(self) -> Path:
        """The file being written; older ones end in .1, .2 and so on."""
        return self._folder / NAME

    def write(
        self, recommendation_id: str, answer: Sequence[Mapping[str, Any]], ranked: Sequence[Ranked], now_epoch_s: int
    ) -> None:
        """Log an answer soon, if all of its chances are known."""
        if not self._is_on or not answer or len(self._waiting) >= WAITING:
            return
        chances = [each.propensity for each in ranked]
        if min(chances) <= 0:
            return
        self._waiting.append((recommendation_id, [item["item_id"] for item in answer], chances, now_epoch_s))
        if not self._woken.is_set():
            self._woken.set()
            if self._writer is None:
                self._start()

    def flush(self) -> None:
        """Write all that was given until now."""
        with self._writing:
            texts = []
            for _ in range(len(self._waiting)):
                texts.append(_lines(self._waiting.popleft()))
                time.sleep(0)  # who answers goes first
            if texts:
                self._append("".join(texts))

    def _start(self) -> None:
        with self._starting:
            if self._writer is None:
                self._writer = threading.Thread(target=self._run, name="personalize-policy-log", daemon=True)
                self._writer.start()

    def _run(self) -> None:
        while True:
            self._woken.wait()
            time.sleep(GATHERED_S)
            self._woken.clear()
            self.flush()

    def _append(self, text: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        if self.path.exists() and self.path.stat().st_size + len(text) > self._max_bytes:
            self._rotate()
        with self.path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(text)

    def _rotate(self) -> None:
        names = [self.path, *(self.path.with_name(f"{NAME}.{number}") for number in range(1, FILE_COUNT))]
        for older, newer in zip(names[:0:-1], names[-2::-1], strict=True):
            if newer.exists():
                newer.replace(older)


def _lines(answer: Answer) -> str:
    recommendation_id, item_ids, chances, now_epoch_s = answer
    common = f'{{"recommendation_id": {quoted(recommendation_id)}, "shown_at_epoch_s": {now_epoch_s}, "item_id": '
    return "".join(
        common + quoted(item_id) + _end(rank, chance)
        for rank, (item_id, chance) in enumerate(zip(item_ids, chances, strict=True), start=1)
    )


@lru_cache(KEPT_ENDS)
def _end(rank: int, chance: float) -> str:
    """Give the end of a line; most answers have the same chances at the same places."""
    return f', "rank": {rank}, "propensity": {chance}}}\n'
