"""Requests that hold every member of a shape, and the same with one thing wrong."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from botocore.model import Shape

from personalize_local.wire.constraints import violations

# Texts that patterns of the models are tried with, until one fits.
CANDIDATES = (
    *("a1", "s3://bucket/x", "rate(7 days)", "arn:aws:personalize:us-east-1:123456789012:thing/x"),
    *("arn:aws:iam::123456789012:role/x", "arn:aws:kms:us-east-1:123456789012:key/x", "ITEMS"),
)
WRONG_TYPES: dict[str, Any] = {
    "structure": "text",
    "list": {},
    "map": [],
    "string": {},
    "boolean": "yes",
    "timestamp": [],
}
Path = tuple[Any, ...]


def whole(shape: Shape) -> Any:
    """Give a value of a shape with every member there is, each within its constraints."""
    rules = shape.metadata
    match shape.type_name:
        case "structure":
            return {name: whole(member) for name, member in shape.members.items()}
        case "list":
            return [whole(shape.member)] * max(1, rules.get("min", 0))
        case "map":
            return {whole(shape.key): whole(shape.value)}
        case "boolean":
            return True
        case "timestamp":
            return 1_700_000_000
        case "string":
            return rules["enum"][0] if "enum" in rules else _text(shape)
        case _:
            return rules.get("min", 1)


def _text(shape: Shape) -> str:
    return next(text for text in CANDIDATES if not list(violations(shape, text, "")))


def parts(shape: Shape, value: Any, path: Path = ()) -> Iterator[tuple[Path, Shape]]:
    """Give every place in a value with its shape, the value itself left out."""
    inside: list[tuple[Any, Shape]] = []
    match shape.type_name:
        case "structure":
            inside = [(name, shape.members[name]) for name in value]
        case "list":
            inside = [(place, shape.member) for place in range(len(value))]
        case "map":
            inside = [(key, shape.value) for key in value]
    for step, part in inside:
        yield (*path, step), part
        yield from parts(part, value[step], (*path, step))


def replaced(request: Any, path: Path, value: Any) -> Any:
    """Give a copy of a request with another value at a place."""
    changed = copy.deepcopy(request)
    parent = changed
    for step in path[:-1]:
        parent = parent[step]
    parent[path[-1]] = value
    return changed


def without(request: Any, path: Path) -> Any:
    """Give a copy of a request without a member."""
    changed = replaced(request, path, None)
    parent = changed
    for step in path[:-1]:
        parent = parent[step]
    del parent[path[-1]]
    return changed


def beyond(shape: Shape, value: Any) -> Iterator[Any]:
    """Give values that break one of a shape's constraints each."""
    rules = shape.metadata
    if "max" in rules:
        yield _longer(shape, value, rules["max"])
    if rules.get("min"):
        yield _shorter(value, rules["min"])
    if "enum" in rules or "pattern" in rules:
        yield next(text for text in ("\n;", "é;") if list(violations(shape, text, "")))


def _longer(shape: Shape, value: Any, limit: float) -> Any:
    if isinstance(value, dict):
        return {f"k{place}": entry for entry in value.values() for place in range(int(limit) + 1)}
    if isinstance(value, list):
        return value[:1] * (int(limit) + 1)
    return "x" * (int(limit) + 1) if isinstance(value, str) else limit + 1


def _shorter(value: Any, limit: float) -> Any:
    return value[: int(limit) - 1] if isinstance(value, list | str) else limit - 1
