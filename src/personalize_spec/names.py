"""Resource names, and the nearest known name to one that is not known."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from personalize_spec.limits import NAME_MAX_LENGTH

NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9\-_]*")


def check_name(value: object) -> str | None:
    """Say what is wrong with a resource name; None when it is a good one.

    Source: contract §1.5 (Name).
    """
    if not isinstance(value, str):
        return f"A name must be a string, not {describe_type(value)}."
    if not value:
        return "The name is empty: give it 1 to 63 characters."
    if len(value) > NAME_MAX_LENGTH:
        return f"'{value}' has {len(value)} characters: shorten it to {NAME_MAX_LENGTH} or fewer."
    if not NAME.fullmatch(value):
        return f"'{value}' is not a valid name: use letters, digits, '-' and '_', and start with a letter or digit."
    return None


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Give the known name most like `name`, ignoring case; None when none is close."""
    by_folded = {candidate.casefold(): candidate for candidate in known}
    matches = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[matches[0]] if matches else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Give " Did you mean 'x'?" for the nearest known name, or an empty string."""
    match = nearest(name, known)
    return f" Did you mean '{match}'?" if match else ""


def describe_type(value: object) -> str:
    """Name a JSON value's type the way a reader of the file would: "a number", "a list"."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    for kind, words in ((str, "a string"), (int | float, "a number"), (list, "a list"), (dict, "an object")):
        if isinstance(value, kind):
            return words
    return type(value).__name__
