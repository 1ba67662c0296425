"""Whether a resource is ready, read from what Describe answers; pure.

Source: contract §2.1 (statuses), §9.7 (a campaign stays ACTIVE while its update runs).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipeline.errors import ResourceBusyError, ResourceFailedError, WaitTooLongError
from pipeline.kinds import ResourceKind

READY = "ACTIVE"
_CHANGING = tuple(f"{verb} {state}" for verb in ("CREATE", "UPDATE", "START") for state in ("PENDING", "IN_PROGRESS"))


def read_condition(
    kind: ResourceKind, arn: str, members: Mapping[str, Any], now: datetime, *, is_updating: bool = False
) -> dict[str, Any]:
    """Give what the state machine needs to know of a resource: its name, ARN, status, and when to look again.

    `made` is what later steps need to know of it. `is_updating` says that this execution changed the resource: then
    the update's status counts too.
    Errors: ResourceBusyError while it is being deleted; ResourceFailedError, with Personalize's own reason;
    WaitTooLongError.
    """
    current = _current(kind, members, is_updating)
    status = current.get("status", READY)
    if status.startswith("DELETE"):
        raise ResourceBusyError(f"The {kind.words} {arn} is being deleted ({status}): try again when it is gone.")
    if status != READY and status not in _CHANGING:
        raise ResourceFailedError(_failure(kind, arn, status, current))
    name = members.get(kind.name_member, arn.rsplit("/", 1)[-1])
    outputs = {output: members[member] for output, member in kind.outputs.items() if member in members}
    return {
        "kind": kind.name,
        "name": name,
        "arn": arn,
        "status": status,
        "ready": status == READY,
        "is_updating": is_updating,
        "wait_s": 0 if status == READY else _next_wait_s(kind, arn, status, current, now),
        "made": {"name": name, "arn": arn, **outputs},
    }


def _current(kind: ResourceKind, members: Mapping[str, Any], is_updating: bool) -> Mapping[str, Any]:
    """The part of the reply whose status counts: the update's where there is one of ours, else the resource's."""
    update = members.get(kind.update_summary or "")
    return update if is_updating and update else members


def _next_wait_s(kind: ResourceKind, arn: str, status: str, current: Mapping[str, Any], now: datetime) -> int:
    if kind.wait is None:
        raise ResourceFailedError(f"The {kind.words} {arn} has the status {status}, but should be usable at once.")
    spent_s = (now - current["creationDateTime"]).total_seconds()
    if spent_s > kind.wait.limit_s:
        raise WaitTooLongError(
            f"The {kind.words} {arn} is still {status} after {kind.wait.limit_s / 3600:g} h. Look at it in the "
            "Personalize console; when it is ACTIVE, upload the parameter file again: what exists is used."
        )
    return kind.wait.next_s(spent_s)


def _failure(kind: ResourceKind, arn: str, status: str, current: Mapping[str, Any]) -> str:
    reason = current.get("failureReason", "Personalize gives no reason.")
    return f"The {kind.words} {arn} is {status}: {reason} {kind.advice}".rstrip()
