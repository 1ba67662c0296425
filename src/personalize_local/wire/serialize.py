"""A handler's answer into JSON: the members of the shape in the model's order, camel case, nothing that is absent.

Source: contract §1.2: times are epoch seconds with milliseconds; contract §9.5: one client depends on the order.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from botocore import xform_name
from botocore.model import Shape


def serialize_answer(shape: Shape | None, answer: Mapping[str, Any]) -> bytes:
    """Write an answer's body; operations without an output have an empty one."""
    if shape is None:
        return b""
    return json.dumps(to_wire(shape, answer), ensure_ascii=False, separators=(",", ":")).encode()


def to_wire(shape: Shape, value: Any) -> Any:
    """Give a value as the JSON of its shape; members that the shape does not have are left out."""
    return _writer(shape)(value)


@cache
def _writer(shape: Shape) -> Callable[[Any], Any]:
    """Give the function that writes values of a shape; the model is read once, not with every answer."""
    match shape.type_name:
        case "structure":
            return _structure_writer(shape)
        case "list":
            write = _writer(shape.member)
            return lambda entries: [write(entry) for entry in entries]
        case "map":
            write = _writer(shape.value)
            return lambda entries: {key: write(entry) for key, entry in entries.items()}
        case "timestamp":
            return lambda moment: round(moment.timestamp() if isinstance(moment, datetime) else moment, 3)
        case "float" | "double":
            return float
        case _:
            return lambda plain: plain


def _structure_writer(shape: Shape) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    members = [(name, xform_name(name), _writer(member)) for name, member in shape.members.items()]

    def write(value: Mapping[str, Any]) -> dict[str, Any]:
        return {name: write_member(value[key]) for name, key, write_member in members if value.get(key) is not None}

    return write
