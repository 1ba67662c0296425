"""How much there is of what is charged: gigabytes, rows, users, and what earlier trainings took.

Rows are reckoned from the first lines of each file; what earlier versions took is better than any guess.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipeline.gateway import PersonalizeGateway
from pipeline.kinds import KINDS

from personalize_spec.preflight import DataFile

FIRST_BYTES = 64 * 1024
GIGABYTE = 1024**3


@dataclass(frozen=True)
class Amounts:
    """By dataset key: bytes and rows. By solution ARN: training hours and minutes of its newest version."""

    size_bytes: Mapping[str, int] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    training_hours: Mapping[str, float] = field(default_factory=dict)
    training_minutes: Mapping[str, float] = field(default_factory=dict)


def measure(files: Mapping[str, Sequence[DataFile]], gateway: PersonalizeGateway, solutions: Sequence[str]) -> Amounts:
    """Measure the files, and look at the newest version of each solution that exists."""
    sizes = {key: sum(file.size_bytes for file in each) for key, each in files.items()}
    rows = {key: sum(_rows(file) for file in each) for key, each in files.items()}
    newest = {arn: version for arn in solutions if (version := _newest_version(gateway, arn)) is not None}
    return Amounts(
        size_bytes=sizes,
        rows=rows,
        training_hours={arn: each["trainingHours"] for arn, each in newest.items() if each.get("trainingHours")},
        training_minutes={arn: minutes for arn, each in newest.items() if (minutes := _minutes(each)) is not None},
    )


def _rows(file: DataFile) -> int:
    first = file.read(0, min(FIRST_BYTES, file.size_bytes)) if file.size_bytes else b""
    lines = first.count(b"\n")
    return round(file.size_bytes * lines / len(first)) - 1 if lines else 0


def _newest_version(gateway: PersonalizeGateway, solution_arn: str) -> Mapping[str, Any] | None:
    kind = KINDS["solution-version"]
    done = [each for each in gateway.children(kind, solution_arn) if each["status"] == "ACTIVE"]
    newest = max(done, key=lambda each: each["creationDateTime"], default=None)
    return gateway.describe(kind, newest[kind.arn_member]) if newest else None


def _minutes(version: Mapping[str, Any]) -> float | None:
    """From its creation to its last change, which is when it became ready."""
    ready_at = version.get("lastUpdatedDateTime")
    return (ready_at - version["creationDateTime"]).total_seconds() / 60 if ready_at else None
