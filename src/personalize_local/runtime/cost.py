"""What it costs to ask a model, measured with every answer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from personalize_local.models.row_products import waited_s

HIGH_S = 0.002  # a hop to another thread and back costs about a tenth of that, and many times more on a busy machine
RISE = 0.1


class Cost:
    """How long an answer takes when nothing else holds it up; high until the first was measured.

    A quicker one counts at once, a slower one by a tenth.
    """

    def __init__(self) -> None:
        self._usual_s: float | None = None

    @property
    def is_high(self) -> bool:
        """Whether an answer takes so long that others should not have to wait for it."""
        return self._usual_s is None or self._usual_s > HIGH_S

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Measure one answer: what the processor spends on it here, and what is waited for that other threads compute.

        How long it took by the clock says how busy the machine is, not what the model costs: on a busy one all answers
        were handed to threads, which waited for each other up to 1.5 s (measured).
        """
        started_s = time.thread_time() + waited_s()
        yield
        self.note(time.thread_time() + waited_s() - started_s)

    def note(self, spent_s: float) -> None:
        """Count an answer that took so long."""
        usual_s = spent_s if self._usual_s is None else self._usual_s
        self._usual_s = min(spent_s, usual_s + RISE * (spent_s - usual_s))
