"""Describe or create, generic over the kinds of resources.

Rule 1: what exists with the wanted contents is used as it is, so that a repeated call makes nothing twice.
Rule 2: what exists and may be changed is updated, with the members that differ.
Rule 3: what exists with other contents that are fixed gets a successor, whose name has a hash of the wanted contents.
Rule 4: a solution version belongs to one execution: one is trained per execution, whatever is retried.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pipeline.condition import read_condition
from pipeline.contents import contains, drop, pick, put
from pipeline.errors import ResourceConflictError
from pipeline.gateway import NameTakenError, PersonalizeGateway
from pipeline.kinds import KINDS, ResourceKind

from personalize_spec.arns import parse_arn

Members = Mapping[str, Any]


@dataclass(frozen=True)
class Wanted:
    """A resource as the plan defines it.

    `arn` is None where it does not follow from the name; `successor` is the name to take when the own one is taken by
    other contents, None for kinds that are refused then.
    """

    kind: ResourceKind
    name: str
    arn: str | None
    arguments: Members
    started_at: datetime
    successor: str | None = None

    @classmethod
    def from_event(cls, event: Members) -> Wanted:
        """Read the definition, and fill in the ARNs of what was made before."""
        definition = event["definition"]
        return cls(
            kind=KINDS[definition["kind"]],
            name=definition["name"],
            arn=definition.get("arn"),
            arguments=definition["arguments"] | event.get("references", {}),
            started_at=datetime.fromisoformat(event["started_at"].replace("Z", "+00:00")),
            successor=definition.get("successor"),
        )


def ensure_resource(gateway: PersonalizeGateway, wanted: Wanted, now: datetime) -> dict[str, Any]:
    """Create, reuse or update the resource; give its condition.

    Errors: all of pipeline.errors.
    """
    found = _find(gateway, wanted)
    if found is not None and not _same(wanted, found[1]):
        wanted = _successor(wanted, found)
        found = _find(gateway, wanted)
    if found is None:
        found = _create(gateway, wanted)
    return _keep(gateway, wanted, found, now)


def _create(gateway: PersonalizeGateway, wanted: Wanted) -> tuple[str, Members]:
    """Create and describe. A taken name may be our own of a call whose reply was lost: then use that one."""
    arguments = {wanted.kind.name_member: wanted.name, **wanted.arguments}
    try:
        arn = gateway.create(wanted.kind, wanted.name, arguments)
    except NameTakenError:
        found = _find(gateway, wanted)
        if found is None or not _same(wanted, found[1]):
            raise
        return found
    # Too new to be described is possible: then it has its arguments, and is being made.
    return arn, gateway.describe(wanted.kind, arn) or {**arguments, "status": "CREATE PENDING"}


def _keep(gateway: PersonalizeGateway, wanted: Wanted, found: tuple[str, Members], now: datetime) -> dict[str, Any]:
    """Use what exists, after updating the members that differ."""
    arn, members = found
    changes = _changes(wanted, members)
    if changes:
        gateway.update(wanted.kind, arn, changes)
        members = gateway.describe(wanted.kind, arn) or members
    condition = read_condition(wanted.kind, arn, {"creationDateTime": now, **members}, now, is_updating=bool(changes))
    return condition | {"name": wanted.name}


def _find(gateway: PersonalizeGateway, wanted: Wanted) -> tuple[str, Members] | None:
    """The ARN and members of the resource that has the wanted name, or plays its part; None when there is none."""
    arn = wanted.arn or _find_listed(gateway, wanted)
    members = gateway.describe(wanted.kind, arn) if arn else None
    return (arn, members) if arn and members is not None else None


def _find_listed(gateway: PersonalizeGateway, wanted: Wanted) -> str | None:
    """Look through the parent's children: its one event tracker, or the version this execution has started."""
    listing = wanted.kind.listing
    if listing is None:
        raise ValueError(f"the plan gives no ARN for the {wanted.kind.words} {wanted.name}")
    for summary in gateway.children(wanted.kind, wanted.arguments[listing.parent_member]):
        arn = summary[wanted.kind.arn_member]
        if wanted.kind.name != "solution-version" or _is_of_this_execution(gateway, wanted, summary):
            return arn
    return None


def _is_of_this_execution(gateway: PersonalizeGateway, wanted: Wanted, summary: Members) -> bool:
    """The version's name tells; versions older than the execution need not be described."""
    if summary["creationDateTime"] < wanted.started_at:
        return False
    members = gateway.describe(wanted.kind, summary[wanted.kind.arn_member]) or {}
    return members.get("name", "").rsplit("/", 1)[-1] == wanted.name


def _same(wanted: Wanted, members: Members) -> bool:
    """Tell whether the fixed members are the wanted ones, leaving aside what an update can change."""
    arguments = drop(wanted.arguments, wanted.kind.changeable)
    return all(contains(members.get(name), arguments.get(name)) for name in wanted.kind.fixed)


def _successor(wanted: Wanted, found: tuple[str, Members]) -> Wanted:
    """The same resource under the name its contents have: whatever has that name has them."""
    if wanted.successor is None or wanted.arn is None:
        raise ResourceConflictError(
            f"The {wanted.kind.words} {found[0]} exists with other contents ({', '.join(wanted.kind.fixed)}), which "
            f"cannot be changed. {wanted.kind.advice}"
        )
    arn = parse_arn(wanted.arn).scope.arn(wanted.kind.name, wanted.successor)
    return replace(wanted, name=wanted.successor, arn=arn, kind=replace(wanted.kind, fixed=()))


def _changes(wanted: Wanted, members: Members) -> dict[str, Any]:
    """The arguments of the update call: the changeable members that are wanted otherwise than they are."""
    changes: dict[str, Any] = {}
    for path, update_path in wanted.kind.changeable.items():
        value = pick(wanted.arguments, path)
        if value is not None and not contains(pick(members, path), value):
            put(changes, update_path, value)
    return changes
