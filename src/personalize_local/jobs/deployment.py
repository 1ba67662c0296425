"""Campaigns that follow their solution: a new ACTIVE solution version is deployed on them.

Source: contract §4.4, campaignConfig.syncWithLatestSolutionVersion.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from personalize_local.jobs.lifecycle import UPDATE
from personalize_local.jobs.statuses import ACTIVE
from personalize_local.jobs.updates import SUMMARY_MEMBERS, is_updating, start_update
from personalize_local.store.resources import Resource

if TYPE_CHECKING:
    from personalize_local.jobs.service import Service


def follow_solution_version(connection: sqlite3.Connection, service: Service, arn: str) -> None:
    """Begin an update to this solution version on the campaigns that follow its solution; nothing for other ARNs."""
    version = service.workspace.resources.get(arn, connection)
    if version is None or version.kind != "solution-version":
        return
    for campaign in service.workspace.resources.list("campaign", parent_arn=version.parent_arn, connection=connection):
        if _follows(campaign):
            _deploy(connection, service, campaign, arn)


def _follows(campaign: Resource) -> bool:
    config = campaign.body.get("campaign_config", {})
    return bool(config.get("sync_with_latest_solution_version")) and campaign.status == ACTIVE


def _deploy(connection: sqlite3.Connection, service: Service, campaign: Resource, version_arn: str) -> None:
    if is_updating(campaign):
        return
    now = service.clock.now()
    kept = {key: campaign.body[key] for key in ("min_provisioned_tps", "campaign_config") if key in campaign.body}
    summary = start_update({"solution_version_arn": version_arn, **kept}, now)
    changes = {SUMMARY_MEMBERS["campaign"]: summary}
    service.workspace.resources.update(connection, campaign.arn, now, changes=changes)
    service.lifecycle.begin(connection, campaign.arn, UPDATE)
