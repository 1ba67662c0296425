"""Filters: parsed when they are created, checked against the datasets, then bound at request time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from personalize_local.control.additions import add
from personalize_local.control.dependents import filter_jobs
from personalize_local.control.group_schemas import group_schemas
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
    require_unused,
)
from personalize_local.control.tags import read_tags
from personalize_local.jobs.lifecycle import CREATE, DELETE
from personalize_local.jobs.service import Service
from personalize_local.store.resources import Resource
from personalize_spec.arns import Scope
from personalize_spec.errors import InvalidInputException, LimitExceededException, ResourceInUseException
from personalize_spec.filters import Filter, check_filter, distinct_fields, invalid_filter, parse_filter
from personalize_spec.limits import FILTER_MAX_FIELDS_PER_DATASET_GROUP, FILTERS_PER_DATASET_GROUP
from personalize_spec.schemas import DatasetSchema

KIND = "filter"


def create_filter(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Create a filter; one that is wrong in itself or does not suit the datasets is refused at once.

    Source: contract §7.5, §8.1. That columns which are not there are not left to CREATE FAILED: inferred.
    """
    tags = read_tags(request.get("tags"))
    tree = parse_filter(request["filter_expression"])
    arn = scope.arn(KIND, request["name"])
    with service.transaction() as connection:
        group = require(service, scope, "dataset-group", request["dataset_group_arn"], connection)
        _check_columns(tree, group_schemas(service, group.arn, connection))
        require_absent(service, scope, KIND, request["name"], connection)
        _require_active(group)
        existing = remaining(service.workspace.resources.list(KIND, parent_arn=group.arn, connection=connection))
        limit = FILTERS_PER_DATASET_GROUP
        require_below(limit, existing, f"More than {limit} filters in the dataset group.")
        _require_few_fields(tree, existing)
        body = picked(request, "filter_expression")
        add(service, connection, scope, KIND, arn, request["name"], body=body, tags=tags, parent_arn=group.arn)
        service.lifecycle.begin(connection, arn, CREATE)
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


def _require_active(group: Resource) -> None:
    """Errors: InvalidInputException: CreateFilter has no ResourceInUseException in AWS's model."""
    try:
        require_active(group)
    except ResourceInUseException as error:
        raise InvalidInputException(error.message) from error


def _check_columns(tree: Filter, schemas: Mapping[str, DatasetSchema]) -> None:
    """Errors: InvalidInputException that names every condition which does not suit the datasets."""
    if problems := check_filter(tree, schemas):
        raise invalid_filter(" ".join(problems))


def _require_few_fields(tree: Filter, existing: Iterable[Resource]) -> None:
    """Make sure that the filters of a group do not use too many different fields together.

    Errors: LimitExceededException.
    """
    fields = set(distinct_fields(tree))
    for each in existing:
        fields |= distinct_fields(parse_filter(each.body["filter_expression"]))
    if len(fields) > FILTER_MAX_FIELDS_PER_DATASET_GROUP:
        raise LimitExceededException(
            f"The filters of the dataset group would use {len(fields)} different fields; "
            f"{FILTER_MAX_FIELDS_PER_DATASET_GROUP} are allowed."
        )
