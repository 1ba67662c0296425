"""Call in turn, or side by side where waiting costs more: the first answer wins.

A second call begins when the first failed, or when it has taken longer than calls usually do (a hedge). Hedges are one
in ten calls at most, so that a slow dependency does not get twice the load.
"""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from threading import Lock
from typing import TypeVar

from recommendations.deadline import Deadline

T = TypeVar("T")
SAMPLES = 100
MIN_SAMPLES = 20
MIN_HEDGE_S = 0.03
HEDGES_PER_CALL = 0.1
MAX_SAVED_HEDGES = 5.0


class TooSlowError(Exception):
    """No call answered before the deadline."""


class HedgePolicy:
    """How long to wait before a second call: the 95th percentile of recent calls, if a hedge is still affordable."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._durations_s: deque[float] = deque(maxlen=SAMPLES)
        self._saved = MAX_SAVED_HEDGES

    def answered(self, duration_s: float) -> None:
        """Take note of a call that answered."""
        with self._lock:
            self._durations_s.append(duration_s)
            self._saved = min(MAX_SAVED_HEDGES, self._saved + HEDGES_PER_CALL)

    def wait_s(self, longest_s: float) -> float:
        """Give the wait before a hedge, at most `longest_s`."""
        with self._lock:
            known = sorted(self._durations_s)
        usual_s = known[int(len(known) * 0.95)] if len(known) >= MIN_SAMPLES else longest_s
        return min(longest_s, max(MIN_HEDGE_S, usual_s * 1.5))

    def take(self) -> bool:
        """Use up one hedge, if there is one."""
        with self._lock:
            affordable = self._saved >= 1
            self._saved -= affordable
        return affordable


def first_answer(
    executor: Executor, calls: Sequence[Callable[[], T]], policy: HedgePolicy, deadline: Deadline
) -> tuple[T, bool]:
    """Give the first answer, and whether it took a hedge.

    Calls that lose go on in their threads until their own time-outs; nobody waits for them.
    Errors: the last call's own when all failed; TooSlowError at the deadline.
    """
    waiting = deque(calls)
    running: set[Future[T]] = {executor.submit(waiting.popleft())}
    failure: Exception = TooSlowError()
    may_hedge, hedged = True, False
    while running:
        left_s = deadline.left_s()
        hedge_s = policy.wait_s(left_s / 2) if waiting and may_hedge else left_s
        done, running = wait(running, hedge_s, FIRST_COMPLETED)
        for future in done:
            if (error := future.exception()) is None:
                return future.result(), hedged
            failure = error if isinstance(error, Exception) else failure
        if deadline.passed():
            raise TooSlowError
        if not done:
            may_hedge, hedged = False, bool(waiting) and policy.take()
        if waiting and (done or hedged):
            running.add(executor.submit(waiting.popleft()))
    raise failure
