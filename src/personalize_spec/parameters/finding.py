"""What a check of the parameter file finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

ERROR = "error"
WARNING = "warning"

T = TypeVar("T")


@dataclass(frozen=True)
class Finding:
    """One mistake. `path` leads to it in the file, such as campaigns.similarItemsCampaign.name; "" is the whole file.

    An error would fail the pipeline or be refused by Personalize; a warning is a key or value without effect.
    """

    path: str
    message: str
    severity: str = ERROR


def warning(path: str, message: str) -> Finding:
    """Make a finding that does not stop the pipeline."""
    return Finding(path, message, WARNING)


def has_errors(findings: list[Finding]) -> bool:
    """Tell whether one of the findings must be put right first."""
    return any(finding.severity == ERROR for finding in findings)


def join(path: str, key: str | int) -> str:
    """Lead a path one step further, into a key or a list's place."""
    if isinstance(key, int):
        return f"{path}[{key}]"
    return f"{path}.{key}" if path else key


def at(data: object, kind: type[T], *keys: str) -> T | None:
    """Follow keys into nested objects; None where a step is missing or the value is not of the kind.

    The checks of meaning use this: a wrong type has its own finding already.
    """
    for key in keys:
        data = data.get(key) if isinstance(data, Mapping) else None
    if isinstance(data, bool) and kind is not bool:
        return None
    return data if isinstance(data, kind) else None


def object_at(data: object, *keys: str) -> dict[str, object]:
    """Follow keys to an object; an empty one where there is none."""
    return at(data, dict, *keys) or {}
