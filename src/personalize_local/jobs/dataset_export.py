"""Export a dataset: its records as a CSV file in S3, named after the job.

Source: contract §3.8; the file's name is inferred.
"""

from __future__ import annotations

import os
import shutil
from typing import Any

from personalize_local.jobs.context import JobContext, JobFailedError
from personalize_local.jobs.s3_source import SourceError, make_client
from personalize_local.jobs.s3_target import S3Target
from personalize_local.store.resources import Resource
from personalize_local.store.workspace import Workspace
from personalize_spec.arns import split_dataset_arn
from personalize_spec.schemas import parse_schema


def run(context: JobContext) -> dict[str, Any]:
    """Export as the account that the dataset is in."""
    payload = context.payload
    return run_with(context, make_client(payload["account_id"], payload["region"], os.environ))


def run_with(context: JobContext, client: Any) -> dict[str, Any]:
    """Write the file on this machine, and upload it when it is whole.

    The count of rows stays with the job's resource as `row_count`; AWS's API has no member for it.
    Errors: JobFailedError with the failureReason.
    """
    workspace = context.workspace
    job = _existing(workspace, context.job.resource_arn)
    dataset = _existing(workspace, job.body["dataset_arn"])
    schema = parse_schema(_existing(workspace, dataset.body["schema_arn"]).body["schema"])
    folder = workspace.job_folder(context.job.job_id) / "output"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    path = folder / f"{job.name}.csv"
    _, dataset_type = split_dataset_arn(dataset.arn)
    try:
        context.report("Writing the file", 0.0)
        count = workspace.datasets.export_csv(dataset.arn, schema, dataset_type, job.body["ingestion_mode"], path)
        context.report("Uploading the file", 0.7)
        S3Target(client, job.body["job_output"]["s3_data_destination"]["path"]).upload(path, path.name)
    except SourceError as error:
        raise JobFailedError(f"Invalid S3 output path. {error.reason}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {"resource": {"row_count": count}}


def _existing(workspace: Workspace, arn: str) -> Resource:
    resource = workspace.resources.get(arn)
    if resource is None:
        raise JobFailedError(f"Resource Arn {arn} does not exist.")
    return resource
