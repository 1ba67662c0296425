"""Schemas: created and deleted at once, without a status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from personalize_local.control.pages import list_page
from personalize_local.control.resources import (
    build,
    description,
    picked,
    remaining,
    require,
    require_absent,
    require_below,
    require_unused,
)
from personalize_local.jobs.service import Service
from personalize_local.jobs.statuses import ACTIVE
from personalize_local.store.resources import Resource
from personalize_spec.arns import Scope
from personalize_spec.limits import SCHEMAS_PER_REGION
from personalize_spec.schemas import parse_schema

KIND = "schema"


def create_schema(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Create a schema from its JSON text, which is kept as it is."""
    parse_schema(request["schema"])
    arn = scope.arn(KIND, request["name"])
    body = picked(request, "schema", "domain")
    with service.transaction() as connection:
        require_absent(service, scope, KIND, request["name"], connection)
        existing = service.workspace.resources.list(KIND, scope, connection=connection)
        require_below(SCHEMAS_PER_REGION, existing, f"More than {SCHEMAS_PER_REGION} schemas.")
        schema = build(service, scope, KIND, arn, request["name"], status=ACTIVE, body=body)
        service.workspace.resources.insert(connection, schema)
    return {"schema_arn": arn}


def describe_schema(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a schema."""
    return {"schema": description(require(service, scope, KIND, request["schema_arn"]))}


def list_schemas(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the schemas."""
    return list_page(service, scope, request, KIND, "schemas")


def delete_schema(service: Service, scope: Scope, request: Mapping[str, Any]) -> None:
    """Delete a schema that no dataset has."""
    with service.transaction() as connection:
        schema = require(service, scope, KIND, request["schema_arn"], connection)
        datasets = service.workspace.resources.list("dataset", scope, connection=connection)
        require_unused(schema, (each for each in remaining(datasets) if _has_schema(each, schema.arn)))
        service.workspace.resources.delete(connection, schema.arn)


def _has_schema(dataset: Resource, schema_arn: str) -> bool:
    update = dataset.body.get("latest_dataset_update", {})
    return schema_arn in (dataset.body["schema_arn"], update.get("schema_arn"))
