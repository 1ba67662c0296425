"""One execution of a state machine, state by state, from its history."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from personalize_local.console.account import Account
from personalize_local.console.history import StateRun, read_states
from personalize_local.console.workflows import recent_runs

EARLIER_RUNS, KEPT_RUNS = 3, 50


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
        if state.error or (state.is_open and not self.is_running):
            return "bad"
        return "busy" if state.is_open else "good"


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

    def look(self, arn: str) -> str | None:
        """Give a text that changes with a run, its last event's id; None once it has ended. Two short calls."""
        client = self._account.client("stepfunctions")
        if client.describe_execution(executionArn=arn)["status"] != "RUNNING":
            return None
        newest = client.get_execution_history(executionArn=arn, reverseOrder=True, maxResults=1)["events"]
        return str(newest[0]["id"]) if newest else "0"

    def definition(self, arn: str) -> dict[str, Any]:
        """Give the definition that a run follows."""
        found = self._account.client("stepfunctions").describe_state_machine_for_execution(executionArn=arn)
        return json.loads(found["definition"])

    def earlier_durations_s(self, execution: Execution) -> tuple[dict[str, float], float | None]:
        """Give how long each state, and the whole, took on average in the last runs before this one that succeeded."""
        runs = recent_runs(self._account, execution.described["stateMachineArn"])
        started = execution.described["startDate"]
        before = [run for run in runs if run["status"] == "SUCCEEDED" and run["started_at"] < started][:EARLIER_RUNS]
        sums: dict[str, list[float]] = {}
        for earlier in self._account.side_by_side(self.read, [run["arn"] for run in before]):
            for name, state in earlier.states.items():
                sums.setdefault(name, []).append(state.duration_s)
        whole = sum(run["duration_s"] for run in before) / len(before) if before else None
        return {name: sum(found) / len(found) for name, found in sums.items()}, whole
