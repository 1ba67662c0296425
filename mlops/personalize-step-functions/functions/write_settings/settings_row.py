"""The API's settings row, from the plan and what became of it; pure.

Source: newspaper system §6.4, personalize_spec.api_settings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from personalize_spec.api_settings import ACTIVE

_CAMPAIGN_COLUMNS = {
    "userPersonalization": "campaignArn",
    "similarItems": "relatedCampaignArn",
    "personalizedRanking": "rankingCampaignArn",
}


def settings_row(
    settings: Mapping[str, Any],
    solutions: Sequence[Mapping[str, Any]],
    event_trackers: Sequence[Mapping[str, Any]],
    filters: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Complete the planned settings: the campaigns' ARNs, the tracking id, the names the filters really have."""
    real_names = {entry["planned_name"]: entry["filter"]["name"] for entry in filters}
    return {
        "name": settings["name"],
        "status": ACTIVE,
        **{_CAMPAIGN_COLUMNS[entry["type"]]: entry["campaign"]["arn"] for entry in solutions},
        "eventTrackerId": event_trackers[0]["event_tracker"]["tracking_id"] if event_trackers else "",
        "datasetArn": settings["datasetArn"],
        "trafficRatio": settings["trafficRatio"],
        "context": {
            name: {**hints, "filter_name": real_names[hints["filter_name"]]}
            for name, hints in settings["contexts"].items()
        },
    }
