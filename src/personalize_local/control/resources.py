"""What the operations of all resources share: new ones, existing ones, their descriptions.

The order of checks is the service's: input, then not found, already exists, in use, limit exceeded.
Source: contract §2.3. Wording of the messages: inferred, except "Resource Arn … does not exist." (observed elsewhere).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from personalize_local.control.kinds import KINDS
from personalize_local.jobs.service import Service
from personalize_local.jobs.statuses import ACTIVE, CHANGING, CREATING, DELETING
from personalize_local.store.resources import Resource
from personalize_spec.arns import Scope, parse_arn
from personalize_spec.errors import (
    LimitExceededException,
    ResourceAlreadyExistsException,
    ResourceInUseException,
    ResourceNotFoundException,
)


def require(
    service: Service, scope: Scope, kind: str, arn: str, connection: sqlite3.Connection | None = None
) -> Resource:
    """Give the resource of this kind and ARN in the caller's account and region.

    Errors: InvalidInputException for a text that is no ARN; ResourceNotFoundException when there is none.
    """
    parse_arn(arn)
    resource = service.workspace.resources.get(arn, connection)
    if resource is None or resource.scope != scope:
        raise ResourceNotFoundException(f"Resource Arn {arn} does not exist.")
    if resource.kind != kind:
        wanted, found = KINDS[kind].noun, KINDS[resource.kind].noun
        raise ResourceNotFoundException(f"Resource Arn {arn} does not exist as a {wanted}: it names a {found}.")
    return resource


def require_absent(service: Service, scope: Scope, kind: str, name: str, connection: sqlite3.Connection) -> None:
    """Make sure that the name is free among the resources of the kind.

    Errors: ResourceAlreadyExistsException.
    """
    taken = service.workspace.resources.find(kind, scope, name, connection)
    if taken is not None:
        raise ResourceAlreadyExistsException(
            f"Another {KINDS[kind].noun} with Arn {taken.arn} already exists. Please choose a different name."
        )


def require_active(resource: Resource) -> None:
    """Make sure that a resource can be built on.

    Errors: ResourceInUseException when it is in any other status.
    """
    if resource.status != ACTIVE:
        raise ResourceInUseException(
            f"The {KINDS[resource.kind].noun} {resource.arn} must be ACTIVE; its status is {resource.status}."
        )


def require_coming(resource: Resource) -> None:
    """Make sure that a resource is ACTIVE, or will be in a moment: for what may wait for it.

    Errors: ResourceInUseException when it is in any other status.
    """
    if resource.status not in CREATING:
        require_active(resource)


def require_settled(resource: Resource) -> None:
    """Make sure that a resource is not changing, so that it can be deleted.

    Errors: ResourceInUseException.
    """
    if resource.status in CHANGING:
        raise ResourceInUseException(
            f"The {KINDS[resource.kind].noun} {resource.arn} is changing; its status is {resource.status}. "
            "Try again when that is done."
        )


def require_unused(resource: Resource, users: Iterable[Resource], why: str = "uses it") -> None:
    """Make sure that nothing needs a resource that is to be deleted.

    Errors: ResourceInUseException naming the first that does.
    """
    user = next(iter(users), None)
    if user is not None:
        raise ResourceInUseException(
            f"The {KINDS[resource.kind].noun} {resource.arn} cannot be deleted: "
            f"the {KINDS[user.kind].noun} {user.arn} {why}."
        )


def require_below(limit: int, resources: Iterable[Resource], message: str) -> None:
    """Make sure that a quota leaves room for one more.

    Errors: LimitExceededException with the message.
    """
    if sum(1 for _ in resources) >= limit:
        raise LimitExceededException(message)


def remaining(resources: Iterable[Resource]) -> list[Resource]:
    """Give the resources that are not on their way out; those no longer block a deletion (observed)."""
    return [resource for resource in resources if resource.status not in DELETING]


def build(
    service: Service,
    scope: Scope,
    kind: str,
    arn: str,
    name: str,
    *,
    status: str,
    parent_arn: str | None = None,
    body: Mapping[str, Any],
) -> Resource:
    """Give a new resource, not stored yet; its parent's ARN is among its members."""
    now = service.clock.now()
    parent = {KINDS[kind].parent_member: parent_arn} if KINDS[kind].parent_member else {}
    return Resource(kind, arn, name, scope, parent_arn, status, parent | dict(body), now, now)


def picked(request: Mapping[str, Any], *members: str) -> dict[str, Any]:
    """Give those of the members that the request has."""
    return {member: request[member] for member in members if member in request}


def description(resource: Resource) -> dict[str, Any]:
    """Give a resource's members as Describe and List show them; the wire leaves out what a shape does not have."""
    spec = KINDS[resource.kind]
    return {
        spec.name_member: resource.name,
        spec.arn_member: resource.arn,
        "status": resource.status,
        "creation_date_time": resource.created_at,
        "last_updated_date_time": resource.updated_at,
        **resource.body,
    }
