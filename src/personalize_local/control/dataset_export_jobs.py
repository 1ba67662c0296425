"""Dataset export jobs: a dataset's records as CSV in Amazon S3, written by a worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from personalize_local.control.additions import add
from personalize_local.control.batch_jobs import check_path
from personalize_local.control.pages import list_page
from personalize_local.control.resources import description, picked, require, require_absent, require_active
from personalize_local.control.tags import read_tags
from personalize_local.jobs.service import Service
from personalize_spec.arns import Scope

KIND = "dataset-export-job"
JOB_KIND = "dataset-export"
PUT = "PUT"


def create_dataset_export_job(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Begin to write a dataset's records: those that were streamed or put, unless told otherwise."""
    tags = read_tags(request.get("tags"))
    path = request["job_output"]["s3_data_destination"]["path"]
    check_path(path, "Invalid S3 output path. It should be s3://bucket/folder/.")
    arn = scope.arn(KIND, request["job_name"])
    with service.transaction() as connection:
        dataset = require(service, scope, "dataset", request["dataset_arn"], connection)
        require_absent(service, scope, KIND, request["job_name"], connection)
        require_active(dataset)
        body = {"ingestion_mode": PUT} | picked(request, "ingestion_mode", "role_arn", "job_output")
        add(service, connection, scope, KIND, arn, request["job_name"], body=body, tags=tags, parent_arn=dataset.arn)
        service.queue.add(connection, JOB_KIND, arn, {"region": scope.region, "account_id": scope.account_id})
    return {"dataset_export_job_arn": arn}


def describe_dataset_export_job(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe an export job."""
    return {"dataset_export_job": description(require(service, scope, KIND, request["dataset_export_job_arn"]))}


def list_dataset_export_jobs(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the export jobs, of one dataset or of all."""
    return list_page(service, scope, request, KIND, "dataset_export_jobs", parent_member="dataset_arn")
