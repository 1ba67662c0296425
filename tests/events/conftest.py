"""A service whose dataset group takes events, items and users."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from personalize_local.store.events import StreamedEvent
from tests.room import Room

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


class Desk(Room):
    """The service, and short ways to look at what it stored."""

    def events(self) -> list[StreamedEvent]:
        return self.workspace.events.scan(self.dataset_arn("INTERACTIONS"))

    def records(self, dataset_type: str) -> dict[str, Mapping[str, Any]]:
        return {each.record_id: each.columns for each in self.workspace.records.scan(self.dataset_arn(dataset_type))}


@pytest.fixture
def bare_desk(tmp_path: Path) -> Iterator[Desk]:
    """A dataset group with nothing in it."""
    desk = Desk(tmp_path / "data", FIELDS)
    yield desk
    desk.workspace.close()


@pytest.fixture
def desk(bare_desk: Desk) -> Desk:
    """A dataset group with all datasets and a tracker."""
    for dataset_type in FIELDS:
        bare_desk.add_dataset(dataset_type)
    bare_desk.add_tracker()
    return bare_desk
