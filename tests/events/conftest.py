"""A service whose dataset group takes events, items and users."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from personalize_local.jobs.clock import ManualClock
from personalize_local.jobs.service import Service
from personalize_local.jobs.settings import Settings
from personalize_local.store.events import StreamedEvent
from personalize_local.store.resources import Resource
from personalize_local.store.workspace import Workspace
from personalize_spec.arns import Scope

SCOPE = Scope("us-east-1", "123456789012")
NOW = datetime(2026, 1, 1, tzinfo=UTC)

FIELDS: Mapping[str, list[dict[str, Any]]] = {
    "INTERACTIONS": [
        {"name": "USER_ID", "type": "string"},
        {"name": "ITEM_ID", "type": "string"},
        {"name": "TIMESTAMP", "type": "long"},
        {"name": "EVENT_TYPE", "type": "string"},
        {"name": "EVENT_VALUE", "type": ["null", "float"]},
        {"name": "SCROLL_DEPTH", "type": ["null", "int"]},
        {"name": "EVENT_ATTRIBUTION_SOURCE", "type": ["null", "string"]},
    ],
    "ITEMS": [
        {"name": "ITEM_ID", "type": "string"},
        {"name": "CATEGORY_L1", "type": "string", "categorical": True},
        {"name": "WORD_COUNT", "type": ["null", "int"]},
        {"name": "IS_FREE", "type": ["null", "boolean"]},
        {"name": "STORY", "type": ["null", "string"], "textual": True},
    ],
    "USERS": [{"name": "USER_ID", "type": "string"}, {"name": "AGE", "type": ["null", "int"]}],
}


class Desk:
    """The service, and short ways to look at what it stored."""

    def __init__(self, data_dir: Path) -> None:
        self.workspace = Workspace(data_dir)
        self.service = Service(self.workspace, ManualClock(NOW), Settings())
        self.group_arn = self.add("dataset-group", "news", None, {})

    def add_dataset(self, dataset_type: str, fields: list[dict[str, Any]] | None = None, status: str = "ACTIVE") -> str:
        record = {"type": "record", "name": dataset_type.title(), "fields": fields or FIELDS[dataset_type]}
        text = json.dumps(record | {"namespace": "com.amazonaws.personalize.schema", "version": "1.0"})
        schema_arn = self.add("schema", f"{dataset_type.lower()}-schema", None, {"schema": text})
        body = {"dataset_type": dataset_type, "schema_arn": schema_arn}
        return self.add("dataset", dataset_type.lower(), self.group_arn, body, self.dataset_arn(dataset_type), status)

    def add_tracker(self, tracking_id: str = "tracking-1", status: str = "ACTIVE") -> None:
        self.add("event-tracker", tracking_id, self.group_arn, {"tracking_id": tracking_id}, status=status)

    def dataset_arn(self, dataset_type: str) -> str:
        return SCOPE.dataset_arn("news", dataset_type)

    def events(self) -> list[StreamedEvent]:
        return self.workspace.events.scan(self.dataset_arn("INTERACTIONS"))

    def records(self, dataset_type: str) -> dict[str, Mapping[str, Any]]:
        return {each.record_id: each.columns for each in self.workspace.records.scan(self.dataset_arn(dataset_type))}

    def add(
        self,
        kind: str,
        name: str,
        parent_arn: str | None,
        body: dict[str, Any],
        arn: str | None = None,
        status: str = "ACTIVE",
    ) -> str:
        resource = Resource(kind, arn or SCOPE.arn(kind, name), name, SCOPE, parent_arn, status, body, NOW, NOW)
        with self.workspace.database.transaction() as connection:
            self.workspace.resources.insert(connection, resource)
        return resource.arn


@pytest.fixture
def bare_desk(tmp_path: Path) -> Iterator[Desk]:
    """A dataset group with nothing in it."""
    desk = Desk(tmp_path / "data")
    yield desk
    desk.workspace.close()


@pytest.fixture
def desk(bare_desk: Desk) -> Desk:
    """A dataset group with all datasets and a tracker."""
    for dataset_type in FIELDS:
        bare_desk.add_dataset(dataset_type)
    bare_desk.add_tracker()
    return bare_desk
