"""Read a state machine's definition and an execution's history: what is done, what runs, what comes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Definition = Mapping[str, Any]
BOOKKEEPING_TYPES = ("Pass", "Choice", "Wait", "Succeed", "Fail")  # not worth a line


@dataclass(frozen=True)
class StateRun:
    """One state of an execution. `left_at` is None while it runs."""

    name: str
    kind: str
    entered_at: datetime
    left_at: datetime | None = None

    def duration_s(self, now: datetime) -> float:
        return ((self.left_at or now) - self.entered_at).total_seconds()


def planned_states(definition: Definition) -> list[str]:
    """Give the names of the states on the longest way through the definition, in order, without bookkeeping.

    Where the way parts, the longest branch is the one that does the work: failures end early.
    """
    states = definition["States"]
    way = _longest_way(states, definition["StartAt"], frozenset())
    return [name for name in way if states[name]["Type"] not in BOOKKEEPING_TYPES]


def _longest_way(states: Mapping[str, Any], name: str, passed: frozenset[str]) -> list[str]:
    if name in passed or states[name]["Type"] == "Fail":
        return []
    ways = [_longest_way(states, target, passed | {name}) for target in _targets(states[name])]
    return [name, *max(ways, key=len, default=[])]


def _targets(state: Mapping[str, Any]) -> list[str]:
    choices = [choice["Next"] for choice in state.get("Choices", [])]
    return [*choices, *(state[key] for key in ("Default", "Next") if key in state)]


def state_runs(events: Iterable[Mapping[str, Any]], known: Mapping[str, Any]) -> list[StateRun]:
    """Give the working states of the definition's top level that were entered, in order.

    `known` are its states. One that is entered again, in a loop, counts from the first time to the last.
    """
    runs: dict[str, StateRun] = {}
    for event in events:
        kind, _, step = event["type"].partition("State")
        if step == "Entered":
            name = event["stateEnteredEventDetails"]["name"]
            if name in known and kind not in BOOKKEEPING_TYPES:
                first = runs[name].entered_at if name in runs else event["timestamp"]
                runs[name] = StateRun(name, kind, first)
        elif step == "Exited":
            name = event["stateExitedEventDetails"]["name"]
            if name in runs:
                runs[name] = StateRun(name, kind, runs[name].entered_at, event["timestamp"])
    return list(runs.values())


def coming_states(planned: Sequence[str], runs: Sequence[StateRun]) -> list[str]:
    """Give the planned states after the latest one that was entered."""
    entered = {run.name for run in runs}
    last = max((row for row, name in enumerate(planned) if name in entered), default=-1)
    return list(planned[last + 1 :])


def failure(events: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """Give error and cause of a failed execution; empty where the history names none."""
    for event in reversed(events):
        for key in ("executionFailedEventDetails", "executionTimedOutEventDetails", "executionAbortedEventDetails"):
            if key in event:
                return event[key].get("error", ""), event[key].get("cause", "")
    return "", ""
