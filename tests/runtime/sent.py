"""What a newsroom of the tests is sent: events and items."""

from __future__ import annotations

import json
from typing import Any

from personalize_local.events.put_events import put_events
from personalize_local.events.put_items import put_items
from tests.room import NOW, SCOPE

NOW_EPOCH_S = int(NOW.timestamp())


def send(newsroom: Any, item_id: str, *, user_id: str | None = None, session_id: str = "s1", **event: Any) -> None:
    members = {"event_type": "view", "sent_at": NOW, "item_id": item_id, **event}
    request = {"tracking_id": "tracking-1", "session_id": session_id, "event_list": [members]}
    put_events(newsroom.service, SCOPE, request | ({"user_id": user_id} if user_id else {}))


def put(newsroom: Any, item_id: str, **properties: Any) -> None:
    values = {"creationTimestamp": NOW_EPOCH_S, **properties}
    item = {"item_id": item_id, "properties": json.dumps(values)}
    put_items(newsroom.service, SCOPE, {"dataset_arn": newsroom.dataset_arn("ITEMS"), "items": [item]})
