"""Would the resources of a parameter file exceed the account's quotas?

All are warnings: the numbers are the default quotas, and AWS raises most of them on request.

Source: contract §8.1.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from personalize_spec import limits
from personalize_spec.parameters.entries import (
    Entry,
    campaign_entries,
    filter_entries,
    recommender_entries,
    solution_entries,
)
from personalize_spec.parameters.finding import Finding, at, object_at, warning
from personalize_spec.parameters.resource_names import ResourceNames, second_slot


@dataclass(frozen=True)
class Quota:
    """How many resources of a kind there may be in a place; `path` leads to them in the parameter file."""

    words: str
    place: str
    most: int
    path: str


QUOTAS: Mapping[str, Quota] = {
    "dataset-group": Quota("dataset groups", "region", limits.DATASET_GROUPS_PER_REGION, "datasetGroup"),
    "schema": Quota("schemas", "region", limits.SCHEMAS_PER_REGION, "datasets"),
    "solution": Quota("solutions", "dataset group", limits.SOLUTIONS_PER_DATASET_GROUP, "solutions"),
    "campaign": Quota("campaigns", "dataset group", limits.CAMPAIGNS_PER_DATASET_GROUP, "campaigns"),
    "recommender": Quota("recommenders", "dataset group", limits.RECOMMENDERS_PER_DATASET_GROUP, "recommenders"),
    "filter": Quota("filters", "dataset group", limits.FILTERS_PER_DATASET_GROUP, "filters"),
}


def wanted_names(data: object) -> dict[str, set[str]]:
    """Give the names of the resources that a parameter file asks for, by kind."""
    group = at(data, str, "datasetGroup", "name") or ""
    prefixed = ResourceNames(group, at(data, str, "namePrefix")).prefixed
    declared = object_at(data, "datasets")
    schemas = (at(declared, str, key, "schemaName") or at(declared, str, key, "schema", "name") for key in declared)
    solutions = list(solution_entries(data))
    return {
        "dataset-group": {group},
        "schema": {name for name in schemas if name},
        "solution": set(map(prefixed, _names(solutions))),
        "campaign": {prefixed(name) for key, _ in solutions for name in _names(campaign_entries(data, key))},
        "recommender": set(map(prefixed, _names(recommender_entries(data)))),
        "filter": set(map(prefixed, _names(filter_entries(data)))),
    }


def check_quotas(data: object, existing: Mapping[str, Collection[str]]) -> Iterator[Finding]:
    """Yield a warning for each quota that the file's resources would exceed beside the `existing` names, by kind."""
    for kind, wanted in wanted_names(data).items():
        quota = QUOTAS[kind]
        there = set(existing.get(kind, ()))
        if kind == "campaign":  # one in its second slot is there
            wanted = {name for name in wanted if second_slot(name) not in there}
        total = len(there | wanted)
        if wanted - there and total > quota.most:
            text = f"The {quota.place} has {len(there)} {quota.words}, and this file makes {len(wanted - there)} more"
            cure = f"AWS allows {quota.most} unless it has raised the quota: delete some first, or ask for more."
            yield warning(quota.path, f"{text}: {cure}")


def _names(entries: Iterable[Entry]) -> Iterator[str]:
    return (name for _, entry in entries if (name := at(entry, str, "name")))
