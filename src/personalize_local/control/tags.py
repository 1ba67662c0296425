"""Tags: on new resources, and by TagResource, UntagResource, ListTagsForResource.

Source: contract §1.5, §9.6.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from personalize_local.control.kinds import KINDS
from personalize_local.jobs.service import Service
from personalize_local.store.resources import Resource
from personalize_spec.arns import Scope, parse_arn
from personalize_spec.errors import InvalidInputException, ResourceNotFoundException, TooManyTagsException
from personalize_spec.limits import TAGS_PER_RESOURCE

RESERVED_PREFIX = "aws:"


def read_tags(tags: Iterable[Mapping[str, str]] | None) -> dict[str, str]:
    """Give the tags of a request by key.

    Errors: InvalidInputException for a key that is there twice or is reserved; TooManyTagsException.
    """
    found: dict[str, str] = {}
    for tag in tags or ():
        key = tag["tag_key"]
        if key in found:
            raise InvalidInputException(f"The tag key '{key}' is there twice: keys must differ.")
        if key.lower().startswith(RESERVED_PREFIX):
            raise InvalidInputException(f"The tag key '{key}' begins with '{RESERVED_PREFIX}', which AWS reserves.")
        found[key] = tag["tag_value"]
    _check_count(found)
    return found


def store(service: Service, connection: sqlite3.Connection, resource: Resource, tags: Mapping[str, str]) -> None:
    """Store a new resource with its tags."""
    service.workspace.resources.insert(connection, resource)
    service.workspace.tags.put(connection, resource.arn, tags)


def tag_resource(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Set tags on a resource; others stay."""
    tags = read_tags(request["tags"])
    with service.transaction() as connection:
        resource = _taggable(service, scope, request["resource_arn"], connection)
        _check_count(service.workspace.tags.get(resource.arn, connection) | tags)
        service.workspace.tags.put(connection, resource.arn, tags)
    return {}


def untag_resource(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Take tags from a resource; keys it does not have do no harm."""
    with service.transaction() as connection:
        resource = _taggable(service, scope, request["resource_arn"], connection)
        service.workspace.tags.remove(connection, resource.arn, request["tag_keys"])
    return {}


def list_tags_for_resource(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Give the tags of a resource."""
    resource = _taggable(service, scope, request["resource_arn"])
    tags = service.workspace.tags.get(resource.arn)
    return {"tags": [{"tag_key": key, "tag_value": value} for key, value in tags.items()]}


def _taggable(service: Service, scope: Scope, arn: str, connection: sqlite3.Connection | None = None) -> Resource:
    parse_arn(arn)
    resource = service.workspace.resources.get(arn, connection)
    if resource is None or resource.scope != scope:
        raise ResourceNotFoundException(f"Resource Arn {arn} does not exist.")
    if not KINDS[resource.kind].taggable:
        raise InvalidInputException(f"A {KINDS[resource.kind].noun} cannot have tags: {arn}.")
    return resource


def _check_count(tags: Mapping[str, str]) -> None:
    if len(tags) > TAGS_PER_RESOURCE:
        raise TooManyTagsException(f"A resource can have {TAGS_PER_RESOURCE} tags; this one would have {len(tags)}.")
