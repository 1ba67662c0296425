"""The `properties` of events, items and users: JSON text to typed values of schema columns.

Names are matched without letter case and underscores: `numberOfRatings` is NUMBER_OF_RATINGS. Properties that the
schema has no column for are left out (inferred: clients send more than the schema holds).

Source: contract §1.3, §3.7, §6.4.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Mapping
from typing import Any

from personalize_spec.errors import InvalidInputException
from personalize_spec.limits import CATEGORICAL_VALUE_MAX_LENGTH, TEXTUAL_VALUE_MAX_LENGTH
from personalize_spec.schemas import DatasetSchema, Field

Value = str | int | float | bool | None


def parse_properties(text: str | None) -> dict[str, Any]:
    """Read the JSON object in a `properties` member; none is an empty one.

    Errors: InvalidInputException when the text is not the JSON of an object.
    """
    if text is None:
        return {}
    try:
        data = json.loads(text)
        json.dumps(data, ensure_ascii=False).encode()  # refuses half surrogate pairs: they could not be stored
    except (ValueError, RecursionError) as error:
        raise InvalidInputException("Error parsing properties json") from error
    if not isinstance(data, dict):
        raise InvalidInputException("Error parsing properties json")
    return data


def column_values(
    schema: DatasetSchema, properties: Mapping[str, Any], *, elsewhere: Collection[str] = ()
) -> dict[str, Value]:
    """Give the value of every column but those that the request names `elsewhere`; null where there is none.

    Errors: InvalidInputException for values of a wrong type or out of bounds, and for required columns without one.
    """
    given: dict[str, Any] = {}
    for name, value in properties.items():
        field = schema.field_for_property(name)
        if field is not None:
            given[field.name] = value
    fields = [field for field in schema.fields if field.name.upper() not in elsewhere]
    values = {field.name: column_value(field, given.get(field.name)) for field in fields}
    for name, value in values.items():
        _check_bounds(name, value, schema.bounds(name))
    return values


def _check_bounds(name: str, value: Value, bounds: tuple[float, float] | None) -> None:
    if bounds is not None and isinstance(value, int | float) and not bounds[0] <= value <= bounds[1]:
        raise InvalidInputException(f"The value of {name} is {value}; it must be from {bounds[0]:g} to {bounds[1]:g}.")


def column_value(field: Field, value: Any) -> Value:
    """Give a JSON value as one of the column's type; numbers may come as text.

    Errors: InvalidInputException.
    """
    if value is None:
        if field.nullable:
            return None
        raise InvalidInputException(f"{field.name} is required, and there is no value for it in the properties.")
    kind = field.types[0]
    read = _READERS[kind](value)
    if read is None:
        raise InvalidInputException(f"The value of {field.name} is not of type {kind}.")
    if isinstance(read, str) and field.textual:
        return read[:TEXTUAL_VALUE_MAX_LENGTH]
    if isinstance(read, str) and len(read) > CATEGORICAL_VALUE_MAX_LENGTH:
        raise InvalidInputException(
            f"Length cannot be more than {CATEGORICAL_VALUE_MAX_LENGTH} characters for {field.name}."
        )
    return read


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _whole(value: Any) -> int | None:
    number = _number(value)
    return int(number) if number is not None and number == int(number) else None


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _boolean(value: Any) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower())
    return value if isinstance(value, bool) else None


_READERS: Mapping[str, Callable[[Any], Value]] = {
    "string": _string,
    "int": _whole,
    "long": _whole,
    "float": _number,
    "double": _number,
    "boolean": _boolean,
}
