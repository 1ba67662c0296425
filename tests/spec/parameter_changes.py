"""Change a parsed parameter file at a path, for tests of what is refused."""

from __future__ import annotations

import copy
import re
from typing import Any

from personalize_spec.parameters import check_parameters

REMOVED = object()
Found = list[tuple[str, str]]


def changed(data: dict[str, Any], *changes: tuple[str, Any]) -> dict[str, Any]:
    """Copy a file with values set at paths, or removed; `filters[1].name` and `+` to append are understood."""
    data = copy.deepcopy(data)
    for path, value in changes:
        *steps, last = [int(step) if step.isdigit() else step for step in re.findall(r"[^.\[\]]+", path)]
        place: Any = data
        for step in steps:
            place = place[step]
        if value is REMOVED:
            del place[last]
        elif last == "+":
            place.append(value)
        else:
            place[last] = value
    return data


def found(data: Any, severity: str = "error") -> Found:
    """Give path and message of what the check finds of one severity."""
    return [(each.path, each.message) for each in check_parameters(data) if each.severity == severity]
