"""The row that tells the API which campaigns, event tracker, dataset and filters to use; pure.

Source: newspaper system §6.4, personalize_spec.api_settings. What identifies the campaigns and the tracker is known
when they exist: write_settings adds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from personalize_spec.api_settings import DEFAULT_CONTEXT
from personalize_spec.arns import Scope
from personalize_spec.parameters import DEFAULT_TRAFFIC_RATIO

_DEFAULT_FILTER = "unread"


def plan_settings(parameters: Mapping[str, Any], scope: Scope) -> dict[str, Any] | None:
    """Give the row's attributes that follow from the file; None without a user personalization campaign to name."""
    if "userPersonalization" not in parameters.get("solutions", {}):
        return None
    group = parameters["datasetGroup"]["name"]
    campaign = parameters["campaigns"]["userPersonalizationCampaign"]
    has_items = "Items" in parameters["datasets"]
    return {
        "name": group,
        "trafficRatio": campaign.get("trafficRatio", DEFAULT_TRAFFIC_RATIO),
        "datasetArn": scope.dataset_arn(group, "Items") if has_items else "",
        "contexts": _contexts(group, parameters.get("filters", [])),
    }


def _contexts(group: str, filters: list[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Per context of the API, the filter that serves it with its hints.

    Where no filter names the context `default`, the one called `unread` takes it, as it did before contexts existed.
    """
    contexts = {entry["context"]: _context(group, entry) for entry in filters if entry.get("context")}
    for entry in filters:
        if entry["name"] == _DEFAULT_FILTER:
            contexts.setdefault(DEFAULT_CONTEXT, _context(group, entry))
    return contexts


def _context(group: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    return {**entry, "filter_name": f"{group}-{entry['name']}"}
