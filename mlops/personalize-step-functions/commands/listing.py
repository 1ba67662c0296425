"""A dataset group's resources as lines for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def lines_of(stages: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a line for each resource, stage by stage, in the order in which they can be deleted."""
    for stage in stages:
        yield f"{stage['name']}:"
        for resource in stage["resources"]:
            yield f"  {resource['kind']:<18} {resource['arn'] or resource['name']}  {resource['status']}"


def count_of(stages: Sequence[Mapping[str, Any]]) -> int:
    """Count the resources."""
    return sum(len(stage["resources"]) for stage in stages)
