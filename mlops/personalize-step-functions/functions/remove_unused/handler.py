"""Find and remove filters and schemas that have been replaced."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pipeline.gateway import PersonalizeGateway, make_gateway
from pipeline.logs import logged
from unused import find_unused, remove

_gateway: PersonalizeGateway | None = None


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Do `event["action"]`: "find" what a run has made `replaceable` by what it has `made`, or "remove" `resources`."""
    global _gateway
    _gateway = _gateway or make_gateway()
    return act(_gateway, event, datetime.now(UTC))


def act(gateway: PersonalizeGateway, event: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Find, or remove."""
    if event["action"] == "find":
        return {"resources": find_unused(gateway, event["replaceable"], event["made"], now)}
    return {"removed": remove(gateway, event["resources"])}
