"""Make sure that one resource exists as the parameter file describes it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import boto3
from ensure_resource import ensure_resource
from pipeline.comparison import LEAVE
from pipeline.errors import PipelineError
from pipeline.events import PipelineEvents
from pipeline.gateway import PersonalizeGateway, make_gateway
from pipeline.logs import logged
from pipeline.wanted import Wanted

_gateway: PersonalizeGateway | None = None


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Create, reuse, update or start the resource of `event["definition"]`; give its condition.

    `event["made"]` has what was made before, by the definitions' keys; `event["execution"]` says which execution asks,
    by its Id and Name, and its StartTime in ISO 8601.
    """
    global _gateway
    _gateway = _gateway or make_gateway()
    events = PipelineEvents(boto3.client("events"), event["execution"]["Id"])
    return ensure(_gateway, events, event, datetime.now(UTC))


def ensure(gateway: PersonalizeGateway, events: PipelineEvents, event: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Ensure the resource, and tell by an event what was changed, or why it cannot be.

    Errors: all of pipeline.errors.
    """
    try:
        condition = ensure_resource(gateway, Wanted.from_event(event), now)
    except PipelineError as error:
        if not error.passes:
            events.resource_failed(event["definition"], str(error))
        raise
    if condition["action"] != LEAVE:
        events.resource_changed(condition, "")
    return condition
