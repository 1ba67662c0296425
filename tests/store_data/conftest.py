"""A data folder, and schemas of the three kinds of datasets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from personalize_local.store.workspace import Workspace
from personalize_spec.schemas import DatasetSchema, parse_schema

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
