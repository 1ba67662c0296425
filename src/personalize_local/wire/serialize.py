"""A handler's answer into JSON: the members of the shape in the model's order, camel case, nothing that is absent.

Source: contract §1.2: times are epoch seconds with milliseconds; contract §9.5: one client depends on the order.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
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
    match shape.type_name:
        case "structure":
            return {
                name: to_wire(member, value[key])
                for name, member in shape.members.items()
                if value.get(key := xform_name(name)) is not None
            }
        case "list":
            return [to_wire(shape.member, entry) for entry in value]
        case "map":
            return {key: to_wire(shape.value, entry) for key, entry in value.items()}
        case "timestamp":
            return round(value.timestamp() if isinstance(value, datetime) else value, 3)
        case "float" | "double":
            return float(value)
        case _:
            return value
