"""How long each part of the walk took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from examples.demo.screen import Screen


@dataclass
class Parts:
    """The numbered parts of the walk and their durations in seconds, in order."""

    screen: Screen
    durations_s: list[tuple[str, float]] = field(default_factory=list)

    @contextmanager
    def part(self, title: str) -> Iterator[None]:
        """Head a part and measure it; one that fails is not counted."""
        self.screen.title(f"{len(self.durations_s) + 1} · {title}")
        started = time.monotonic()
        yield
        self.durations_s.append((title, time.monotonic() - started))

    @property
    def total_s(self) -> float:
        return sum(duration for _, duration in self.durations_s)
