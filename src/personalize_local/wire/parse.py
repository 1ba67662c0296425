"""A request's JSON into what handlers get: members in snake case, every value checked against its shape.

Rule 1: unknown members are left out (newer clients have more); null is the same as absent.
Rule 2: the keys of maps are data and stay as they are; so does the JSON text of `properties`.
Rule 3: a value of the wrong type ends the parsing; broken constraints are gathered, so that one answer names all.
"""

from __future__ import annotations

import json
import math
import sys
from datetime import UTC, datetime
from functools import cache
from typing import Any, NoReturn

from botocore import xform_name
from botocore.model import Shape

from personalize_local.wire.constraints import keeps, missing, violations
from personalize_spec.errors import (
    InvalidInputException,
    SerializationException,
    TooManyTagKeysException,
    TooManyTagsException,
)

LATEST_EPOCH_S = datetime(9999, 12, 31, tzinfo=UTC).timestamp()
LATEST_MILLISECONDS = LATEST_EPOCH_S * 1000

# Lists that are too long have errors of their own (contract §1.5).
_TOO_LONG = {"Tags": TooManyTagsException, "TagKeys": TooManyTagKeysException}


def parse_request(shape: Shape, body: bytes) -> dict[str, Any]:
    """Read a request's body.

    Errors: SerializationException when it is not JSON of the shape; InvalidInputException naming every constraint
    that its values break.
    """
    broken: list[str] = []
    request = _structure(shape, _load(body), "", broken)
    if broken:
        count = f"{len(broken)} validation error{'s' if len(broken) > 1 else ''} detected"
        raise InvalidInputException(f"{count}: {'; '.join(broken)}")
    return request


def _load(body: bytes) -> Any:
    if not body.strip():
        return {}
    try:
        return _DECODER.decode(body.decode(json.detect_encoding(body), "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise SerializationException(f"The request's body is not valid JSON: {error}.") from error


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a JSON number")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _parse(shape: Shape, value: Any, path: str, broken: list[str]) -> Any:
    parsed = _PARSERS[shape.type_name](shape, value, path, broken)
    if shape.metadata and not isinstance(parsed, datetime):
        if shape.name in _TOO_LONG and len(parsed) > shape.metadata["max"]:
            raise _TOO_LONG[shape.name](f"'{path}' has {len(parsed)} entries; {shape.metadata['max']} are allowed.")
        if not keeps(shape)(parsed):
            broken.extend(violations(shape, parsed, path))
    return parsed


def _structure(shape: Shape, value: Any, path: str, broken: list[str]) -> dict[str, Any]:
    _expect(value, dict, "an object", path)
    parsed = {}
    prefix = f"{path}." if path else ""
    for name, key, member, is_required in _members(shape):
        if value.get(name) is not None:
            parsed[key] = _parse(member, value[name], prefix + name, broken)
        elif is_required:
            broken.append(missing(prefix + name))
    return parsed


@cache
def _members(shape: Shape) -> list[tuple[str, str, Shape, bool]]:
    """Give each member's name, its name in snake case, its shape and whether it is required; read once."""
    required = set(shape.required_members)
    return [(name, xform_name(name), member, name in required) for name, member in shape.members.items()]


def _list(shape: Shape, value: Any, path: str, broken: list[str]) -> list[Any]:
    _expect(value, list, "a list", path)
    return [
        _parse(shape.member, entry, f"{path}.{place}.member", broken)
        for place, entry in enumerate(value, start=1)
        if entry is not None
    ]


def _map(shape: Shape, value: Any, path: str, broken: list[str]) -> dict[str, Any]:
    _expect(value, dict, "an object", path)
    return {
        _parse(shape.key, key, f"{path}.key", broken): _parse(shape.value, entry, f"{path}.{key}.value", broken)
        for key, entry in value.items()
        if entry is not None
    }


def _string(shape: Shape, value: Any, path: str, broken: list[str]) -> str:
    """Take a text; half of a surrogate pair, which JSON can write, is none: no file and no database could hold it."""
    _expect(value, str, "a string", path)
    if not is_unicode(value):
        raise SerializationException(f"'{path}' is not valid Unicode: it has half of a surrogate pair.")
    return value


def is_unicode(text: str) -> bool:
    """Tell whether a text from JSON can be written as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _boolean(shape: Shape, value: Any, path: str, broken: list[str]) -> bool:
    _expect(value, bool, "true or false", path)
    return value


def _integer(shape: Shape, value: Any, path: str, broken: list[str]) -> int:
    if not _is_number(value) or value != math.floor(value):
        _refuse(value, "a whole number", path)
    return int(value)


def _float(shape: Shape, value: Any, path: str, broken: list[str]) -> float:
    if not _is_number(value):
        _refuse(value, "a number", path)
    return float(value)


def _is_number(value: Any) -> bool:
    """Tell whether a JSON value is a number that a computer can hold; to Python, true is one as well."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def _timestamp(shape: Shape, value: Any, path: str, broken: list[str]) -> datetime:
    """Read epoch seconds, as a number or in a string, or an ISO 8601 date (contract §1.3).

    Milliseconds given for seconds are taken, as on AWS, for a time in the far future: here the last there is.
    """
    try:
        if isinstance(value, str):
            return _timestamp_text(value)
        if not isinstance(value, bool):
            return _moment(value)
    except (ValueError, OverflowError, OSError, TypeError):
        pass
    return _refuse(value, "a time in epoch seconds", path)


def _timestamp_text(text: str) -> datetime:
    try:
        return _moment(float(text))
    except ValueError:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _moment(epoch_s: float) -> datetime:
    is_late = LATEST_EPOCH_S < epoch_s <= LATEST_MILLISECONDS
    return datetime.fromtimestamp(LATEST_EPOCH_S if is_late else epoch_s, UTC)


def _expect(value: Any, kind: type, words: str, path: str) -> None:
    if not isinstance(value, kind):
        _refuse(value, words, path)


def _refuse(value: Any, words: str, path: str) -> NoReturn:
    subject = f"'{path}'" if path else "The request"
    raise SerializationException(f"{subject} should be {words}, not {_KINDS.get(type(value), 'a number')}.")


_KINDS = {str: "a string", bool: "true or false", list: "a list", dict: "an object", type(None): "null"}
_PARSERS = {
    "structure": _structure,
    "list": _list,
    "map": _map,
    "string": _string,
    "boolean": _boolean,
    "integer": _integer,
    "long": _integer,
    "float": _float,
    "double": _float,
    "timestamp": _timestamp,
}
