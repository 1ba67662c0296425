"""Run a task in a process of its own, so that its memory is its own and nothing stays behind."""

from __future__ import annotations

import multiprocessing
from multiprocessing.connection import Connection
from typing import Any

from personalize_local.evaluation.errors import EvaluationError
from personalize_local.evaluation.task import Outcome, Progress, Task, run_task

PROGRESS, DONE, REFUSED = "progress", "done", "refused"


def run_isolated(task: Task, progress: Progress) -> Outcome:
    """Run a task in a new process, and tell its progress here.

    Errors: EvaluationError as from the task, or when the process ends early, as one does that needs too much memory.
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(task, there), daemon=True)
    process.start()
    there.close()
    try:
        return _result(here, progress)
    except EOFError as error:
        process.join()
        raise EvaluationError(
            f"The process that trained ended with {process.exitcode} before it was done: what it wrote stands above. "
            "-9 means that memory ran out; give it a smaller file."
        ) from error
    finally:
        process.kill()
        process.join()
        here.close()


def _result(connection: Connection, progress: Progress) -> Outcome:
    while True:
        kind, *content = connection.recv()
        if kind == PROGRESS:
            progress(*content)
        elif kind == REFUSED:
            raise EvaluationError(*content)
        else:
            return content[0]


def _work(task: Task, connection: Connection) -> None:
    """Be the process."""

    def tell(kind: str, *content: Any) -> None:
        connection.send((kind, *content))

    try:
        tell(DONE, run_task(task, lambda text, done: tell(PROGRESS, text, done)))
    except EvaluationError as error:
        tell(REFUSED, str(error))
