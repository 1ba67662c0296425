"""Data deletion jobs: users and all that they did, taken out of a dataset group by a worker.

Their statuses have no CREATE in front, and end in COMPLETED or FAILED; inside, the queue moves them as all other jobs.
Source: contract §2.1, §3.9; newest first: documented (§1.7).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from personalize_local.control.additions import add
from personalize_local.control.batch_jobs import check_path
from personalize_local.control.pages import next_token, read_token
from personalize_local.control.resources import (
    description,
    picked,
    require,
    require_absent,
    require_active,
    require_below,
)
from personalize_local.control.tags import read_tags
from personalize_local.jobs.service import Service
from personalize_local.jobs.statuses import ACTIVE, CREATE_FAILED, CREATE_IN_PROGRESS, CREATE_PENDING
from personalize_local.store.resources import Resource
from personalize_spec.arns import Scope
from personalize_spec.limits import PAGE_MAX_RESULTS, PENDING_DATA_DELETION_JOBS_PER_DATASET_GROUP

KIND = "data-deletion-job"
JOB_KIND = "data-deletion"
STATUSES: Mapping[str, str] = {
    CREATE_PENDING: "PENDING",
    CREATE_IN_PROGRESS: "IN_PROGRESS",
    ACTIVE: "COMPLETED",
    CREATE_FAILED: "FAILED",
}


def create_data_deletion_job(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Begin to delete the users that are listed in Amazon S3."""
    tags = read_tags(request.get("tags"))
    location = request["data_source"].get("data_location", "")
    check_path(location, "Invalid Data location. It should be s3://bucket/file.csv or s3://bucket/folder/.")
    arn = scope.arn(KIND, request["job_name"])
    with service.transaction() as connection:
        group = require(service, scope, "dataset-group", request["dataset_group_arn"], connection)
        require_absent(service, scope, KIND, request["job_name"], connection)
        require_active(group)
        _require_room(service, group, connection)
        body = picked(request, "data_source", "role_arn")
        add(service, connection, scope, KIND, arn, request["job_name"], body=body, tags=tags, parent_arn=group.arn)
        payload = {
            "dataset_group_arn": group.arn,
            "location": location,
            "region": scope.region,
            "account_id": scope.account_id,
        }
        service.queue.add(connection, JOB_KIND, arn, payload)
    return {"data_deletion_job_arn": arn}


def describe_data_deletion_job(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a data deletion job."""
    return {"data_deletion_job": _shown(require(service, scope, KIND, request["data_deletion_job_arn"]))}


def list_data_deletion_jobs(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the data deletion jobs, of one dataset group or of all, newest first."""
    group_arn = request.get("dataset_group_arn")
    size = request.get("max_results", PAGE_MAX_RESULTS)
    place = read_token(request, KIND, group_arn)
    jobs = service.workspace.resources.list(KIND, scope, group_arn)
    rest = [job for job in reversed(jobs) if not place or job.seq < place]
    page = {"data_deletion_jobs": [_shown(job) for job in rest[:size]]}
    return page | (next_token(KIND, group_arn, rest[size - 1].seq) if len(rest) > size else {})


def _shown(job: Resource) -> dict[str, Any]:
    return description(job) | {"status": STATUSES[job.status]}


def _require_room(service: Service, group: Resource, connection: sqlite3.Connection) -> None:
    jobs = service.workspace.resources.list(KIND, parent_arn=group.arn, connection=connection)
    limit = PENDING_DATA_DELETION_JOBS_PER_DATASET_GROUP
    message = f"More than {limit} resources with PENDING status."
    require_below(limit, (job for job in jobs if job.status == CREATE_PENDING), message)
