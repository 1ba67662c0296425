"""Datasets: one of each type in a group."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Mapping
from typing import Any

from personalize_local.control.additions import add
from personalize_local.control.dependents import dataset_blockers
from personalize_local.control.pages import list_page
from personalize_local.control.resources import (
    description,
    remaining,
    require,
    require_active,
    require_settled,
    require_unused,
)
from personalize_local.control.tags import read_tags
from personalize_local.control.updates import write_update
from personalize_local.jobs.lifecycle import CREATE, DELETE, UPDATE
from personalize_local.jobs.service import Service
from personalize_local.jobs.training_columns import ADDED_COLUMNS
from personalize_local.store.resources import Resource
from personalize_spec.arns import Scope
from personalize_spec.errors import InvalidInputException, ResourceAlreadyExistsException
from personalize_spec.schemas import DatasetSchema, check_schema, dataset_type_of, parse_schema

KIND = "dataset"
UPDATABLE_TYPES = ("ITEMS", "USERS")


def create_dataset(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Create a dataset. Its ARN holds its group's name and its type, in capitals."""
    tags = read_tags(request.get("tags"))
    dataset_type = dataset_type_of(request["dataset_type"])
    with service.transaction() as connection:
        group = require(service, scope, "dataset-group", request["dataset_group_arn"], connection)
        schema = require(service, scope, "schema", request["schema_arn"], connection)
        _check_fit(schema, dataset_type, group)
        arn = scope.dataset_arn(group.name, dataset_type)
        _require_type_free(service, arn, dataset_type, connection)
        require_active(group)
        body = {"dataset_type": dataset_type, "schema_arn": schema.arn} | _tracking(dataset_type)
        add(service, connection, scope, KIND, arn, request["name"], body=body, tags=tags, parent_arn=group.arn)
        service.lifecycle.begin(connection, arn, CREATE)
    return {"dataset_arn": arn}


def describe_dataset(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a dataset."""
    return {"dataset": description(require(service, scope, KIND, request["dataset_arn"]))}


def list_datasets(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the datasets, of one group or of all."""
    return list_page(service, scope, request, KIND, "datasets", parent_member="dataset_group_arn")


def update_dataset(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Give a dataset a schema with further columns.

    Source: contract §2.2: Items and Users only; old fields stay as they are, new ones may be null.
    """
    with service.transaction() as connection:
        dataset = require(service, scope, KIND, request["dataset_arn"], connection)
        schema = require(service, scope, "schema", request["schema_arn"], connection)
        old = require(service, scope, "schema", dataset.body["schema_arn"], connection)
        group = require(service, scope, "dataset-group", str(dataset.parent_arn), connection)
        _check_fit(schema, dataset.body["dataset_type"], group)
        before, after = parse_schema(old.body["schema"]), parse_schema(schema.body["schema"])
        _check_additions(dataset, before, after)
        require_active(dataset)
        now = service.clock.now()
        added = {field.name: now.timestamp() for field in after.fields if before.field(field.name) is None}
        wanted = {"schema_arn": schema.arn, ADDED_COLUMNS: dataset.body.get(ADDED_COLUMNS, {}) | added}
        write_update(service, connection, dataset, wanted, now)
        service.lifecycle.begin(connection, dataset.arn, UPDATE)
    return {"dataset_arn": dataset.arn}


def delete_dataset(service: Service, scope: Scope, request: Mapping[str, Any]) -> None:
    """Delete a dataset and its data."""
    with service.transaction() as connection:
        dataset = require(service, scope, KIND, request["dataset_arn"], connection)
        require_settled(dataset)
        require_unused(dataset, remaining(dataset_blockers(service, dataset, connection)), "still needs it")
        service.lifecycle.begin(connection, dataset.arn, DELETE)


def _tracking(dataset_type: str) -> dict[str, str]:
    """Give the tracking id that PutActionInteractions needs; other datasets have none."""
    return {"tracking_id": str(uuid.uuid4())} if dataset_type == "ACTION_INTERACTIONS" else {}


def _check_fit(schema: Resource, dataset_type: str, group: Resource) -> None:
    domain = group.body.get("domain")
    if schema.body.get("domain") != domain:
        raise InvalidInputException(
            f"The schema {schema.arn} has {_domain_words(schema)}, the dataset group {_domain_words(group)}: "
            "create the schema with the dataset group's domain."
        )
    problems = check_schema(parse_schema(schema.body["schema"]), dataset_type, domain)
    if problems:
        raise InvalidInputException(f"The schema {schema.arn} does not fit: {' '.join(problems)}")


def _domain_words(resource: Resource) -> str:
    domain = resource.body.get("domain")
    return f"the domain {domain}" if domain else "no domain"


def _require_type_free(service: Service, arn: str, dataset_type: str, connection: sqlite3.Connection) -> None:
    if service.workspace.resources.get(arn, connection) is not None:
        raise ResourceAlreadyExistsException(
            f"Another dataset with Arn {arn} already exists: a dataset group has one of the type {dataset_type}."
        )


def _check_additions(dataset: Resource, old: DatasetSchema, new: DatasetSchema) -> None:
    if dataset.body["dataset_type"] not in UPDATABLE_TYPES:
        raise InvalidInputException("Only Items and Users datasets can be updated.")
    changed = [field.name for field in old.fields if field not in new.fields]
    if changed:
        raise InvalidInputException(f"The new schema changes or lacks {', '.join(changed)}: keep them as they are.")
    required = [field.name for field in new.fields if old.field(field.name) is None and not field.nullable]
    if required:
        names = ", ".join(required)
        raise InvalidInputException(f'The new schema adds {names}: let the values be null ("type": [..., "null"]).')
