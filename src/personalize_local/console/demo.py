"""The demo, started from a page: one process at a time, its words kept in a file."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

TAIL_BYTES = 16_384


class Demo:
    """Runs a command in the background.

    Args:
        command: the demo's, in `folder`, in an environment that names the local cloud.
        log_path: where what it says goes.
    """

    def __init__(self, command: Sequence[str], folder: Path, log_path: Path, environment: Mapping[str, str]) -> None:
        self._command, self._folder, self._log_path = list(command), folder, log_path
        self._environment = dict(environment)
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def start(self) -> None:
        """Start it, unless it runs."""
        with self._lock:
            if self.status == "RUNNING":
                return
            self._log_path.parent.mkdir(parents=True, exist_ok=True)
            with self._log_path.open("wb") as log:
                self._process = subprocess.Popen(
                    self._command, cwd=self._folder, env=self._environment, stdin=subprocess.DEVNULL,
                    stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
                )  # fmt: skip

    @property
    def status(self) -> str:
        """RUNNING, SUCCEEDED, FAILED, or NOT STARTED since this server is up."""
        if self._process is None:
            return "NOT STARTED"
        code = self._process.poll()
        return "RUNNING" if code is None else "SUCCEEDED" if code == 0 else "FAILED"

    def tail(self) -> str:
        """Give the last of what it said."""
        if not self._log_path.exists():
            return ""
        with self._log_path.open("rb") as log:
            log.seek(max(0, self._log_path.stat().st_size - TAIL_BYTES))
            return log.read().decode(errors="replace")
