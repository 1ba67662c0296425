"""Would the resources of a parameter file exceed the account's quotas?

All are warnings: the numbers are the default quotas, and AWS raises each of them on request.

Source: contract §8.1.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from personalize_spec import limits
from personalize_spec.parameters.finding import Finding, at, object_at, warning
from personalize_spec.parameters.format import CAMPAIGN_OF_SOLUTION
from personalize_spec.parameters.resource_names import ResourceNames


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
    "filter": Quota("filters", "dataset group", limits.FILTERS_PER_DATASET_GROUP, "filters"),
}


def wanted_names(data: object) -> dict[str, set[str]]:
    """Give the names of the resources that a parameter file asks for, by kind."""
    group = at(data, str, "datasetGroup", "name") or ""
    names = ResourceNames(group)
    filters = at(data, list, "filters") or []
    return {
        "dataset-group": {group},
        "schema": _names(at(data, str, "datasets", key, "schema", "name") for key in object_at(data, "datasets")),
        "solution": {names.solution(name) for name in _names(_own(data, "solutions", CAMPAIGN_OF_SOLUTION))},
        "campaign": {names.campaign(name) for name in _names(_own(data, "campaigns", CAMPAIGN_OF_SOLUTION.values()))},
        "filter": {names.filter(name) for name in _names(at(entry, str, "name") for entry in filters)},
    }


def check_quotas(data: object, existing: Mapping[str, Collection[str]]) -> Iterator[Finding]:
    """Yield a warning for each quota that the file's resources would exceed beside the `existing` names, by kind."""
    for kind, wanted in wanted_names(data).items():
        quota = QUOTAS[kind]
        there = set(existing.get(kind, ()))
        total = len(there | wanted)
        if wanted - there and total > quota.most:
            text = f"The {quota.place} has {len(there)} {quota.words}, and this file makes {len(wanted - there)} more"
            cure = f"AWS allows {quota.most} unless it has raised the quota: delete some first, or ask for more."
            yield warning(quota.path, f"{text}: {cure}")


def _own(data: object, section: str, keys: Collection[str]) -> Iterator[str | None]:
    return (at(data, str, section, key, "name") for key in keys)


def _names(found: Iterator[str | None]) -> set[str]:
    return {name for name in found if name}
