"""Where one sees how a job stands: in the status of its resource, or in that of an update of the resource.

A job whose payload says FOR_UPDATE makes something that an existing resource is to take over, as a recommender its next
model: the resource stays ACTIVE, and the summary of its update shows the statuses.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from personalize_local.jobs.statuses import ACTIVE, CREATE_FAILED, CREATE_IN_PROGRESS
from personalize_local.jobs.updates import SUMMARY_MEMBERS, fail_update, move_update
from personalize_local.store.jobs import Job
from personalize_local.store.resources import Resource, ResourceStore

FOR_UPDATE = "for_update"
SILENT = "silent"


def is_silent(job: Job) -> bool:
    """Tell whether a job shows nowhere."""
    return bool(job.payload.get(SILENT))


def status_of(resource: Resource | None, job: Job) -> str | None:
    """Give the status that shows how the job stands; None when the resource, or its update, is gone."""
    if resource is None:
        return None
    if is_silent(job):
        return CREATE_IN_PROGRESS if resource.status == ACTIVE else None
    if not job.payload.get(FOR_UPDATE):
        return resource.status
    status = resource.body.get(SUMMARY_MEMBERS[resource.kind], {}).get("status")
    return None if status is None else str(status)


def show_status(
    connection: sqlite3.Connection,
    resources: ResourceStore,
    job: Job,
    status: str,
    now: datetime,
    changes: Mapping[str, Any],
) -> None:
    """Show how the job stands now, and set what it makes; an update's failure changes the summary only."""
    resource = resources.get(job.resource_arn, connection)
    if resource is None:
        return
    if is_silent(job):
        if status == ACTIVE:
            resources.update(connection, resource.arn, resource.updated_at, changes=changes)
        return
    if not job.payload.get(FOR_UPDATE):
        resources.update(connection, resource.arn, now, status=status, changes=changes)
        return
    move = fail_update(resource, changes, now) if status == CREATE_FAILED else move_update(resource, status, now)
    taken = move.changes if status == CREATE_FAILED else {**move.changes, **changes}
    resources.update(connection, resource.arn, now, status=move.status, parent_arn=move.parent_arn, changes=taken)
