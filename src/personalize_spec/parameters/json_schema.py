"""The parameter file's format as JSON Schema, which editors complete and check by.

A schema says less than the checks: what one value must be, not how values go together.

Source: JSON Schema, draft 2020-12. Bounds of numbers in quotes cannot be said there; their descriptions have them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from personalize_spec.limits import NAME_MAX_LENGTH
from personalize_spec.names import NAME
from personalize_spec.parameters.format import FILE
from personalize_spec.parameters.shapes import Shape

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TYPES = {"map": "object", "list": "array", "name": "string", "numeric string": "string"}
_BOUNDS = {
    "string": ("minLength", "maxLength"),
    "list": ("minItems", "maxItems"),
    "map": ("minProperties", "maxProperties"),
    "integer": ("minimum", "maximum"),
    "number": ("minimum", "maximum"),
}
Shared = Mapping[int, tuple[Shape, str]]  # by identity: the shape and the name of its definition
_NUMERIC_TEXT = r"^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$"


def json_schema() -> dict[str, Any]:
    """Give the JSON Schema of the parameter file. Objects that stand in several places are definitions."""
    shared = _shared(FILE)
    definitions = {name: _in_full(shape, shared) for shape, name in shared.values()}
    return {
        "$schema": DIALECT,
        "title": "The pipeline's parameter file",
        **_in_full(FILE, shared),
        "$defs": definitions,
    }


def _shared(file: Shape) -> Shared:
    """Name the objects that stand in several places, by the call or the words they have, in the order of the file."""
    counts: Counter[int] = Counter()
    seen: dict[int, Shape] = {}

    def walk(shape: Shape) -> None:
        counts[id(shape)] += 1
        if seen.setdefault(id(shape), shape) is shape and counts[id(shape)] == 1:
            for each in (*shape.keys.values(), *([shape.item] if shape.item else [])):
                walk(each)

    walk(file)
    shared: dict[int, tuple[Shape, str]] = {}
    for number, shape in seen.items():
        if counts[number] > 1 and (shape.keys or (shape.item is not None and shape.item.keys)):
            title = re.sub(r"\W+", "-", (shape.call or shape.meaning)).strip("-")
            taken = {name for _, name in shared.values()}
            name = title if title not in taken else f"{title}-{len(taken)}"
            shared[number] = (shape, name)
    return shared


def _schema_of(shape: Shape, shared: Shared) -> dict[str, Any]:
    """Give the JSON Schema of one value: a reference where it is shared."""
    if id(shape) in shared:
        return {"$ref": f"#/$defs/{shared[id(shape)][1]}"}
    return _in_full(shape, shared)


def _in_full(shape: Shape, shared: Shared) -> dict[str, Any]:
    return {
        "type": _TYPES.get(shape.kind, shape.kind),
        **({"description": text} if (text := describe(shape)) else {}),
        **_members(shape, shared),
        **_bounds(shape),
        **_texts(shape),
    }


def describe(shape: Shape) -> str:
    """Say what a value is for, and the bounds of a number in quotes."""
    if shape.kind != "numeric string":
        return shape.meaning
    bounds = [
        f"{word} {bound:g}"
        for word, bound in (("at least", shape.minimum), ("at most", shape.maximum))
        if bound is not None
    ]
    return ": ".join(part for part in (shape.meaning, " and ".join(["a number in quotes", *bounds])) if part)


def _members(shape: Shape, shared: Shared) -> dict[str, Any]:
    """An object's keys, or what a list or a map holds. Unknown keys are refused where a call would refuse them."""
    members: dict[str, Any] = {}
    if shape.kind == "object":
        members["properties"] = {key: _schema_of(each, shared) for key, each in shape.keys.items()}
        required = [key for key, each in shape.keys.items() if each.required]
        members |= {"required": required} if required else {}
        members |= _other_keys(shape, shared)
    elif shape.item is not None:
        members["items" if shape.kind == "list" else "additionalProperties"] = _schema_of(shape.item, shared)
    return members


def _other_keys(shape: Shape, shared: Shared) -> dict[str, Any]:
    if shape.item is None:
        return {"additionalProperties": False} if shape.call else {}
    names = {"propertyNames": {"pattern": f"^{shape.key_pattern}$"}} if shape.key_pattern else {}
    return {**names, "additionalProperties": _schema_of(shape.item, shared)}


def _bounds(shape: Shape) -> dict[str, Any]:
    names = _BOUNDS.get(shape.kind, ())
    bounds = zip(names, (shape.minimum, shape.maximum), strict=False)
    return {name: int(bound) if bound == int(bound) else bound for name, bound in bounds if bound is not None}


def _texts(shape: Shape) -> dict[str, Any]:
    if shape.kind == "name":
        return {"minLength": 1, "maxLength": NAME_MAX_LENGTH, "pattern": f"^{NAME.pattern}$"}
    if shape.kind == "numeric string":
        return {"pattern": _NUMERIC_TEXT}
    choices = {"enum": list(shape.choices)} if shape.choices else {}
    return choices | ({"pattern": f"^{shape.pattern}$"} if shape.pattern else {})
