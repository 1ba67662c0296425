"""Dataset groups, which hold everything else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from personalize_local.control.additions import add
from personalize_local.control.pages import list_page
from personalize_local.control.resources import (
    description,
    picked,
    remaining,
    require,
    require_absent,
    require_below,
    require_settled,
    require_unused,
)
from personalize_local.control.tags import read_tags
from personalize_local.jobs.lifecycle import CREATE, DELETE
from personalize_local.jobs.service import Service
from personalize_local.jobs.statuses import CREATING
from personalize_local.store.resources import Resource
from personalize_spec.arns import Scope
from personalize_spec.errors import InvalidInputException
from personalize_spec.limits import DATASET_GROUPS_PER_REGION

KIND = "dataset-group"


def create_dataset_group(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Create a dataset group."""
    tags = read_tags(request.get("tags"))
    if "kms_key_arn" in request and "role_arn" not in request:
        raise InvalidInputException("A kmsKeyArn needs a roleArn that may use the key: add roleArn.")
    arn = scope.arn(KIND, request["name"])
    body = picked(request, "role_arn", "kms_key_arn", "domain")
    with service.transaction() as connection:
        require_absent(service, scope, KIND, request["name"], connection)
        groups = remaining(service.workspace.resources.list(KIND, scope, connection=connection))
        require_below(
            DATASET_GROUPS_PER_REGION,
            groups,
            f"More than {DATASET_GROUPS_PER_REGION} dataset groups in ACTIVE state. Please delete some and try again.",
        )
        add(service, connection, scope, KIND, arn, request["name"], body=body, tags=tags)
        service.lifecycle.begin(connection, arn, CREATE)
    return {"dataset_group_arn": arn, **picked(request, "domain")}


def describe_dataset_group(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a dataset group."""
    return {"dataset_group": description(require(service, scope, KIND, request["dataset_group_arn"]))}


def list_dataset_groups(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the dataset groups."""
    return list_page(service, scope, request, KIND, "dataset_groups")


def delete_dataset_group(service: Service, scope: Scope, request: Mapping[str, Any]) -> None:
    """Delete a dataset group with nothing left in it."""
    with service.transaction() as connection:
        group = require(service, scope, KIND, request["dataset_group_arn"], connection)
        require_settled(group)
        children = remaining(service.workspace.resources.children(group.arn, connection))
        require_unused(group, (each for each in children if not _is_history(each)), "is in it")
        service.lifecycle.begin(connection, group.arn, DELETE)


def _is_history(resource: Resource) -> bool:
    """Tell whether a resource is a job that is over: nobody can delete it, so it goes with its group."""
    return resource.kind == "data-deletion-job" and resource.status not in CREATING
