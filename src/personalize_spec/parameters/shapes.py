"""Shapes of JSON values as data, and the check of a value against its shape.

A shape says the type and the bounds of one value, and what it is for. It knows nothing of other values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from personalize_spec.names import check_name, describe_type, did_you_mean
from personalize_spec.parameters.finding import Finding, join, warning

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "name": (str,),
    "numeric string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "any": (object,),
}
_WORDS = {
    "map": "an object",
    "object": "an object",
    "list": "a list",
    "name": "a string",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "numeric string": "a number in quotes",
}


@dataclass(frozen=True)
class Shape:
    """What one value must be like.

    `minimum` and `maximum` bound a number; for strings, lists and maps, their length. `item` is the shape of a list's
    or map's entries, and of an object's values by keys of one's own, which then match `key_pattern`. `call` names the
    call that takes the object and refuses unknown keys, so that they are errors. `form` says what `pattern` asks for,
    where `meaning` does not.
    """

    kind: str
    meaning: str = ""
    required: bool = False
    keys: Mapping[str, Shape] = field(default_factory=dict)
    item: Shape | None = None
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    pattern: str | None = None
    call: str | None = None
    key_pattern: str | None = None
    form: str = ""


def check_shape(path: str, value: object, shape: Shape) -> Iterator[Finding]:
    """List what is wrong with a value's type, bounds and keys, at every depth."""
    if not _has_type(value, shape.kind):
        yield Finding(path, _type_message(value, shape))
        return
    if problem := _bounds_problem(value, shape) or _text_problem(value, shape):
        yield Finding(path, problem)
    if isinstance(value, Mapping) and shape.kind == "object":
        yield from _check_keys(path, value, shape)
    elif shape.item is not None:
        places = value.items() if isinstance(value, Mapping) else enumerate(value)  # type: ignore[arg-type]
        for place, each in places:
            yield from check_shape(join(path, place), each, shape.item)


def _check_keys(path: str, value: Mapping[str, object], shape: Shape) -> Iterator[Finding]:
    for key, key_shape in shape.keys.items():
        if key in value:
            yield from check_shape(join(path, key), value[key], key_shape)
        elif key_shape.required:
            yield Finding(join(path, key), f"The key '{key}' is missing: add {key_shape.meaning}.")
    for key in value:
        if key not in shape.keys:
            yield from _own_key(path, key, value[key], shape)


def _own_key(path: str, key: str, value: object, shape: Shape) -> Iterator[Finding]:
    """A key of one's own choice where the object has such, else an unknown one."""
    if shape.item is None:
        yield _unknown_key(path, key, shape)
        return
    if shape.key_pattern and not re.fullmatch(shape.key_pattern, key):
        text = f"'{key}' cannot be a key here: use letters, digits, '-' and '_', at most 63, and start with a letter."
        yield Finding(join(path, key), text)
    yield from check_shape(join(path, key), value, shape.item)


def _unknown_key(path: str, key: str, shape: Shape) -> Finding:
    hint = did_you_mean(key, shape.keys)
    if shape.call:
        return Finding(join(path, key), f"{shape.call} has no argument '{key}': remove it.{hint}")
    return warning(join(path, key), f"The key '{key}' is not known and has no effect.{hint}")


def _has_type(value: object, kind: str) -> bool:
    if isinstance(value, bool):
        return kind in ("boolean", "any")
    return isinstance(value, _TYPES[kind])


def _type_message(value: object, shape: Shape) -> str:
    message = f"This must be {_WORDS.get(shape.kind, f'a {shape.kind}')}, not {describe_type(value)}"
    wants_text = shape.kind in ("string", "name", "numeric string")
    if wants_text and isinstance(value, int | float):
        return f'{message}: write "{str(value).lower()}" in quotes.'
    if not wants_text and isinstance(value, str) and shape.kind in ("boolean", "integer", "number"):
        return f"{message}: write it without quotes."
    return f"{message}."


def _bounds_problem(value: object, shape: Shape) -> str | None:
    size, unit = _size(value, shape)
    if size is None:
        return f'"{value}" is not a number.'
    low, high = shape.minimum, shape.maximum
    if (low is None or size >= low) and (high is None or size <= high):
        return None
    allowed = " and ".join(
        f"{word} {bound:g}" for word, bound in (("at least", low), ("at most", high)) if bound is not None
    )
    return f"This {'has' if unit else 'is'} {size:g}{unit}: it must {'have' if unit else 'be'} {allowed}{unit}."


def _size(value: object, shape: Shape) -> tuple[float | None, str]:
    if shape.kind == "numeric string":
        return number_of(value), ""
    if isinstance(value, str):
        return len(value), " characters"
    if isinstance(value, dict | list):
        return len(value), " entries"
    return (value, "") if isinstance(value, int | float) else (0, "")


def _text_problem(value: object, shape: Shape) -> str | None:
    if shape.kind == "name":
        return check_name(value)
    if not isinstance(value, str):
        return None
    if shape.choices and value not in shape.choices:
        return f"'{value}' is not allowed here: use one of {', '.join(shape.choices)}."
    if shape.pattern and not re.fullmatch(shape.pattern, value):
        return f"'{value}' is not {shape.form or shape.meaning}."
    return None


def number_of(text: object) -> float | None:
    """Read a number written as a string; None when it is none."""
    try:
        number = float(str(text))
    except ValueError:
        return None
    return number if abs(number) != float("inf") and number == number else None
