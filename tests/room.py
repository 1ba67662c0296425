"""A service without worker or socket, whose resources are put there as they should be, and not by the API."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from personalize_local.jobs.clock import ManualClock
from personalize_local.jobs.service import Service
from personalize_local.jobs.settings import Settings
from personalize_local.store.resources import Resource
from personalize_local.store.workspace import Workspace
from personalize_spec.arns import Scope

SCOPE = Scope("us-east-1", "123456789012")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Room:
    """A dataset group `news`, and short ways to put things into it; `fields` are the columns of each dataset type."""

    def __init__(self, data_dir: Path, fields: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        self.workspace = Workspace(data_dir)
        self.clock = ManualClock(NOW)
        self.service = Service(self.workspace, self.clock, Settings())
        self.group_arn = self.add("dataset-group", "news", None, {})
        self._fields = fields

    def add_dataset(
        self, dataset_type: str, fields: Sequence[Mapping[str, Any]] | None = None, status: str = "ACTIVE"
    ) -> str:
        """Add a dataset and its schema."""
        record = {"type": "record", "name": dataset_type.title(), "fields": fields or self._fields[dataset_type]}
        text = json.dumps(record | {"namespace": "com.amazonaws.personalize.schema", "version": "1.0"})
        schema_arn = self.add("schema", f"{dataset_type.lower()}-schema", None, {"schema": text})
        body = {"dataset_type": dataset_type, "schema_arn": schema_arn}
        arn = self.dataset_arn(dataset_type)
        return self.add("dataset", dataset_type.lower(), self.group_arn, body, arn=arn, status=status)

    def add_tracker(self, tracking_id: str = "tracking-1", status: str = "ACTIVE") -> str:
        """Add an event tracker."""
        return self.add("event-tracker", tracking_id, self.group_arn, {"tracking_id": tracking_id}, status=status)

    def dataset_arn(self, dataset_type: str) -> str:
        return SCOPE.dataset_arn("news", dataset_type)

    def add(
        self,
        kind: str,
        name: str,
        parent_arn: str | None,
        body: dict[str, Any],
        *,
        arn: str | None = None,
        status: str = "ACTIVE",
    ) -> str:
        """Add a resource of any kind; give its ARN."""
        resource = Resource(kind, arn or SCOPE.arn(kind, name), name, SCOPE, parent_arn, status, body, NOW, NOW)
        with self.workspace.database.transaction() as connection:
            self.workspace.resources.insert(connection, resource)
        return resource.arn
