"""Compare what is wanted with what exists, and reach into nested members by a dotted path; pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any


def contains(actual: Any, wanted: Any) -> bool:
    """Tell whether the actual value has all of the wanted one; the service may add defaults to it.

    Texts that hold JSON objects (schemas) are compared as such: white space and the order of keys do not count.
    """
    if wanted in (None, False, {}, []) and actual in (None, False, {}, []):
        return True
    if isinstance(wanted, Mapping) and isinstance(actual, Mapping):
        return all(contains(actual.get(key), value) for key, value in wanted.items())
    return _parsed(actual) == _parsed(wanted)


def pick(members: Mapping[str, Any], path: str) -> Any:
    """Give the value at a dotted path; None where a step is missing."""
    value: Any = members
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def put(members: dict[str, Any], path: str, value: Any) -> None:
    """Set the value at a dotted path, making the steps."""
    *steps, last = path.split(".")
    for step in steps:
        members = members.setdefault(step, {})
    members[last] = value


def drop(members: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """Give a copy without the values at the dotted paths."""
    copy = dict(members)
    for path in paths:
        first, _, rest = path.partition(".")
        if not rest:
            copy.pop(first, None)
        elif isinstance(copy.get(first), Mapping):
            copy[first] = drop(copy[first], [rest])
    return copy


def _parsed(value: Any) -> Any:
    if isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
