"""A data folder, and schemas of the three kinds of datasets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from personalize_local.store.csv_import import convert_csv
from personalize_local.store.datasets import FULL, BulkFile
from personalize_local.store.resources import Resource
from personalize_local.store.workspace import Workspace
from personalize_spec.arns import Scope
from personalize_spec.schemas import DatasetSchema, parse_schema

SCOPE = Scope("us-east-1", "123456789012")
NOW = datetime(2026, 1, 1, tzinfo=UTC)

FIELDS = {
    "Interactions": [
        {"name": "USER_ID", "type": "string"},
        {"name": "ITEM_ID", "type": "string"},
        {"name": "TIMESTAMP", "type": "long"},
        {"name": "EVENT_TYPE", "type": ["null", "string"]},
        {"name": "EVENT_VALUE", "type": ["null", "float"]},
        {"name": "DEVICE", "type": ["null", "string"], "categorical": True},
    ],
    "Items": [
        {"name": "ITEM_ID", "type": "string"},
        {"name": "GENRES", "type": ["null", "string"], "categorical": True},
        {"name": "YEAR", "type": "int"},
        {"name": "PRICE", "type": ["float", "null"]},
        {"name": "FREE", "type": ["boolean", "null"]},
        {"name": "PLOT", "type": ["null", "string"], "textual": True},
    ],
    "Users": [{"name": "USER_ID", "type": "string"}, {"name": "AGE", "type": ["null", "int"]}],
}


def schema_of(kind: str) -> DatasetSchema:
    """Give the schema of a kind of dataset."""
    namespace = "com.amazonaws.personalize.schema"
    record = {"type": "record", "name": kind, "namespace": namespace, "fields": FIELDS[kind], "version": "1.0"}
    return parse_schema(json.dumps(record))


@pytest.fixture
def schemas() -> dict[str, DatasetSchema]:
    """The schemas by kind."""
    return {kind: schema_of(kind) for kind in FIELDS}


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A new data folder."""
    opened = Workspace(tmp_path / "data")
    yield opened
    opened.close()


class Shelf:
    """Datasets to import into and to export from."""

    def __init__(self, workspace: Workspace, schemas: dict[str, DatasetSchema], s3: Any) -> None:
        self.workspace, self.schemas, self.s3 = workspace, schemas, s3
        self.group_arn = SCOPE.arn("dataset-group", "news")
        for kind, schema in schemas.items():
            schema_arn = SCOPE.arn("schema", kind)
            self.add("schema", kind, schema_arn, {"schema": schema.text})
            body = {"dataset_type": kind.upper(), "schema_arn": schema_arn}
            self.add("dataset", kind, self.arn(kind), body)

    def arn(self, kind: str) -> str:
        return SCOPE.dataset_arn("news", kind)

    def import_csv(self, kind: str, text: str, mode: str = FULL) -> None:
        datasets, arn = self.workspace.datasets, self.arn(kind)
        put_seq = datasets.put_seq()
        folder = datasets.stage(arn, f"job{datasets.generation(arn)}")
        (folder / "in.csv").write_text(text, encoding="utf-8")
        converted = convert_csv(folder / "in.csv", folder / "0.parquet", self.schemas[kind], datasets.spill_folder)
        file = BulkFile(folder / "0.parquet", converted.imported_count, converted.columns, put_seq)
        with self.workspace.database.transaction() as connection:
            datasets.publish(connection, arn, [file], mode)

    def add(self, kind: str, name: str, arn: str, body: dict[str, Any]) -> None:
        parent_arn = self.group_arn if kind == "dataset" else None
        with self.workspace.database.transaction() as connection:
            resource = Resource(kind, arn, name, SCOPE, parent_arn, "ACTIVE", body, NOW, NOW)
            self.workspace.resources.insert(connection, resource)


@pytest.fixture
def shelf(workspace: Workspace, schemas: dict[str, DatasetSchema], s3: Any) -> Shelf:
    return Shelf(workspace, schemas, s3)
