"""The parameter file's format as JSON Schema, which editors complete and check by.

A schema says less than the checks: what one value must be, not how values go together.

Source: JSON Schema, draft 2020-12. Bounds of numbers in quotes cannot be said there; their descriptions have them.
"""

from __future__ import annotations

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
_NUMERIC_TEXT = r"^\s*[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\s*$"


def json_schema() -> dict[str, Any]:
    """Give the JSON Schema of the parameter file."""
    return {"$schema": DIALECT, "title": "The pipeline's parameter file", **schema_of(FILE)}


def schema_of(shape: Shape) -> dict[str, Any]:
    """Give the JSON Schema of one value."""
    return {
        "type": _TYPES.get(shape.kind, shape.kind),
        **({"description": text} if (text := describe(shape)) else {}),
        **_members(shape),
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


def _members(shape: Shape) -> dict[str, Any]:
    """An object's keys, or what a list or a map holds. Unknown keys are refused where a call would refuse them."""
    members: dict[str, Any] = {}
    if shape.kind == "object":
        members["properties"] = {key: schema_of(each) for key, each in shape.keys.items()}
        required = [key for key, each in shape.keys.items() if each.required]
        members |= {"required": required} if required else {}
        members |= _other_keys(shape)
    elif shape.item is not None:
        members["items" if shape.kind == "list" else "additionalProperties"] = schema_of(shape.item)
    return members


def _other_keys(shape: Shape) -> dict[str, Any]:
    if shape.item is None:
        return {"additionalProperties": False} if shape.call else {}
    names = {"propertyNames": {"pattern": f"^{shape.key_pattern}$"}} if shape.key_pattern else {}
    return {**names, "additionalProperties": schema_of(shape.item)}


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
