"""A handler's answer into JSON: the members of the shape in the model's order, camel case, nothing that is absent.

Source: contract §1.2: times are epoch seconds with milliseconds; contract §9.5: one client depends on the order.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from json.encoder import encode_basestring as quoted
from math import isfinite
from typing import Any

from botocore import xform_name
from botocore.model import Shape


def serialize_answer(shape: Shape | None, answer: Mapping[str, Any]) -> bytes:
    """Write an answer's body; operations without an output have an empty one."""
    return b"" if shape is None else _text_writer(shape)(answer).encode()


def to_wire(shape: Shape, value: Any) -> Any:
    """Give a value as the JSON of its shape; members that the shape does not have are left out."""
    return json.loads(_text_writer(shape)(value))


@cache
def _text_writer(shape: Shape) -> Callable[[Any], str]:
    """Give the function that writes values of a shape as JSON text; the model is read once, not with every answer."""
    match shape.type_name:
        case "structure":
            return _structure_writer(shape)
        case "list":
            write = _text_writer(shape.member)
            return lambda entries: f"[{','.join([write(entry) for entry in entries])}]"
        case "map":
            write = _text_writer(shape.value)
            return lambda entries: f"{{{','.join([f'{quoted(key)}:{write(entries[key])}' for key in entries])}}}"
        case "timestamp":
            return lambda moment: repr(round(moment.timestamp() if isinstance(moment, datetime) else moment, 3))
        case "float" | "double":
            return _float_text
        case "string":
            return lambda text: quoted(text) if type(text) is str else _plain(text)
        case _:
            return _plain


def _structure_writer(shape: Shape) -> Callable[[Mapping[str, Any]], str]:
    members = [(f"{quoted(name)}:", xform_name(name), _text_writer(member)) for name, member in shape.members.items()]

    def write(value: Mapping[str, Any]) -> str:
        written = [name + write_member(value[key]) for name, key, write_member in members if value.get(key) is not None]
        return f"{{{','.join(written)}}}"

    return write


def _float_text(number: Any) -> str:
    number = float(number)
    return repr(number) if isfinite(number) else _plain(number)


_plain = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
