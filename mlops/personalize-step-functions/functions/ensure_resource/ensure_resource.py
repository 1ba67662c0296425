"""Do what the comparison of a wanted resource with what exists asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from pipeline.comparison import CREATE, LEAVE, START, SUCCESSOR, UPDATE, Decision, look_up
from pipeline.condition import read_condition
from pipeline.errors import TryAgainError
from pipeline.gateway import NameTakenError, PersonalizeGateway
from pipeline.numbered import numbered
from pipeline.wanted import Members, Wanted, attempt_of, without_attempt

Act = Callable[[PersonalizeGateway, Decision], tuple[str, Members]]


def ensure_resource(gateway: PersonalizeGateway, wanted: Wanted, now: datetime) -> dict[str, Any]:
    """Create, reuse, update or start the resource; give its condition, with what was done as `action`.

    Errors: all of pipeline.errors.
    """
    decision = look_up(gateway, wanted)
    if decision.action == LEAVE and decision.arn is None:
        return _not_needed(wanted)
    arn, members = _ACTS[decision.action](gateway, decision)
    members = {"creationDateTime": now, **members}
    condition = read_condition(wanted.kind, arn, members, now, is_updating=decision.action == UPDATE)
    return condition | {"key": wanted.key, "action": decision.action}


def _leave(gateway: PersonalizeGateway, decision: Decision) -> tuple[str, Members]:
    return _existing(decision), decision.members


def _update(gateway: PersonalizeGateway, decision: Decision) -> tuple[str, Members]:
    arn, kind = _existing(decision), decision.wanted.kind
    gateway.update(kind, arn, decision.changes)
    return arn, gateway.describe(kind, arn) or decision.members


def _start(gateway: PersonalizeGateway, decision: Decision) -> tuple[str, Members]:
    arn, kind = _existing(decision), decision.wanted.kind
    gateway.start(kind, arn)
    return arn, gateway.describe(kind, arn) or decision.members


def _create(gateway: PersonalizeGateway, decision: Decision) -> tuple[str, Members]:
    """Create and describe. A taken name may be our own of a call whose reply was lost: then use that one."""
    wanted = decision.wanted
    arguments = {wanted.kind.name_member: wanted.name, **wanted.arguments}
    try:
        arn = gateway.create(wanted.kind, wanted.name, arguments)
    except NameTakenError as taken:
        return _create_though_taken(gateway, decision, taken)
    # Too new to be described is possible: then it has its arguments, and is being made.
    return arn, gateway.describe(wanted.kind, arn) or {**arguments, "status": "CREATE PENDING"}


def _create_though_taken(gateway: PersonalizeGateway, decision: Decision, taken: NameTakenError) -> tuple[str, Members]:
    """Look again: what has the name is ours, or of a former dataset, whose jobs keep their names for ever."""
    wanted, kind = decision.wanted, decision.wanted.kind
    members = gateway.describe(kind, wanted.arn) if wanted.arn else None
    if not kind.numbered:
        found = look_up(gateway, wanted)
        if found.action != LEAVE:
            raise taken
        return _leave(gateway, found)
    if wanted.arn is None or members is None:
        raise TryAgainError(f"{taken} It is not to be seen yet.") from taken
    if members["creationDateTime"] >= wanted.started_at:
        return wanted.arn, members
    base = without_attempt(wanted.name)
    following = numbered(replace(wanted, name=base), attempt_of(wanted.name, base) + 1)
    return _create(gateway, replace(decision, wanted=following))


def _existing(decision: Decision) -> str:
    if decision.arn is None:
        raise ValueError(f"{decision.action} needs a resource that exists")
    return decision.arn


def _not_needed(wanted: Wanted) -> dict[str, Any]:
    """The condition of what is optional and does not exist: nothing to wait for."""
    return {
        "kind": wanted.kind.name,
        "key": wanted.key,
        "action": LEAVE,
        "ready": True,
        "wait_s": 0,
        "made": {"name": "", "arn": ""},
    }


_ACTS: Mapping[str, Act] = {CREATE: _create, SUCCESSOR: _create, UPDATE: _update, START: _start, LEAVE: _leave}
