"""Take out of a parameter file what the check refuses; pure.

What exists may have settings that a new file may not ask for, such as a parameter of a former recipe. What the file
does not say is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from personalize_spec.parameters import ERROR, check_parameters

_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")
_MOST = 500


def prune(file: dict[str, Any]) -> Iterator[str]:
    """Remove what there is an error about, step by step, until there is none; yield what was taken out and why."""
    for _ in range(_MOST):
        error = next((each for each in check_parameters(file) if each.severity == ERROR), None)
        if error is None:
            return
        removed = _remove(file, _steps(error.path))
        yield f"{removed} is left out of the file: {error.message}"


def _steps(path: str) -> list[str | int]:
    return [int(index) if index else key for index, key in _STEP.findall(path)]


def _remove(file: Any, steps: list[str | int]) -> str:
    """Remove the value that a path leads to; where it is not there, what should have it."""
    while steps:
        place, known = file, True
        for step in steps[:-1]:
            known = known and _has(place, step)
            place = place[step] if known else None
        if known and _has(place, steps[-1]):
            del place[steps[-1]]
            return _text(steps)
        steps = steps[:-1]
    raise ValueError("the file has a mistake at no place of its own")


def _has(place: Any, step: str | int) -> bool:
    if isinstance(place, list):
        return isinstance(step, int) and step < len(place)
    return isinstance(place, dict) and step in place


def _text(steps: list[str | int]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).removeprefix(".")
