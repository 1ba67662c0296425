"""Look at a resource the pipeline waits for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pipeline.condition import read_condition
from pipeline.errors import TryAgainError
from pipeline.gateway import PersonalizeGateway, make_gateway
from pipeline.kinds import KINDS

_gateway: PersonalizeGateway | None = None


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Give the condition of `event["resource"]`, as ensure_resource or an earlier look gave it."""
    global _gateway
    _gateway = _gateway or make_gateway()
    return look(_gateway, event["resource"], datetime.now(UTC))


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
    return condition | {"name": resource["name"]}
