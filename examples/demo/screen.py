"""What the walk shows: headings, commands, outputs, and one moving line for what takes long."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from textwrap import wrap

from rich.console import Console, RenderableType
from rich.live import Live
from rich.padding import Padding
from rich.rule import Rule
from rich.status import Status
from rich.text import Text

from examples.demo.typed import WIDTH

INDENT = 2


def seconds(duration_s: float) -> str:
    """Write a duration for people: 0.4 s, 12 s, 3 min 05 s."""
    if duration_s < 9.95:
        return f"{duration_s:.1f} s"
    if duration_s < 59.5:
        return f"{duration_s:.0f} s"
    minutes, rest = divmod(round(duration_s), 60)
    return f"{minutes} min {rest:02d} s"


class Screen:
    """A terminal, or a plain log when the output is none: then nothing moves, and every line stays."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)
        if not self.console.is_terminal:
            self.console.width = max(self.console.width, 120)

    @property
    def moves(self) -> bool:
        return self.console.is_terminal

    @property
    def command_width(self) -> int:
        """How long the lines of a command may be, beside prompt, indentation and backslash."""
        return max(60, min(WIDTH, self.console.width - 8))

    def title(self, text: str) -> None:
        self.console.print()
        self.console.print(Rule(Text(text, style="bold"), align="left", style="blue"))

    def say(self, text: str, style: str = "") -> None:
        """Print a sentence; it may wrap."""
        for line in wrap(text, self.console.width - INDENT, break_long_words=False, break_on_hyphens=False):
            self.console.print(Text(" " * INDENT + line, style=style), soft_wrap=True)

    def done(self, text: str) -> None:
        self.console.print(Text.assemble(" " * INDENT, ("✔ ", "green"), text))

    def fail(self, text: str) -> None:
        self.console.print(Text.assemble(" " * INDENT, ("✘ ", "bold red"), (text, "bold")))

    def command(self, text: str) -> None:
        """Print a command so that it can be copied: no line is broken where the shell would not."""
        for row, line in enumerate(text.split("\n")):
            prompt = "$ " if row == 0 else "  "
            self.console.print(Text.assemble((prompt, "bold blue"), (line, "bold cyan")), soft_wrap=True)

    def output(self, text: str) -> None:
        for line in text.rstrip().splitlines():
            self.console.print(Text(" " * INDENT + line, style="dim"), soft_wrap=True)

    def letter(self, text: str) -> None:
        """Print a mail behind a bar; long lines stay whole, so that they can be copied."""
        for line in text.splitlines():
            self.console.print(Text.assemble(" " * INDENT, ("│ ", "blue"), line), soft_wrap=True)

    def show(self, renderable: RenderableType) -> None:
        self.console.print(Padding(renderable, (0, 0, 0, INDENT), expand=False))

    @contextmanager
    def busy(self, label: str) -> Iterator[Busy]:
        """Show that something runs, for how long, and its latest line."""
        if not self.moves:
            yield Busy(label, None, 0)
            return
        with self.console.status("", spinner_style="blue") as status:
            yield Busy(label, status, self.console.width)

    @contextmanager
    def live(self) -> Iterator[Live | None]:
        """Give a place whose contents can be replaced; None where nothing can move."""
        if not self.moves:
            yield None
            return
        with Live(console=self.console, refresh_per_second=8, transient=True) as live:
            yield live


class Busy:
    """The moving line: a label, the time that has passed, the latest line of output."""

    def __init__(self, label: str, status: Status | None, width: int) -> None:
        self._label = label
        self._status = status
        self._width = width
        self._started = time.monotonic()
        self._line = ""

    @property
    def passed_s(self) -> float:
        return time.monotonic() - self._started

    def update(self, line: str | None = None) -> None:
        """Redraw, with a new latest line if there is one."""
        self._line = line if line is not None else self._line
        if self._status is not None:
            text = f"{self._label} · {seconds(self.passed_s)} · {self._line}"
            self._status.update(Text(text[: self._width - 4], style="dim"))
