"""The schemas of a dataset group's datasets."""

from __future__ import annotations

import sqlite3

from personalize_local.control.recipe_datasets import group_datasets
from personalize_local.jobs.service import Service
from personalize_spec.schemas import DatasetSchema, parse_schema


def group_schemas(service: Service, group_arn: str, connection: sqlite3.Connection) -> dict[str, DatasetSchema]:
    """Give the schemas of a group's datasets by type, such as "ITEMS", without those on their way out."""
    resources = service.workspace.resources
    datasets = group_datasets(service, group_arn, connection)
    found = {kind: resources.get(each.body["schema_arn"], connection) for kind, each in datasets.items()}
    return {kind: parse_schema(schema.body["schema"]) for kind, schema in found.items() if schema is not None}
