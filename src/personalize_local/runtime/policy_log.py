"""The log of what was recommended and how likely that was: JSON lines that `personalize-local evaluate` reads.

    {"recommendation_id": "RID-…", "item_id": "a", "rank": 1, "propensity": 0.25, "shown_at_epoch_s": 1700000000}

Answers of campaigns that explore are logged, those with promotions not: the chances of these are not known. No line
names a reader; what came of an answer, the events say that carry its id. Written by a thread of its own: an answer does
not wait for the disk, and the last second's may be lost. Four files of 16 MiB at most; what comes faster than it can be
written is left out, whole answers at a time. The format is that of docs/evaluation.md.
"""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from personalize_local.runtime.ranking import Ranked

NAME = "recommendations.jsonl"
MAX_BYTES = 16 << 20
FILE_COUNT = 4
WAITING = 10_000

Answer = tuple[str, tuple[tuple[str, float], ...], int]


class PolicyLog:
    """Appends answers to a file, and begins a new one when it is full."""

    def __init__(self, folder: Path, *, is_on: bool = True, max_bytes: int = MAX_BYTES) -> None:
        self._folder = folder
        self._is_on = is_on
        self._max_bytes = max_bytes
        self._waiting: queue.Queue[Answer] = queue.Queue(WAITING)
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
        if not self._is_on or not answer or any(each.propensity <= 0 for each in ranked):
            return
        items = tuple((str(item["item_id"]), each.propensity) for item, each in zip(answer, ranked, strict=True))
        try:
            self._waiting.put_nowait((recommendation_id, items, now_epoch_s))
        except queue.Full:
            return
        if self._writer is None:
            self._start()

    def flush(self) -> None:
        """Wait until all that was given is written."""
        self._waiting.join()

    def _start(self) -> None:
        with self._starting:
            if self._writer is None:
                self._writer = threading.Thread(target=self._run, name="personalize-policy-log", daemon=True)
                self._writer.start()

    def _run(self) -> None:
        while True:
            answers = [self._waiting.get()]
            while not self._waiting.empty() and len(answers) < WAITING:
                answers.append(self._waiting.get())
            try:
                self._append("".join(map(_lines, answers)))
            finally:
                for _ in answers:
                    self._waiting.task_done()

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
    recommendation_id, items, now_epoch_s = answer
    common = {"recommendation_id": recommendation_id, "shown_at_epoch_s": now_epoch_s}
    return "".join(
        json.dumps(common | {"item_id": item_id, "rank": rank, "propensity": propensity}) + "\n"
        for rank, (item_id, propensity) in enumerate(items, start=1)
    )
