"""A worker process as the server sees it: started, heard, ended."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from personalize_local.jobs.outcome import Failed, Interrupted, Outcome, read_outcome
from personalize_local.jobs.settings import Settings
from personalize_local.store.jobs import Job

LOGGED_TAIL_BYTES = 8000

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Progress:
    """How far a job is: what it does now, and a fraction of 0 to 1."""

    text: str
    fraction: float


class Worker:
    """A running worker process of a job. `on_end` is called, from another thread, when the process has ended."""

    def __init__(
        self, job: Job, module: str, data_dir: Path, folder: Path, settings: Settings, on_end: Callable[[], None]
    ) -> None:
        self.job = job
        self.progress = Progress("Starting", 0.0)
        self._folder = folder
        self._on_end = on_end
        self._ended = threading.Event()
        self._log_path = folder / f"worker-{job.attempt}.log"
        arguments = ["-m", "personalize_local.jobs.worker", str(data_dir), job.job_id, module]
        arguments.append(str(settings.worker_niceness))
        with self._log_path.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, **settings.worker_environment},
            )
        self._listener = threading.Thread(target=self._listen, name=f"worker-{job.job_id}", daemon=True)
        self._listener.start()

    @property
    def process_id(self) -> int:
        """The process's number on this machine."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether the process is gone."""
        return self._ended.is_set()

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()

    def wait(self) -> None:
        """Wait until the process is gone and nothing of it is read any more."""
        self._listener.join()

    def outcome(self) -> Outcome:
        """Give how the attempt ended, once `ended`; an error in the code is logged with its traceback."""
        code = self._process.returncode
        outcome = read_outcome(self._folder, self.job.attempt, _cause(code))
        if isinstance(outcome, Interrupted) and code > 0:
            logger.error("job %s (%s) crashed:\n%s", self.job.job_id, self.job.resource_arn, self._log_tail())
            return Failed(
                "An internal error of the local service stopped the work. Its log has the trace: "
                f"job {self.job.job_id}, attempt {self.job.attempt}."
            )
        return outcome

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._hear(line)
        self._process.wait()
        self._ended.set()
        self._on_end()

    def _hear(self, line: bytes) -> None:
        data = json.loads(line)
        self.progress = Progress(data["text"], data["fraction"])

    def _log_tail(self) -> str:
        return self._log_path.read_bytes()[-LOGGED_TAIL_BYTES:].decode("utf-8", "replace")


def _cause(code: int) -> str:
    if code >= 0:
        return f"the worker process ended with code {code}"
    return f"the worker process was ended by {signal.Signals(-code).name}"
