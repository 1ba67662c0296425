"""Compare a wanted resource with what exists, and decide what is to be done; nothing is changed here.

Rule 1: what exists with the wanted contents is used as it is, so that a repeated call makes nothing twice.
Rule 2: what exists and may be changed is updated, with the members that differ.
Rule 3: what exists with other contents that are fixed gets a successor, whose name has a hash of the wanted contents.
Rule 4: jobs and solution versions are told by their names (see pipeline.numbered).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from personalize_spec.arns import parse_arn
from pipeline.contents import contains, drop, pick, put
from pipeline.errors import ResourceConflictError
from pipeline.gateway import PersonalizeGateway
from pipeline.numbered import look_up_numbered
from pipeline.wanted import Members, Wanted

CREATE, UPDATE, SUCCESSOR, START, LEAVE = "CREATE", "UPDATE", "SUCCESSOR", "START", "LEAVE"
_STOPPED = ("INACTIVE", "STOP PENDING", "STOP IN_PROGRESS")


@dataclass(frozen=True)
class Decision:
    """What is to be done for a resource: `wanted` as it will be made, with its final name.

    SUCCESSOR creates it under that name because its own is taken by other contents. `arn` and `members` are those of
    what exists, `changes` the arguments of the update call. LEAVE without an ARN means that none is needed.
    """

    action: str
    wanted: Wanted
    arn: str | None = None
    members: Members = field(default_factory=dict)
    changes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name that the resource has or will have."""
        return self.wanted.name


def look_up(gateway: PersonalizeGateway, wanted: Wanted) -> Decision:
    """Decide what is to be done, by describing and listing only.

    Errors: all of pipeline.errors.
    """
    if wanted.kind.numbered:
        found, wanted = look_up_numbered(gateway, wanted)
        if found is None and wanted.optional:
            return Decision(LEAVE, replace(wanted, name=""))
        return Decision(LEAVE, wanted, *found) if found else Decision(CREATE, wanted)
    found, action = find(gateway, wanted), CREATE
    if found is not None and not same(wanted, found[1]):
        wanted, action = _successor(wanted, found), SUCCESSOR
        found = find(gateway, wanted)
    return _for_existing(wanted, *found) if found else Decision(action, wanted)


def find(gateway: PersonalizeGateway, wanted: Wanted) -> tuple[str, Members] | None:
    """The ARN and members of the resource that has the wanted name, or plays its part; None when there is none."""
    arn = wanted.arn or _find_listed(gateway, wanted)
    members = gateway.describe(wanted.kind, arn) if arn else None
    return (arn, members) if arn and members is not None else None


def same(wanted: Wanted, members: Members) -> bool:
    """Tell whether the fixed members are the wanted ones, leaving aside what an update can change."""
    arguments = drop(wanted.arguments, wanted.kind.changeable)
    return all(contains(members.get(name), arguments.get(name)) for name in wanted.kind.fixed)


def _for_existing(wanted: Wanted, arn: str, members: Members) -> Decision:
    changes = _changes(wanted, members)
    if changes:
        return Decision(UPDATE, wanted, arn, members, changes)
    return Decision(START if members.get("status") in _STOPPED else LEAVE, wanted, arn, members)


def _find_listed(gateway: PersonalizeGateway, wanted: Wanted) -> str | None:
    """The one event tracker that a dataset group may have."""
    listing = wanted.kind.listing
    if listing is None:
        raise ValueError(f"the plan gives no ARN for the {wanted.kind.words} {wanted.name}")
    children = gateway.children(wanted.kind, wanted.arguments[listing.parent_member])
    return next((summary[wanted.kind.arn_member] for summary in children), None)


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
