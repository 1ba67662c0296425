"""Campaigns: a solution version that answers."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from personalize_local.control.additions import add
from personalize_local.control.campaign_config import check_campaign
from personalize_local.control.dependents import group_campaigns
from personalize_local.control.pages import list_page
from personalize_local.control.resources import (
    description,
    picked,
    remaining,
    require,
    require_absent,
    require_active,
    require_below,
    require_settled,
)
from personalize_local.control.solution_versions import recipe_of_version
from personalize_local.control.tags import read_tags
from personalize_local.control.updates import require_no_update, write_update
from personalize_local.jobs.lifecycle import CREATE, DELETE, UPDATE
from personalize_local.jobs.service import Service
from personalize_local.jobs.statuses import ACTIVE, CREATE_FAILED
from personalize_local.store.resources import Resource
from personalize_spec.arns import Scope, is_latest, solution_arn_of
from personalize_spec.errors import InvalidInputException, ResourceInUseException, ResourceNotFoundException
from personalize_spec.limits import CAMPAIGNS_PER_DATASET_GROUP

KIND = "campaign"
UPDATABLE = ("min_provisioned_tps", "campaign_config")
TOO_MANY = (
    f"Cannot create a campaign. More than {CAMPAIGNS_PER_DATASET_GROUP} resources in ACTIVE state. "
    "Please delete some and try again."
)


def create_campaign(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Create a campaign with a solution version, or with the newest (`…/$LATEST`)."""
    tags = read_tags(request.get("tags"))
    arn = scope.arn(KIND, request["name"])
    config = request.get("campaign_config", {})
    with service.transaction() as connection:
        version = _version(service, scope, request["solution_version_arn"], connection)
        check_campaign(recipe_of_version(version), config, request["solution_version_arn"])
        require_absent(service, scope, KIND, request["name"], connection)
        require_active(version)
        siblings = remaining(group_campaigns(service, version.body["dataset_group_arn"], connection))
        require_below(CAMPAIGNS_PER_DATASET_GROUP, siblings, TOO_MANY)
        body = {
            "solution_version_arn": version.arn,
            "min_provisioned_tps": request.get("min_provisioned_tps", 1),
            "campaign_config": config,
        }
        add(service, connection, scope, KIND, arn, request["name"], body=body, tags=tags, parent_arn=version.parent_arn)
        service.lifecycle.begin(connection, arn, CREATE)
    return {"campaign_arn": arn}


def describe_campaign(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a campaign."""
    return {"campaign": description(require(service, scope, KIND, request["campaign_arn"]))}


def list_campaigns(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the campaigns, of one solution or of all."""
    return list_page(service, scope, request, KIND, "campaigns", parent_member="solution_arn")


def update_campaign(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Begin to change a campaign, which answers as before until the update is ACTIVE."""
    if not picked(request, "solution_version_arn", *UPDATABLE):
        raise InvalidInputException("Nothing to update: give solutionVersionArn, minProvisionedTPS or campaignConfig.")
    with service.transaction() as connection:
        campaign = require(service, scope, KIND, request["campaign_arn"], connection)
        wanted_arn = request.get("solution_version_arn", _present_arn(campaign))
        version = _version(service, scope, wanted_arn, connection)
        wanted = picked(campaign.body, *UPDATABLE) | picked(request, *UPDATABLE)
        check_campaign(recipe_of_version(version), wanted.get("campaign_config", {}), wanted_arn)
        require_active(version)
        _require_updatable(campaign)
        write_update(
            service, connection, campaign, {"solution_version_arn": version.arn, **wanted}, service.clock.now()
        )
        service.lifecycle.begin(connection, campaign.arn, UPDATE)
    return {"campaign_arn": campaign.arn}


def delete_campaign(service: Service, scope: Scope, request: Mapping[str, Any]) -> None:
    """Delete a campaign."""
    with service.transaction() as connection:
        campaign = require(service, scope, KIND, request["campaign_arn"], connection)
        require_settled(campaign)
        require_no_update(campaign)
        service.lifecycle.begin(connection, campaign.arn, DELETE)


def _version(service: Service, scope: Scope, arn: str, connection: sqlite3.Connection) -> Resource:
    """Give the solution version that an ARN names, for `…/$LATEST` the newest that is ACTIVE."""
    if not is_latest(arn):
        return require(service, scope, "solution-version", arn, connection)
    solution = require(service, scope, "solution", solution_arn_of(arn), connection)
    versions = service.workspace.resources.list("solution-version", parent_arn=solution.arn, connection=connection)
    newest = next((version for version in reversed(versions) if version.status == ACTIVE), None)
    if newest is None:
        raise ResourceNotFoundException(f"The solution {solution.arn} has no ACTIVE solution version.")
    return newest


def _present_arn(campaign: Resource) -> str:
    """Give what a campaign that keeps its solution version asks for: a follower asks for the newest."""
    arn = str(campaign.body["solution_version_arn"])
    follows = campaign.body.get("campaign_config", {}).get("sync_with_latest_solution_version")
    return f"{solution_arn_of(arn)}/$LATEST" if follows else arn


def _require_updatable(campaign: Resource) -> None:
    if campaign.status not in (ACTIVE, CREATE_FAILED):
        raise ResourceInUseException(
            f"The campaign {campaign.arn} must be ACTIVE to be updated; its status is {campaign.status}."
        )
    require_no_update(campaign)
