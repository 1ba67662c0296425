"""Dataset import jobs: made by a worker, kept as history until their dataset goes."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from personalize_local.control.additions import add
from personalize_local.control.pages import list_page
from personalize_local.control.resources import (
    description,
    picked,
    require,
    require_absent,
    require_below,
    require_coming,
)
from personalize_local.control.tags import read_tags
from personalize_local.jobs.service import Service
from personalize_local.jobs.statuses import ACTIVE, CREATING
from personalize_local.store.resources import Resource
from personalize_spec.arns import Scope
from personalize_spec.errors import InvalidInputException
from personalize_spec.limits import RUNNING_IMPORT_JOBS_PER_REGION

KIND = "dataset-import-job"
JOB_KIND = "dataset-import"
SHOWN = ("data_source", "role_arn", "publish_attribution_metrics_to_s3")
FULL, INCREMENTAL = "FULL", "INCREMENTAL"


def create_dataset_import_job(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Begin to import a file, or the files directly in a folder, from Amazon S3."""
    tags = read_tags(request.get("tags"))
    location = _data_location(request)
    mode = request.get("import_mode", FULL)
    arn = scope.arn(KIND, request["job_name"])
    with service.transaction() as connection:
        dataset = require(service, scope, "dataset", request["dataset_arn"], connection)
        if mode == INCREMENTAL:
            _require_full_import(service, dataset, connection)
        require_absent(service, scope, KIND, request["job_name"], connection)
        require_coming(dataset)
        _require_room(service, scope, connection)
        body = picked(request, *SHOWN) | {"import_mode": mode}
        add(service, connection, scope, KIND, arn, request["job_name"], body=body, tags=tags, parent_arn=dataset.arn)
        payload = {
            "dataset_arn": dataset.arn,
            "location": location,
            "import_mode": mode,
            "role": request["role_arn"],
            "region": scope.region,
            "account_id": scope.account_id,
        }
        service.queue.add(connection, JOB_KIND, arn, payload)
    return {"dataset_import_job_arn": arn}


def describe_dataset_import_job(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe an import job."""
    job = require(service, scope, KIND, request["dataset_import_job_arn"])
    return {"dataset_import_job": description(job)}


def list_dataset_import_jobs(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the import jobs, of one dataset or of all."""
    return list_page(service, scope, request, KIND, "dataset_import_jobs", parent_member="dataset_arn")


def _data_location(request: Mapping[str, Any]) -> str:
    """Give where the data is.

    Errors: InvalidInputException when that, or the role to read it, is missing.
    """
    location = request["data_source"].get("data_location")
    if location is None or not location.startswith("s3://") or location == "s3://":
        raise InvalidInputException("Invalid Data location. It should be s3://bucket/file.csv or s3://bucket/folder/.")
    if "role_arn" not in request:
        raise InvalidInputException("roleArn is missing: name a role that may read the data in Amazon S3.")
    return str(location)


def _require_full_import(service: Service, dataset: Resource, connection: sqlite3.Connection) -> None:
    jobs = service.workspace.resources.list(KIND, parent_arn=dataset.arn, connection=connection)
    if not any(job.status == ACTIVE and job.body["import_mode"] == FULL for job in jobs):
        raise InvalidInputException(
            f"The dataset {dataset.arn} has no bulk data to add to: import with importMode FULL first."
        )


def _require_room(service: Service, scope: Scope, connection: sqlite3.Connection) -> None:
    jobs = service.workspace.resources.list(KIND, scope, connection=connection)
    limit = RUNNING_IMPORT_JOBS_PER_REGION
    message = f"More than {limit} resources with PENDING or IN_PROGRESS status."
    require_below(limit, (job for job in jobs if job.status in CREATING), message)
