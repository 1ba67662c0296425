"""Does a JSON value have a shape of the service models? Lengths and patterns are checked as well as types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.model import Shape

from personalize_local.wire.constraints import violations

# What the service itself answers against its model's patterns: a version without a name is called "solution/1a2b3c4d"
# (observed), and the roles of import jobs have the shape of Personalize's own ARNs (model).
PATTERNS_DO_NOT_HOLD = ("solutionVersion.name", "Job.roleArn")

_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (float,),
    "double": (float,),
    "timestamp": (int, float),
}


def shape_problems(shape: Shape, value: Any, path: str = "$") -> Iterator[str]:
    """Give what is wrong with a value: unknown members, wrong order, wrong types, broken constraints."""
    if not isinstance(value, _TYPES[shape.type_name]):
        yield f"{path} is {type(value).__name__}, not a {shape.type_name}"
        return
    if shape.metadata and shape.type_name != "timestamp" and not path.endswith(PATTERNS_DO_NOT_HOLD):
        yield from violations(shape, value, path)
    match shape.type_name:
        case "structure":
            yield from _structure_problems(shape, value, path)
        case "list":
            for place, entry in enumerate(value):
                yield from shape_problems(shape.member, entry, f"{path}[{place}]")
        case "map":
            for key, entry in value.items():
                yield from shape_problems(shape.key, key, f"{path} key {key}")
                yield from shape_problems(shape.value, entry, f"{path}.{key}")


def _structure_problems(shape: Shape, value: dict[str, Any], path: str) -> Iterator[str]:
    if unknown := set(value) - set(shape.members):
        yield f"{path} has members that the shape has not: {sorted(unknown)}"
        return
    if list(value) != [name for name in shape.members if name in value]:
        yield f"{path} has its members in an order of its own: {list(value)}"
    for name, entry in value.items():
        yield from shape_problems(shape.members[name], entry, f"{path}.{name}")
