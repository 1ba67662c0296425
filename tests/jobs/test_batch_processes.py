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

from personalize_local.jobs.batch_processes import answer_chunks
from personalize_local.jobs.context import JobFailedError

PARENT = """
import os, time
from personalize_local.jobs.batch_processes import answer_chunks
for process_id in answer_chunks(range(4), lambda place, chunk: time.sleep(0.05) or os.getpid(), 2):
    print(process_id, flush=True)
    time.sleep(60)
"""


def described(place: int, chunk: int) -> tuple[int, int, int]:
    return place, chunk, os.getpid()


def test_answers_come_in_the_order_of_the_chunks() -> None:
    found = list(answer_chunks(range(100, 130), described, 2))
    assert [(place, chunk) for place, chunk, _ in found] == [(place, place + 100) for place in range(30)]
    assert os.getpid() not in {process_id for _, _, process_id in found}


@pytest.mark.parametrize(("chunks", "process_count"), [([7], 2), ([7, 8], 1), ([], 2)])
def test_little_work_is_done_here(chunks: list[int], process_count: int) -> None:
    expected = [(place, chunk, os.getpid()) for place, chunk in enumerate(chunks)]
    assert list(answer_chunks(chunks, described, process_count)) == expected


def test_few_chunks_wait_at_a_time() -> None:
    taken: list[int] = []

    def chunks() -> Iterator[int]:
        for number in range(50):
            taken.append(number)
            yield number

    answers = answer_chunks(chunks(), described, 2)
    next(answers)
    assert len(taken) <= 5
    answers.close()


def test_a_refusal_ends_the_work() -> None:
    def refuse(place: int, chunk: int) -> int:
        if chunk == 3:
            raise JobFailedError("no more")
        return chunk

    with pytest.raises(JobFailedError, match="no more"):
        list(answer_chunks(range(9), refuse, 2))


def test_a_killed_process_is_noticed() -> None:
    with pytest.raises(BrokenProcessPool):
        list(answer_chunks(range(9), lambda place, chunk: os.kill(os.getpid(), signal.SIGKILL), 2))


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
