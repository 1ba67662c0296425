"""What it costs to ask a model, measured with every answer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

HIGH_S = 0.002  # a hop to another thread and back costs about a tenth of that, and many times more on a busy machine
RISE = 0.1


class Cost:
    """How long an answer takes when nothing else holds it up; high until the first was measured.

    A quicker one counts at once, a slower one by a tenth: most of those waited for the processor or a lock.
    """

    def __init__(self) -> None:
        self._usual_s: float | None = None

    @property
    def is_high(self) -> bool:
        """Whether an answer takes so long that others should not have to wait for it."""
        return self._usual_s is None or self._usual_s > HIGH_S

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Measure one answer."""
        started_s = time.perf_counter()
        yield
        self.note(time.perf_counter() - started_s)

    def note(self, spent_s: float) -> None:
        """Count an answer that took so long."""
        usual_s = spent_s if self._usual_s is None else self._usual_s
        self._usual_s = min(spent_s, usual_s + RISE * (spent_s - usual_s))
