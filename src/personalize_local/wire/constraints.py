"""The constraints of the models' shapes: lengths, ranges, patterns, enums.

Clients check required members and minima only; maxima, patterns and enums are the server's to check.
Source: contract §1.3, §1.5; the wording is that of AWS's services in general (inferred for Personalize).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from botocore.model import Shape

SHOWN_LENGTH = 256
# Java's classes in Python's words: \w holds the letters and numbers of every script, and the underscore.
_SEPARATORS = r" \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_JAVA_CLASSES = {r"\p{L}": r"\w", r"\p{N}": r"\d", r"\p{Z}": _SEPARATORS, r"\p{ASCII}": r"[\x00-\x7F]"}


@cache
def keeps(shape: Shape) -> Callable[[Any], bool]:
    """Give a function that tells whether a value keeps to all constraints of the shape: most do, and at little cost."""
    rules = shape.metadata
    least, most = rules.get("min", -math.inf), rules.get("max", math.inf)
    matches = compiled(rules["pattern"]).fullmatch if "pattern" in rules else None
    listed = frozenset(rules["enum"]) if "enum" in rules else None

    def is_kept(value: Any) -> bool:
        size = value if isinstance(value, int | float) else len(value)
        return (
            least <= size <= most
            and (matches is None or matches(value) is not None)
            and (listed is None or value in listed)
        )

    return is_kept


def violations(shape: Shape, value: Any, path: str) -> Iterator[str]:
    """Give a sentence for each constraint of the shape itself that the value breaks."""
    for constraint in _broken(shape, value):
        yield f"{_subject(shape, value)} at '{path}' failed to satisfy constraint: {constraint}"


def missing(path: str) -> str:
    """Give the sentence for a required member that is absent."""
    return f"Value null at '{path}' failed to satisfy constraint: Member must not be null"


def _broken(shape: Shape, value: Any) -> Iterator[str]:
    rules = shape.metadata
    is_number = isinstance(value, int | float)
    size, measure = (value, "value") if is_number else (len(value), "length")
    if "min" in rules and size < rules["min"]:
        yield f"Member must have {measure} greater than or equal to {rules['min']}"
    if "max" in rules and size > rules["max"]:
        yield f"Member must have {measure} less than or equal to {rules['max']}"
    if "pattern" in rules and not compiled(rules["pattern"]).fullmatch(value):
        yield f"Member must satisfy regular expression pattern: {rules['pattern']}"
    if "enum" in rules and value not in rules["enum"]:
        yield f"Member must satisfy enum value set: [{', '.join(rules['enum'])}]"


def _subject(shape: Shape, value: Any) -> str:
    """Name the value; one that is sensitive, or is not a plain value, is not repeated."""
    if shape.metadata.get("sensitive") or isinstance(value, list | dict):
        return "Value"
    text = str(value)
    return f"Value '{text if len(text) <= SHOWN_LENGTH else text[:SHOWN_LENGTH] + '…'}'"


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Compile a pattern of the models, which are written for Java."""
    flags = 0 if r"\p{L}" in pattern else re.ASCII
    for java, python in _JAVA_CLASSES.items():
        pattern = pattern.replace(java, python)
    return re.compile(pattern, flags)
