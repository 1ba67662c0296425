"""The row that tells the API which campaigns, event tracker, dataset and filters to use; pure.

Source: newspaper system §6.4, personalize_spec.api_settings. What identifies the campaigns and the tracker is known
when they exist: what writes the row adds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from personalize_spec.api_settings import DEFAULT_CONTEXT
from personalize_spec.arns import Scope
from personalize_spec.parameters import DEFAULT_TRAFFIC_RATIO, ResourceNames
from personalize_spec.parameters.reading import campaigns_of
from pipeline.planning.age_filter import DEFAULT_FILTER, with_age_limit

Parameters = Mapping[str, Any]

_MAIN_SOLUTION = "userPersonalization"


def plan_settings(parameters: Parameters, scope: Scope) -> dict[str, Any] | None:
    """Give the row's attributes that follow from the file; None without a user personalization campaign to name."""
    campaign = _main_campaign(parameters)
    if campaign is None:
        return None
    group = parameters["datasetGroup"]["name"]
    has_items = "Items" in parameters["datasets"]
    return {
        "name": group,
        "trafficRatio": campaign.get("trafficRatio", DEFAULT_TRAFFIC_RATIO),
        "datasetArn": scope.dataset_arn(group, "Items") if has_items else "",
        "contexts": dict(_contexts(parameters)),
    }


def _main_campaign(parameters: Parameters) -> Mapping[str, Any] | None:
    if _MAIN_SOLUTION not in parameters.get("solutions", {}):
        return None
    return next(campaigns_of(parameters, _MAIN_SOLUTION), None)


def _contexts(parameters: Parameters) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield per context of the API the filter that serves it with its hints.

    Where no filter names the context `default`, the one called `unread` takes it, as it did before contexts existed.
    """
    names = ResourceNames.of(parameters)
    filters = [with_age_limit(entry, parameters) for entry in parameters.get("filters", [])]
    contexts = {entry["context"]: entry for entry in filters if entry.get("context")}
    for entry in filters:
        if entry["name"] == DEFAULT_FILTER:
            contexts.setdefault(DEFAULT_CONTEXT, entry)
    for context, entry in contexts.items():
        yield context, {**entry, "filter_name": names.filter(entry["name"])}
