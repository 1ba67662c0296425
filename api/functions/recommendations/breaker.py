"""Spare a dependency that keeps failing: after some failures in a row it is left alone, and tried now and then."""

from collections.abc import Callable
from threading import Lock

FAILURES_TO_OPEN = 5
REST_S = 2.0


class Breakers:
    """One breaker per dependency, by name."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._failures: dict[str, int] = {}
        self._try_again_at: dict[str, float] = {}

    def allows(self, name: str) -> bool:
        """Tell whether to call; of those that ask while it rests, one per rest is let through to try."""
        with self._lock:
            if self._failures.get(name, 0) < FAILURES_TO_OPEN:
                return True
            if self._clock() < self._try_again_at[name]:
                return False
            self._try_again_at[name] = self._clock() + REST_S
            return True

    def answered(self, name: str) -> None:
        """The dependency is well."""
        with self._lock:
            self._failures.pop(name, None)

    def failed(self, name: str) -> None:
        """The dependency failed, or was too slow."""
        with self._lock:
            self._failures[name] = self._failures.get(name, 0) + 1
            self._try_again_at[name] = self._clock() + REST_S
