"""Delete one resource, one look at a time: what it takes depends on the state it is in; pure but for the gateway.

Rule 1: gone is done, whoever deleted it.
Rule 2: what is changing is waited for: Personalize deletes nothing that changes. A training is stopped first.
Rule 3: Personalize answers a Describe with ACTIVE for a while after it has begun to delete: that is no failure, and the
        call is made again.
Rule 4: what something else still needs is waited for as long.

Source: contract §2.1 (statuses), §2.4 (deletion rules).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.errors import ResourceBusyError, WaitTooLongError
from pipeline.gateway import PersonalizeGateway
from pipeline.kinds import HOUR_S, MINUTE_S, ResourceKind
from pipeline.teardown_kinds import ALL_KINDS

LIMIT_S = 3 * HOUR_S
_STOPPABLE = ("CREATE PENDING", "CREATE IN_PROGRESS")


def delete_step(gateway: PersonalizeGateway, resource: Mapping[str, Any]) -> dict[str, Any]:
    """Look at the resource and do what its state allows; give whether it is gone, or when to look again.

    `waited_s` in the resource, and in the answer, is how long it has been waited for.
    Errors: WaitTooLongError; all of pipeline.errors but ResourceBusyError.
    """
    kind, arn = ALL_KINDS[resource["kind"]], resource["arn"]
    members = gateway.describe(kind, arn)
    status = "" if members is None else str(members.get("status", "ACTIVE"))
    waited_s = resource.get("waited_s", 0)
    blocked = "" if members is None else _act(gateway, kind, arn, status)
    is_gone = members is None or _is_done(kind, status)
    if not is_gone and waited_s >= LIMIT_S:
        text = f"The {kind.words} {arn} is still {status} after {LIMIT_S / HOUR_S:g} h of waiting. {blocked}"
        raise WaitTooLongError(text.strip())
    wait_s = 0 if is_gone else _wait_s(waited_s)
    result = {key: resource[key] for key in ("kind", "name", "arn") if key in resource}
    return {**result, "gone": is_gone, "status": status, "wait_s": wait_s, "waited_s": waited_s + wait_s}


def _act(gateway: PersonalizeGateway, kind: ResourceKind, arn: str, status: str) -> str:
    """Delete or stop; give why Personalize does not let us yet, "" when it does."""
    try:
        if kind.name == "solution-version":
            if status in _STOPPABLE:
                gateway.stop_training(arn)
        elif not _is_moving(status):
            gateway.delete(kind, arn)
    except ResourceBusyError as error:
        return str(error)
    return ""


def _is_done(kind: ResourceKind, status: str) -> bool:
    """A version goes with its solution once it stands still; a schema goes at once, or others need it and it stays."""
    return kind.wait is None or (kind.name == "solution-version" and not _is_moving(status))


def _is_moving(status: str) -> bool:
    return status.endswith((" PENDING", " IN_PROGRESS", " STOPPING"))


def _wait_s(waited_s: int) -> int:
    """Short waits first: most deletions take seconds."""
    return int(min(max(5, waited_s / 10), MINUTE_S))
