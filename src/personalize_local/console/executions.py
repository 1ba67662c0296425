"""One execution of a state machine, state by state, from its history."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from personalize_local.console.account import Account
from personalize_local.console.workflows import recent_runs

EARLIER_RUNS, KEPT_RUNS = 3, 50
_ENTERED, _EXITED = "StateEntered", "StateExited"


@dataclass
class StateRun:
    """What one state did in a run: all its visits together, the last input, output and error."""

    visits: int = 0
    open_since: datetime | None = None
    duration_s: float = 0.0
    input: str = ""
    output: str = ""
    error: str = ""
    cause: str = ""


@dataclass
class Execution:
    """A run with the states that it passed, by their names."""

    described: dict[str, Any]
    states: dict[str, StateRun] = field(default_factory=dict)

    @property
    def is_running(self) -> bool:
        return self.described["status"] == "RUNNING"

    def tones(self) -> dict[str, str]:
        """Say of each state that was entered how it is doing."""
        return {name: self.tone(state) for name, state in self.states.items()}

    def tone(self, state: StateRun) -> str:
        if state.error or (state.open_since is not None and not self.is_running):
            return "bad"
        return "good" if state.open_since is None else "busy"


class Executions:
    """Reads runs; those that have ended stay as they are and are kept."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._kept: OrderedDict[str, Execution] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, arn: str) -> Execution:
        """Give a run. Errors: ClientError where there is none."""
        with self._lock:
            if arn in self._kept:
                return self._kept[arn]
        described = self._account.client("stepfunctions").describe_execution(executionArn=arn)
        described.pop("ResponseMetadata", None)
        events = self._account.list("stepfunctions", "get_execution_history", "events", executionArn=arn)
        execution = Execution(described, read_states(events, datetime.now(UTC)))
        if not execution.is_running:
            with self._lock:
                self._kept[arn] = execution
                while len(self._kept) > KEPT_RUNS:
                    self._kept.popitem(last=False)
        return execution

    def definition(self, arn: str) -> dict[str, Any]:
        """Give the definition that a run follows."""
        found = self._account.client("stepfunctions").describe_state_machine_for_execution(executionArn=arn)
        return json.loads(found["definition"])

    def earlier_durations_s(self, execution: Execution) -> dict[str, float]:
        """Give how long each state took on average in the last runs before this one that succeeded."""
        runs = recent_runs(self._account, execution.described["stateMachineArn"])
        started = execution.described["startDate"]
        before = [run["arn"] for run in runs if run["status"] == "SUCCEEDED" and run["started_at"] < started]
        sums: dict[str, list[float]] = {}
        for earlier in self._account.side_by_side(self.read, before[:EARLIER_RUNS]):
            for name, state in earlier.states.items():
                sums.setdefault(name, []).append(state.duration_s)
        return {name: sum(found) / len(found) for name, found in sums.items()}


def read_states(events: list[dict[str, Any]], now: datetime) -> dict[str, StateRun]:
    """Sum up a history, oldest event first, by state.

    A failure belongs to the state that its chain of previous events leads back to; where events name no previous one
    (the emulator's do not), to the state that was entered last.
    Source: documented (GetExecutionHistory); names are unique in a state machine.
    """
    states: dict[str, StateRun] = {}
    by_id = {event["id"]: event for event in events}
    last = ""
    for event in events:
        kind = event["type"]
        if kind.endswith(_ENTERED):
            last = event["stateEnteredEventDetails"]["name"]
            state = states.setdefault(last, StateRun())
            state.visits += 1
            state.open_since = event["timestamp"]
            state.input = event["stateEnteredEventDetails"].get("input", "")
        elif kind.endswith(_EXITED):
            _leave(states[event["stateExitedEventDetails"]["name"]], event)
        elif kind.endswith(("Failed", "TimedOut")) and not kind.startswith("Execution"):
            _fail(states.get(_state_of(event, by_id) or last), event)
    for state in states.values():
        if state.open_since is not None:
            state.duration_s += (max(now, state.open_since) - state.open_since).total_seconds()
    return states


def _leave(state: StateRun, event: dict[str, Any]) -> None:
    if state.open_since is not None:
        state.duration_s += (event["timestamp"] - state.open_since).total_seconds()
    state.open_since = None
    state.output = event["stateExitedEventDetails"].get("output", "")


def _fail(state: StateRun | None, event: dict[str, Any]) -> None:
    details = next((value for key, value in event.items() if key.endswith("EventDetails")), {})
    if state is not None:
        state.error, state.cause = details.get("error", event["type"]), details.get("cause", "")


def _state_of(event: dict[str, Any], by_id: dict[int, dict[str, Any]]) -> str:
    seen = 0
    while event is not None and seen <= len(by_id):
        if event["type"].endswith(_ENTERED):
            return event["stateEnteredEventDetails"]["name"]
        event = by_id.get(event.get("previousEventId", 0))
        seen += 1
    return ""
