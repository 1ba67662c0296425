"""Which events a solution trains on, and what each counts.

Source: contract §4.3. That live events count by the same rules as trained ones is ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class EventWeights:
    """The rules of a solution; without any, all events count 1. types: (least value or None, weight) by lower case."""

    types: Mapping[str, tuple[float | None, float]]

    def of(self, event_type: str, value: float | None) -> float:
        """Give what an event counts; 0 for one that is left out."""
        if not self.types:
            return 1.0
        threshold, weight = self.types.get(event_type.lower(), (None, 0.0))
        return weight if threshold is None or (value is not None and value >= threshold) else 0.0


def event_weights_of(solution: Mapping[str, Any]) -> EventWeights:
    """Read a solution's rules; weights are relative to their mean."""
    config = solution.get("solution_config", {})
    listed = config.get("events_config", {}).get("event_parameters_list", [])
    if listed:
        weights = [1.0 if each.get("weight") is None else float(each["weight"]) for each in listed]
        mean = sum(weights) / len(weights) or 1.0
        return EventWeights(
            {
                each["event_type"].lower(): (each.get("event_value_threshold"), weight / mean)
                for each, weight in zip(listed, weights, strict=True)
            }
        )
    if "event_type" not in solution:
        return EventWeights({})
    threshold = config.get("event_value_threshold")
    return EventWeights({solution["event_type"].lower(): (None if threshold is None else float(threshold), 1.0)})
