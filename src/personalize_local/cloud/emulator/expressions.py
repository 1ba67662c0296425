"""The second that a JSONata expression may take, counted in processor time.

Step Functions ends an expression after a second on its own machines (documented). MiniStack counts the second by the
clock on the wall: on a machine with much else to do a run would fail where AWS's never does.
"""

from __future__ import annotations

import time
from typing import Any

from jsonata import jexception
from jsonata.timebox import Timebox

from personalize_local.cloud.emulator.names import replace_private

NAME = "jsonata.timebox:Timebox"


class ProcessorTimebox(Timebox):
    """The bounds of one evaluation, whose time is that of the thread which evaluates it."""

    def __init__(self, expr: Any, timeout: int | None = None, max_depth: int | None = None) -> None:
        super().__init__(expr, timeout, max_depth)
        self.time = _processor_ms()

    def check_runaway(self) -> None:
        """End an evaluation that has used up its time; the depth is the engine's own matter.

        Errors: JException D1012, which Step Functions reports as States.QueryEvaluationError.
        """
        spent_ms = _processor_ms() - self.time
        timeout, self.timeout = self.timeout, None
        try:
            super().check_runaway()
        finally:
            self.timeout = timeout
        if timeout is not None and spent_ms > timeout:
            raise jexception.JException("D1012", -1, timeout)


def install_expression_limit() -> None:
    """Have expressions limited by the processor time that they take."""
    replace_private(NAME, ProcessorTimebox)


def _processor_ms() -> int:
    return round(time.thread_time() * 1000)
