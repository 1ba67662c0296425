"""What can go wrong on the walk."""

from __future__ import annotations

from pathlib import Path


class DemoError(Exception):
    """The walk cannot go on. The message says why; `log` is where more stands."""

    def __init__(self, message: str, log: Path | None = None) -> None:
        super().__init__(message)
        self.log = log


class CommandFailedError(DemoError):
    """A command ended with another status than 0; `output` is what it wrote."""

    def __init__(self, command: str, status: int, output: str, log: Path | None = None) -> None:
        super().__init__(f"`{command}` ended with status {status}.", log)
        self.output = output
