"""Event trackers: one per dataset group; its tracking id goes into every event."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from personalize_local.control.additions import add
from personalize_local.control.pages import list_page
from personalize_local.control.resources import (
    description,
    require,
    require_absent,
    require_active,
    require_settled,
)
from personalize_local.control.tags import read_tags
from personalize_local.jobs.lifecycle import CREATE, DELETE
from personalize_local.jobs.service import Service
from personalize_spec.arns import Scope
from personalize_spec.errors import ResourceAlreadyExistsException

KIND = "event-tracker"


def create_event_tracker(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Create the event tracker of a dataset group.

    Source: contract §1.6 (live ARNs end in 8 hexadecimal digits), §2.2 (a second tracker: ResourceAlreadyExists,
    inferred).
    """
    tags = read_tags(request.get("tags"))
    tracking_id = str(uuid.uuid4())
    arn = scope.arn(KIND, uuid.uuid4().hex[:8])
    with service.transaction() as connection:
        group = require(service, scope, "dataset-group", request["dataset_group_arn"], connection)
        require_absent(service, scope, KIND, request["name"], connection)
        for other in service.workspace.resources.list(KIND, parent_arn=group.arn, connection=connection):
            raise ResourceAlreadyExistsException(f"The dataset group has an event tracker already: {other.arn}.")
        require_active(group)
        body = {"tracking_id": tracking_id, "account_id": scope.account_id}
        add(service, connection, scope, KIND, arn, request["name"], body=body, tags=tags, parent_arn=group.arn)
        service.lifecycle.begin(connection, arn, CREATE)
    return {"event_tracker_arn": arn, "tracking_id": tracking_id}


def describe_event_tracker(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe an event tracker."""
    return {"event_tracker": description(require(service, scope, KIND, request["event_tracker_arn"]))}


def list_event_trackers(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the event trackers, of one dataset group or of all."""
    return list_page(service, scope, request, KIND, "event_trackers", parent_member="dataset_group_arn")


def delete_event_tracker(service: Service, scope: Scope, request: Mapping[str, Any]) -> None:
    """Delete an event tracker; the events it took stay in the dataset."""
    with service.transaction() as connection:
        tracker = require(service, scope, KIND, request["event_tracker_arn"], connection)
        require_settled(tracker)
        service.lifecycle.begin(connection, tracker.arn, DELETE)
