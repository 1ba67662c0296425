"""Delete users from a dataset group: from bulk, streamed and put data of every dataset with users in it.

Source: contract §3.9.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personalize_local.jobs.context import JobContext, JobFailedError
from personalize_local.jobs.s3_source import S3File, S3Source, SourceError, make_client
from personalize_local.store.csv_import import CsvRefusedError, convert_csv
from personalize_local.store.csv_lines import CsvLines
from personalize_local.store.dataset_files import BulkFile
from personalize_local.store.jobs import Job
from personalize_local.store.user_deletion import USER_ID, UserData, find_users, read_ids, without_users
from personalize_local.store.workspace import Workspace
from personalize_spec.limits import DATA_DELETION_MAX_BYTES
from personalize_spec.schemas import DatasetSchema, Field

if TYPE_CHECKING:
    from personalize_local.jobs.service import Service

LIST = DatasetSchema("Users", (Field(USER_ID, ("string",)),), "")
USER_DATASETS = ("USERS", "INTERACTIONS", "ACTION_INTERACTIONS")


def run(context: JobContext) -> dict[str, Any]:
    """Delete as the account that the dataset group is in."""
    payload = context.payload
    return run_with(context, make_client(payload["account_id"], payload["region"], os.environ))


def run_with(context: JobContext, client: Any) -> dict[str, Any]:
    """Find the listed users, and write the bulk files that have them anew.

    The result has `num_deleted` for the resource, and for `commit` the files it looked at with what takes their place.
    Errors: JobFailedError with the failureReason.
    """
    workspace, payload = context.workspace, context.payload
    context.report("Reading the list of users", 0.0)
    wanted = _read_list(context, client, payload["location"])
    datasets = user_datasets(workspace, payload["dataset_group_arn"])
    found, spill_folder = _found_path(workspace, context.job), workspace.datasets.spill_folder
    context.report("Looking for the users", 0.2)
    count = find_users(workspace.user_deletion, wanted, datasets, found, spill_folder)
    looked_at: dict[str, dict[str, Any] | None] = {}
    for data in datasets:
        folder = workspace.datasets.stage(data.dataset_arn, context.job.job_id)
        for place, file in enumerate(data.files):
            context.report(f"Rewriting {file.path.name}", 0.5)
            new = without_users(file, found, folder / f"{place:06}.parquet", spill_folder)
            looked_at[str(file.path)] = None if new is None else new.to_json()
    return {"resource": {"num_deleted": count}, "looked_at": looked_at}


def commit(connection: sqlite3.Connection, service: Service, job: Job, result: dict[str, Any]) -> None:
    """Make the deletion count, in the transaction that makes the job COMPLETED.

    Files that came in the meantime, such as those of another deletion, are looked through here.
    """
    workspace, group_arn = service.workspace, job.payload["dataset_group_arn"]
    found = _found_path(workspace, job)
    datasets = user_datasets(workspace, group_arn)
    for data in datasets:
        changed = list(_changes(workspace, job, data, result["looked_at"], found))
        workspace.datasets.swap(connection, data.dataset_arn, changed)
    user_ids = read_ids(found, workspace.datasets.spill_folder)
    workspace.user_deletion.delete(connection, group_arn, datasets, user_ids, service.clock.now())


def user_datasets(workspace: Workspace, group_arn: str) -> list[UserData]:
    """Give the datasets of a group that have users in them."""
    datasets = workspace.resources.list("dataset", parent_arn=group_arn)
    return [
        UserData(dataset.arn, workspace.datasets.files(dataset.arn), dataset.body["dataset_type"] == "USERS")
        for dataset in datasets
        if dataset.body["dataset_type"] in USER_DATASETS
    ]


def _changes(
    workspace: Workspace, job: Job, data: UserData, looked_at: dict[str, dict[str, Any] | None], found: Path
) -> Iterator[tuple[BulkFile, BulkFile]]:
    """Give the files that count now, each with what takes its place; those that stay are left out."""
    for file in data.files:
        if str(file.path) in looked_at:
            prepared = looked_at[str(file.path)]
            new = None if prepared is None else replace(BulkFile.from_json(prepared), columns=file.columns)
        else:
            target = file.path.with_name(f"{file.path.stem}-{job.job_id}.parquet")
            new = without_users(file, found, target, workspace.datasets.spill_folder)
        if new is not None:
            yield file, new


def _read_list(context: JobContext, client: Any, location: str) -> list[Path]:
    """Bring the lists of users here, as Parquet files.

    Errors: JobFailedError.
    """
    folder = context.workspace.job_folder(context.job.job_id) / "lists"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        files = _list_files(client, location)
        paths = [folder / f"{place}.parquet" for place in range(len(files))]
        counts = [_convert(file, path, context.workspace) for file, path in zip(files, paths, strict=True)]
    except (SourceError, CsvRefusedError) as error:
        raise JobFailedError(f"Failed to create a data deletion job. {error.reason}") from error
    if not sum(counts):
        raise JobFailedError("Failed to create a data deletion job. The list has a header and no users.")
    return paths


def _list_files(client: Any, location: str) -> list[S3File]:
    """Give the file at the location, or the CSV files in the folder and its subfolders.

    Errors: SourceError.
    """
    files = S3Source(client).list_files(location, recursive=True)
    if not location.endswith(files[0].key):
        files = [file for file in files if file.key.lower().endswith(".csv")]
    if not files:
        raise SourceError(f"Invalid Data location. There is no file that ends in .csv in {location}.")
    size_bytes = sum(file.size_bytes for file in files)
    if size_bytes > DATA_DELETION_MAX_BYTES:
        raise SourceError(f"The list of users has {size_bytes} bytes; {DATA_DELETION_MAX_BYTES} are allowed.")
    return files


def _convert(file: S3File, target: Path, workspace: Workspace) -> int:
    """Bring one list here; give how many rows it has."""
    source = target.with_suffix(".csv")
    with source.open("wb") as copy:
        for block in CsvLines().rewrite(file.chunks()):
            copy.write(block)
    converted = convert_csv(source, target, LIST, workspace.datasets.spill_folder)
    source.unlink()
    return converted.imported_count


def _found_path(workspace: Workspace, job: Job) -> Path:
    """Give the file of the users whom the data has; it stays until the job is settled."""
    return workspace.job_folder(job.job_id) / "found.parquet"
