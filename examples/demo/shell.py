"""Run commands the way a person at a terminal would: printed first, in a current folder, their output shown."""

from __future__ import annotations

import os
import re
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TextIO

from examples.demo.errors import CommandFailedError, DemoError
from examples.demo.screen import Busy, Screen, seconds
from examples.demo.typed import typed, typed_exports

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Shell:
    """A terminal's memory: the current folder and the environment. A command is on the screen before it runs."""

    def __init__(self, screen: Screen, environment: Mapping[str, str], folder: Path, log_dir: Path) -> None:
        self.screen = screen
        self.folder = folder
        self._environment = dict(environment)
        self._root = folder
        self._log_dir = log_dir

    def export(self, variables: Mapping[str, str]) -> None:
        """Set variables for all commands that follow."""
        self.screen.command(typed_exports(variables))
        self._environment |= variables

    def cd(self, folder: Path) -> None:
        if folder != self.folder:
            self.screen.command(f"cd {os.path.relpath(folder, self.folder)}")
            self.folder = folder

    def path(self, path: Path) -> str:
        """Write a path as one would from the current folder: relative inside the project, absolute outside."""
        if not path.is_relative_to(self._root):
            return str(path)
        relative = os.path.relpath(path, self.folder)
        return relative if relative.startswith(".") else f"./{relative}"

    def has(self, program: str) -> bool:
        return any(
            os.access(Path(folder) / program, os.X_OK)
            for folder in self._environment.get("PATH", os.defpath).split(os.pathsep)
        )

    def run(self, *arguments: str, echo: bool = True, show: bool = True) -> str:
        """Run a short command and give its standard output, which is also shown unless `echo` is off.

        A command that only repeats the one before need not be shown again (`show`).
        Errors: CommandFailedError with all its output.
        """
        if show:
            self.screen.command(typed(arguments, self.screen.command_width))
        with self._start(arguments, stderr=subprocess.PIPE) as process:
            output, errors = process.communicate()
        if process.returncode:
            raise CommandFailedError(typed(arguments, 10_000), process.returncode, errors + output)
        if echo:
            self.screen.output(output + errors)
        return output

    def run_long(self, *arguments: str, log_name: str) -> str:
        """Run a command that takes its time: its output goes to a log, its latest line moves on the screen.

        Errors: CommandFailedError; the whole output has been shown then.
        """
        self.screen.command(typed(arguments, self.screen.command_width))
        log = self._log_dir / f"{log_name}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with self.screen.busy(" ".join(arguments[:2])) as busy:
            output, status = self._follow(arguments, busy)
        log.write_text(f"$ {typed(arguments)}\n{output}", encoding="utf-8")
        if status:
            self.screen.output(output)
            raise CommandFailedError(typed(arguments, 10_000), status, output, log)
        self.screen.done(f"{seconds(busy.passed_s)}, log: {self._shown(log)}")
        return output

    def _shown(self, path: Path) -> str:
        return os.path.relpath(path, self._root) if path.is_relative_to(self._root) else str(path)

    def _start(self, arguments: Sequence[str], stderr: int) -> subprocess.Popen[str]:
        try:
            return subprocess.Popen(
                arguments,
                cwd=self.folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                encoding="utf-8",
                errors="replace",
            )
        except FileNotFoundError:
            raise DemoError(f"There is no program {arguments[0]!r}: `make demo` installs it.") from None

    def _follow(self, arguments: Sequence[str], busy: Busy) -> tuple[str, int]:
        """Collect the output while it comes, and move the screen's line along with it."""
        lines: list[str] = []
        arrived: SimpleQueue[str | None] = SimpleQueue()
        with self._start(arguments, stderr=subprocess.STDOUT) as process:
            threading.Thread(target=_pump, args=(process.stdout, arrived), daemon=True).start()
            while (line := _next_line(arrived, busy)) is not None:
                lines.append(line)
                if (plain := _CONTROL.sub("", line).strip()).strip("-=+| "):
                    busy.update(plain)
        return "".join(lines), process.returncode


def _next_line(arrived: SimpleQueue[str | None], busy: Busy) -> str | None:
    """Wait for a line, while the time on the screen goes on; None at the end."""
    while True:
        try:
            return arrived.get(timeout=0.2)
        except Empty:
            busy.update()


def _pump(stream: TextIO, arrived: SimpleQueue[str | None]) -> None:
    for line in stream:
        arrived.put(line)
    arrived.put(None)
