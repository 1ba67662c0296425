"""Filters: parsed when they are created, checked against the datasets, then bound at request time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from personalize_local.control.dependents import filter_jobs
from personalize_local.control.group_schemas import group_schemas
from personalize_local.control.pages import list_page
from personalize_local.control.resources import (
    build,
    description,
    picked,
    remaining,
    require,
    require_absent,
    require_active,
    require_below,
    require_settled,
    require_unused,
)
from personalize_local.control.tags import read_tags, store
from personalize_local.jobs.lifecycle import CREATE, DELETE
from personalize_local.jobs.service import Service
from personalize_local.jobs.statuses import CREATE_PENDING
from personalize_spec.arns import Scope
from personalize_spec.filters import check_filter, parse_filter
from personalize_spec.limits import FILTERS_PER_DATASET_GROUP

KIND = "filter"


def create_filter(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Create a filter. Bad syntax is refused at once; a column that is not there shows as CREATE FAILED.

    Source: contract §2.2.
    """
    tags = read_tags(request.get("tags"))
    tree = parse_filter(request["filter_expression"])
    arn = scope.arn(KIND, request["name"])
    with service.transaction() as connection:
        group = require(service, scope, "dataset-group", request["dataset_group_arn"], connection)
        require_absent(service, scope, KIND, request["name"], connection)
        require_active(group)
        existing = remaining(service.workspace.resources.list(KIND, parent_arn=group.arn, connection=connection))
        limit = FILTERS_PER_DATASET_GROUP
        require_below(limit, existing, f"More than {limit} filters in the dataset group.")
        problems = check_filter(tree, group_schemas(service, group, connection))
        body = picked(request, "filter_expression")
        status = CREATE_PENDING
        resource = build(service, scope, KIND, arn, request["name"], status=status, parent_arn=group.arn, body=body)
        store(service, connection, resource, tags)
        service.lifecycle.begin(connection, arn, CREATE, failure_reason=" ".join(problems) or None)
    return {"filter_arn": arn}


def describe_filter(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a filter."""
    return {"filter": description(require(service, scope, KIND, request["filter_arn"]))}


def list_filters(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the filters, of one dataset group or of all."""
    return list_page(service, scope, request, KIND, "filters", parent_member="dataset_group_arn")


def delete_filter(service: Service, scope: Scope, request: Mapping[str, Any]) -> None:
    """Delete a filter."""
    with service.transaction() as connection:
        resource = require(service, scope, KIND, request["filter_arn"], connection)
        require_settled(resource)
        require_unused(resource, filter_jobs(service, resource, connection))
        service.lifecycle.begin(connection, resource.arn, DELETE)
