"""What a state machine's definition holds, read for its tests: its scopes, states, targets and texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def scopes(definition: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The machine, and that of each Map in it."""
    yield definition
    for state in definition["States"].values():
        if state["Type"] == "Map":
            yield from scopes(state["ItemProcessor"])


def states(definition: dict[str, Any], kind: str | None = None) -> list[tuple[str, dict[str, Any]]]:
    """The states of all scopes by name, or those of one type."""
    found = [pair for scope in scopes(definition) for pair in scope["States"].items()]
    return [(name, state) for name, state in found if kind in (None, state["Type"])]


def targets(state: dict[str, Any]) -> set[str]:
    """The states that may come after one."""
    followers = [state.get("Next"), state.get("Default")]
    followers += [rule["Next"] for rule in (*state.get("Choices", []), *state.get("Catch", []))]
    return {name for name in followers if name}


def texts(value: Any) -> Iterator[str]:
    """Every text anywhere within."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from texts(each)
    elif isinstance(value, str):
        yield value
