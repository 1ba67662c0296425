"""All states of a state machine in the order of its picture, those within a Map or a Parallel after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from personalize_local.console.drawing.workflow import order, read_scope


@dataclass(frozen=True)
class StatePlace:
    """A state; `inside` names the Map or Parallel around it, `depth` says how many there are."""

    name: str
    type: str
    inside: str
    depth: int


def state_places(definition: dict[str, Any], inside: str = "", depth: int = 0) -> list[StatePlace]:
    """Give the states of a machine or scope."""
    return list(_walk(definition, inside, depth))


def _walk(machine: dict[str, Any], inside: str, depth: int) -> Iterator[StatePlace]:
    scope = read_scope(machine)
    for name in _all_names(scope.states, order(scope), scope.polls):
        state = scope.states[name]
        yield StatePlace(name, state["Type"], inside, depth)
        body = state.get("ItemProcessor") or state.get("Iterator")
        for inner in (*state.get("Branches", ()), *((body,) if body else ())):
            yield from _walk(inner, name, depth + 1)


def _all_names(states: dict[str, Any], ordered: list[str], polls: dict[str, tuple[str, str]]) -> Iterator[str]:
    """Give the order with the states of each polling loop after its Choice, and whatever is drawn nowhere last."""
    folded = {name for loop in polls.values() for name in loop}
    for name in ordered:
        if name in folded:
            continue
        yield name
        yield from polls.get(name, ())
    drawn = {*ordered, *folded}
    yield from (name for name in states if name not in drawn)
