"""Make sure that one resource exists as the parameter file describes it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ensure_resource import Wanted, ensure_resource
from pipeline.gateway import PersonalizeGateway, make_gateway

_gateway: PersonalizeGateway | None = None


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Create, reuse or update the resource of `event["definition"]`; give its condition.

    `event["references"]` holds the ARNs of resources made before, under the create call's member names;
    `event["started_at"]` is when the execution started, in ISO 8601.
    """
    global _gateway
    _gateway = _gateway or make_gateway()
    return ensure_resource(_gateway, Wanted.from_event(event), datetime.now(UTC))
