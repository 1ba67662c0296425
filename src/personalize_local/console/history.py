"""The history of an execution, summed up by state.

States within a Map may be entered several times at once: what is open is counted. Events name the one before them,
which leads from a failure to the state that it came from, and from an exit to its own entry; where events name none
(the emulator's do not), the state that was entered last counts.
Source: documented (GetExecutionHistory); names are unique in a state machine.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

_ENTERED, _EXITED = "StateEntered", "StateExited"
Event = dict[str, Any]


@dataclass
class StateRun:
    """What one state did in a run: all its visits together, the last input, output and error.

    failed_tries: tasks within it that failed and were tried again, or whose failure others of a Map outlived;
    failed_try is what the last of them said.
    """

    visits: int = 0
    duration_s: float = 0.0
    input: str = ""
    output: str = ""
    error: str = ""
    cause: str = ""
    failed_tries: int = 0
    failed_try: str = ""
    open_since: deque[datetime] = field(default_factory=deque)

    @property
    def is_open(self) -> bool:
        return bool(self.open_since)

    def enter(self, event: Event) -> None:
        self.visits += 1
        self.open_since.append(event["timestamp"])
        self.input = event["stateEnteredEventDetails"].get("input", "")

    def leave(self, event: Event) -> None:
        if self.open_since:
            self.duration_s += (event["timestamp"] - self.open_since.popleft()).total_seconds()
        self.output = event["stateExitedEventDetails"].get("output", "")

    def succeed(self) -> None:
        """A task ended well: what failed before was only a try."""
        if self.error and self.is_open:
            self.failed_tries += 1
            self.failed_try = f"{self.error}: {self.cause}"
            self.error = self.cause = ""

    def fail(self, event: Event) -> None:
        details = next((value for key, value in event.items() if key.endswith("EventDetails")), {})
        self.error, self.cause = details.get("error", event["type"]), details.get("cause", "")


def read_states(events: list[Event], now: datetime) -> dict[str, StateRun]:
    """Sum up a history, oldest event first, by state."""
    states: dict[str, StateRun] = {}
    by_id = {event["id"]: event for event in events}
    last = ""
    for event in events:
        kind = event["type"]
        if kind.endswith(_ENTERED):
            last = event["stateEnteredEventDetails"]["name"]
            states.setdefault(last, StateRun()).enter(event)
        elif kind.endswith(_EXITED):
            states[event["stateExitedEventDetails"]["name"]].leave(event)
        elif not kind.startswith("Execution") and (state := states.get(_state_of(event, by_id) or last)):
            _take(state, event)
    for state in states.values():
        state.duration_s += sum((max(now, since) - since).total_seconds() for since in state.open_since)
    return states


def _take(state: StateRun, event: Event) -> None:
    if event["type"].endswith(("Failed", "TimedOut")):
        state.fail(event)
    elif event["type"] in ("TaskSucceeded", "LambdaFunctionSucceeded"):
        state.succeed()


def _state_of(event: Event, by_id: dict[int, Event]) -> str:
    found: Event | None = event
    seen = 0
    while found is not None and seen <= len(by_id):
        if found["type"].endswith(_ENTERED):
            return found["stateEnteredEventDetails"]["name"]
        found = by_id.get(found.get("previousEventId", 0))
        seen += 1
    return ""
