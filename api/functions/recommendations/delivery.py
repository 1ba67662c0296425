"""Deliver calls to Personalize Events: tried again when the service is busy, cut in half when it finds them wrong.

One wrong event spoils a call of ten: halving finds it, and the other nine arrive. All calls are idempotent (events have
an eventId, items replace themselves), so trying again does no harm.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from recommendations.logs import error_code

BACK_OFF_S = (0.05, 0.2, 0.5)  # upper ends; the wait is a random part of it
PERMANENT = frozenset({"InvalidInputException", "ResourceNotFoundException", "ParamValidationError"})


@dataclass(frozen=True)
class Delivery:
    """A call: its operation, what all its entries share, the entries, and which records they came from."""

    operation: str  # PutEvents or PutItems
    shared: tuple[tuple[str, Any], ...]
    entries: tuple[dict[str, Any], ...]
    sources: tuple[str, ...]  # one per entry: a sequence number of a stream, or ""

    @property
    def arguments(self) -> dict[str, Any]:
        """Return the call's arguments."""
        return {**dict(self.shared), "eventList" if self.operation == "PutEvents" else "items": list(self.entries)}

    def halves(self) -> tuple["Delivery", "Delivery"]:
        """Cut the call in two."""
        middle = len(self.entries) // 2
        return (
            replace(self, entries=self.entries[:middle], sources=self.sources[:middle]),
            replace(self, entries=self.entries[middle:], sources=self.sources[middle:]),
        )


@dataclass(frozen=True)
class Undelivered:
    """A call that failed for good, or for now."""

    delivery: Delivery
    reason: str

    @property
    def permanent(self) -> bool:
        """Tell whether trying again cannot help."""
        return self.reason in PERMANENT


class Deliverer:
    """Makes the calls."""

    def __init__(
        self,
        client: Any,
        executor: Executor,
        *,
        random: Random,
        sleep: Callable[[float], None] = time.sleep,
        back_off_s: Sequence[float] = BACK_OFF_S,
        clock: Callable[[], float] = time.monotonic,
        patience_s: float = float("inf"),
    ) -> None:
        """`patience_s`: a call that has taken so long is not tried again."""
        self._operations = {"PutEvents": client.put_events, "PutItems": client.put_items}
        self._executor = executor
        self._random = random
        self._sleep = sleep
        self._back_off_s = tuple(back_off_s)
        self._clock = clock
        self._patience_s = patience_s

    def deliver(self, deliveries: Sequence[Delivery]) -> list[Undelivered]:
        """Make all calls, side by side; return what could not be delivered."""
        return [failed for found in self._executor.map(self._deliver, deliveries) for failed in found]

    def _deliver(self, delivery: Delivery) -> list[Undelivered]:
        reason, begun_s = "", self._clock()
        for wait_s in (*self._back_off_s, None):
            reason = self._call(delivery)
            if not reason:
                return []
            if reason in PERMANENT or wait_s is None or self._clock() - begun_s > self._patience_s:
                break
            self._sleep(self._random.uniform(0, wait_s))
        if reason == "InvalidInputException" and len(delivery.entries) > 1:
            return [failed for half in delivery.halves() for failed in self._deliver(half)]
        return [Undelivered(delivery, reason)]

    def _call(self, delivery: Delivery) -> str:
        """Return why a call failed, "" when it did not."""
        try:
            self._operations[delivery.operation](**delivery.arguments)
        except (BotoCoreError, ClientError) as error:
            return error_code(error)
        return ""
