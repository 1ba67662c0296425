"""Look at a resource the pipeline waits for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import boto3
from pipeline.condition import read_condition
from pipeline.errors import PipelineError, TryAgainError
from pipeline.events import PipelineEvents
from pipeline.gateway import PersonalizeGateway, make_gateway
from pipeline.kinds import KINDS
from pipeline.logs import logged
from pipeline.metrics import write_execution_hours, write_offline_metrics

_gateway: PersonalizeGateway | None = None


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Give the condition of `event["resource"]`, as ensure_resource or an earlier look gave it.

    `event["execution"]` says which execution asks, by its Id and Name, and its StartTime in ISO 8601.
    """
    global _gateway
    _gateway = _gateway or make_gateway()
    now, metrics = datetime.now(UTC), boto3.client("cloudwatch")
    write_execution_hours(metrics, event["execution"], event.get("workflow", "deploy"), now)
    events = PipelineEvents(boto3.client("events"), event["execution"]["Id"])
    return look_and_tell(_gateway, events, metrics, event["resource"], now)


def look_and_tell(
    gateway: PersonalizeGateway, events: PipelineEvents, metrics: Any, resource: dict[str, Any], now: datetime
) -> dict[str, Any]:
    """Look, tell of another status by an event, and of a new version's quality by metrics.

    Errors: as of look.
    """
    try:
        condition = look(gateway, resource, now)
    except PipelineError as error:
        if not error.passes:
            events.resource_failed(resource, str(error))
        raise
    if condition["status"] != resource.get("status"):
        events.resource_changed(condition, resource.get("status", ""))
    if condition["ready"] and condition["kind"] == "solution-version":
        write_offline_metrics(gateway, metrics, condition)
    return condition


def look(gateway: PersonalizeGateway, resource: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Describe the resource and read its condition.

    Errors: TryAgainError when it cannot be seen, be it too new or deleted meanwhile; ResourceFailedError;
    WaitTooLongError.
    """
    kind, arn = KINDS[resource["kind"]], resource["arn"]
    members = gateway.describe(kind, arn)
    if members is None:
        raise TryAgainError(f"The {kind.words} {arn} does not exist any more: was it deleted meanwhile?")
    condition = read_condition(kind, arn, members, now, is_updating=resource["is_updating"])
    name = resource["name"]  # a version's own describes it by its solution too
    return condition | {"name": name, "made": {**condition["made"], "name": name}, "key": resource.get("key", "")}
