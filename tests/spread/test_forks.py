"""Chunks answered in several processes: in order, some at a time, and no process outlives who asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from personalize_local.jobs.context import JobFailedError
from personalize_local.spread.forks import Forks

PARENT = """
import os, time
from personalize_local.spread.forks import Forks
for process_id in Forks(2).map(lambda place, part: time.sleep(0.05) or os.getpid(), range(4)):
    print(process_id, flush=True)
    time.sleep(60)
"""


def described(place: int, chunk: int) -> tuple[int, int, int]:
    return place, chunk, os.getpid()


def test_answers_come_in_the_order_of_the_chunks() -> None:
    found = list(Forks(2).map(described, range(100, 130)))
    assert [(place, chunk) for place, chunk, _ in found] == [(place, place + 100) for place in range(30)]
    assert os.getpid() not in {process_id for _, _, process_id in found}


@pytest.mark.parametrize(("chunks", "process_count"), [([7], 2), ([7, 8], 1), ([], 2)])
def test_little_work_is_done_here(chunks: list[int], process_count: int) -> None:
    expected = [(place, chunk, os.getpid()) for place, chunk in enumerate(chunks)]
    assert list(Forks(process_count).map(described, chunks)) == expected


def test_few_chunks_wait_at_a_time() -> None:
    taken: list[int] = []

    def chunks() -> Iterator[int]:
        for number in range(50):
            taken.append(number)
            yield number

    answers = Forks(2).map(described, chunks())
    next(answers)
    assert len(taken) <= 5
    answers.close()


def test_a_refusal_ends_the_work() -> None:
    def refuse(place: int, chunk: int) -> int:
        if chunk == 3:
            raise JobFailedError("no more")
        return chunk

    with pytest.raises(JobFailedError, match="no more"):
        list(Forks(2).map(refuse, range(9)))


def test_a_killed_process_is_noticed() -> None:
    with pytest.raises(BrokenProcessPool):
        list(Forks(2).map(lambda place, chunk: os.kill(os.getpid(), signal.SIGKILL), range(9)))


def test_processes_end_with_their_parent() -> None:
    # GIVEN a process that was killed amid its work
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()

    # THEN the one that worked for it ends too
    deadline = time.monotonic() + 10
    while _runs(child) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not _runs(child)


def _runs(process_id: int) -> bool:
    """Tell whether a process is there and not a zombie that nobody has collected."""
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
