"""The schemas of a dataset group's datasets."""

from __future__ import annotations

import sqlite3

from personalize_local.control.resources import remaining
from personalize_local.jobs.service import Service
from personalize_local.store.resources import Resource
from personalize_spec.schemas import DatasetSchema, parse_schema


def group_schemas(service: Service, group: Resource, connection: sqlite3.Connection) -> dict[str, DatasetSchema]:
    """Give the schemas of the group's datasets, by type, such as "ITEMS"."""
    resources = service.workspace.resources
    datasets = remaining(resources.list("dataset", parent_arn=group.arn, connection=connection))
    found = {each.body["dataset_type"]: resources.get(each.body["schema_arn"], connection) for each in datasets}
    return {kind: parse_schema(schema.body["schema"]) for kind, schema in found.items() if schema is not None}
