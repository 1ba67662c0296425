"""What serves requests beside the models: the event tracker and the filters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from personalize_spec.parameters import ResourceNames
from pipeline.planning.age_filter import with_age_limit
from pipeline.planning.definitions import GROUP, Chain, Definition, chain, define, with_successor, without_name
from pipeline.planning.run import Run

Parameters = Mapping[str, Any]

EVENT_TRACKER = "event-tracker"


def plan_serving(parameters: Parameters, run: Run) -> Iterator[Chain]:
    """Yield the group's event tracker, whose ARN Personalize chooses, and each filter."""
    names = ResourceNames.of(parameters)
    if tracker := parameters.get("eventTracker"):
        yield chain(
            "event tracker",
            {
                "key": EVENT_TRACKER,
                "kind": "event-tracker",
                "name": names.event_tracker(tracker["name"]),
                "arguments": without_name(tracker),
                "references": {"datasetGroupArn": GROUP},
            },
        )
    for entry in parameters.get("filters", []):
        yield chain(entry["name"], _filter(names, run, with_age_limit(entry, parameters)))


def plan_filter_names(parameters: Parameters) -> list[dict[str, str]]:
    """Give each filter's planned name with its key: what it is really called is known when it is made."""
    names = ResourceNames.of(parameters)
    return [
        {"planned_name": names.filter(entry["name"]), "key": filter_key(entry["name"])}
        for entry in parameters.get("filters", [])
    ]


def filter_key(name: str) -> str:
    """The key of a filter, by its name in the file."""
    return f"filter:{name}"


def _filter(names: ResourceNames, run: Run, entry: Mapping[str, Any]) -> Definition:
    arguments = {key: entry[key] for key in ("filterExpression", "tags") if key in entry}
    name = names.filter(entry["name"])
    return with_successor(define(run, filter_key(entry["name"]), "filter", name, arguments, datasetGroupArn=GROUP))
