"""Read a value of a request's `filterValues`.

Source: contract §7.3. Texts are in double quotes, with commas between several; numbers are bare or quoted. A comma
inside quotes belongs to the value. Backslash escapes are read as in the expression (inferred).
"""

from __future__ import annotations

import re

from personalize_spec.errors import InvalidInputException

_ELEMENT = re.compile(r'\s*(?:"(?P<text>(?:\\["\\]|[^"])*+)"|(?P<number>-?[0-9]+(?:\.[0-9]+)?))\s*')
_ESCAPED = re.compile(r'\\(["\\])')


def parse_filter_value(text: str) -> tuple[str | float, ...]:
    """Give the values of one parameter: a str for each quoted one, a float for each bare number.

    Errors: InvalidInputException for text without quotes and for an empty value.
    """
    values: list[str | float] = []
    place = 0
    while True:
        match = _ELEMENT.match(text, place)
        if match is None:
            raise _invalid(text)
        values.append(_read(match))
        place = match.end()
        if place == len(text):
            return tuple(values)
        if text[place] != ",":
            raise _invalid(text)
        place += 1


def format_filter_value(values: tuple[str | float, ...]) -> str:
    """Write values the way a request gives them; the inverse of `parse_filter_value`."""
    return ",".join(_format(value) for value in values)


def _format(value: str | float) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return format(value, "f") if value % 1 else str(int(value))


def _read(match: re.Match[str]) -> str | float:
    if match["text"] is not None:
        return _ESCAPED.sub(r"\1", match["text"])
    return float(match["number"])


def _invalid(text: str) -> InvalidInputException:
    return InvalidInputException(
        f"Invalid filter value: {text!r}. Put each text in double quotes inside the string, with commas between them, "
        'such as "\\"drama\\",\\"noir\\""; write numbers bare, such as "20".'
    )
