"""Requests that are right but for the state of things: what they name is changing, or there is room for no more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from personalize_local.store.resources import Resource
from personalize_local.wire.models import Operation
from tests.town import Town

# A status in which nothing can be built on a resource, and none in which something is stopped that is over.
BUSY, OVER = "CREATE IN_PROGRESS", "ACTIVE"
# An import waits for a dataset that is being created, but not for one that goes.
BUSY_FOR = {"CreateDatasetImportJob": "DELETE IN_PROGRESS"}
# More than any quota, and than the one that counts hundreds.
MANY, MOST = 31, 500
UNLIKE = {"DeleteSchema": lambda town: {"schemaArn": town.arns["schema_arn"]}}

Ask = Callable[[Any], tuple[int, Any]]


def busy_requests(town: Town, operation: Operation, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give requests that name something busy, one after the other; each is put back before the next."""
    if operation.name in UNLIKE:
        yield UNLIKE[operation.name](town)
    status = BUSY_FOR.get(operation.name, BUSY)
    if operation.name.startswith("Stop") and "solutionVersionArn" in request:
        status = OVER
    for resource in _named(town, request):
        _set_status(town, resource, status)
        yield request
        _set_status(town, resource, resource.status)


def fill_up(town: Town, created_arn: str) -> None:
    """Have as many of what was just created as no quota allows, all in the same state."""
    workspace = town.world.workspace
    made = workspace.resources.get(created_arn)
    assert made is not None
    with workspace.database.transaction() as connection:
        for number in range(MOST if made.kind == "schema" else MANY):
            copy = replace(made, arn=f"{made.arn}-{number}", name=f"{made.name}-{number}")
            workspace.resources.insert(connection, copy)


def renamed(request: dict[str, Any]) -> dict[str, Any]:
    """Give the request with another name, where it has one."""
    return request | {member: "one-more" for member in ("name", "jobName") if member in request}


def _named(town: Town, request: dict[str, Any]) -> Iterator[Resource]:
    """Give the resources that the request names, by ARN or by tracking id; schemas are never busy."""
    resources = town.world.workspace.resources
    for member, value in request.items():
        found = resources.get(value) if member.endswith("Arn") else None
        if found is not None and found.kind != "schema":
            yield found
        if member == "trackingId":
            yield from (each for each in resources.list("dataset") if each.body.get("tracking_id") == value)


def _set_status(town: Town, resource: Resource, status: str) -> None:
    workspace = town.world.workspace
    with workspace.database.transaction() as connection:
        workspace.resources.update(connection, resource.arn, town.world.clock.now(), status=status)
