"""What a dataset group's datasets were imported from: the jobs whose rows count, and their files in S3."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from personalize_local.console.account import Account
from personalize_spec.preflight import DataFile

_LOCATION = re.compile(r"s3://([^/]+)/?(.*)")


@dataclass(frozen=True)
class Imported:
    """A dataset, the last full import and those that added to it, oldest first, and the one before them.

    `dataset_type` is written as in the parameter file: Interactions, Items, Users.
    """

    dataset_type: str
    dataset_arn: str
    jobs: tuple[dict[str, Any], ...]
    before: dict[str, Any] | None

    @property
    def key(self) -> tuple[str, ...]:
        return (self.dataset_arn, *(job["datasetImportJobArn"] for job in self.jobs))

    @property
    def newest_at(self) -> datetime | None:
        return max((job["creationDateTime"] for job in self.jobs), default=None)


@dataclass(frozen=True)
class Source:
    """A file in S3. `changed_at`: when it was last written."""

    file: DataFile
    changed_at: datetime


def read_imported(account: Account, group_arn: str) -> dict[str, Imported]:
    """Give each dataset of a group by its type, with its imports."""
    found = account.list("personalize", "list_datasets", "datasets", datasetGroupArn=group_arn)
    imported = [_imported(account, one["datasetType"].capitalize(), one["datasetArn"]) for one in found]
    return {one.dataset_type: one for one in imported}


def sources_of(account: Account, imported: Imported) -> list[Source]:
    """Give the CSV files of the imports, each once."""
    personalize = account.client("personalize")
    places = []
    for job in imported.jobs:
        described = personalize.describe_dataset_import_job(datasetImportJobArn=job["datasetImportJobArn"])
        places.append(described["datasetImportJob"]["dataSource"]["dataLocation"])
    found = {source.file.name: source for place in dict.fromkeys(places) for source in _files(account, place)}
    return list(found.values())


def _imported(account: Account, dataset_type: str, dataset_arn: str) -> Imported:
    found = account.list("personalize", "list_dataset_import_jobs", "datasetImportJobs", datasetArn=dataset_arn)
    done = sorted((job for job in found if job["status"] == "ACTIVE"), key=lambda job: job["creationDateTime"])
    full = [place for place, job in enumerate(done) if job.get("importMode", "FULL") == "FULL"]
    first = full[-1] if full else 0
    return Imported(dataset_type, dataset_arn, tuple(done[first:]), done[first - 1] if first else None)


def _files(account: Account, place: str) -> list[Source]:
    bucket, prefix = _LOCATION.fullmatch(place).groups()
    is_one_place = prefix == "" or prefix.endswith(("/", ".csv"))
    entries = account.list("s3", "list_objects_v2", "Contents", Bucket=bucket, Prefix=prefix)
    return [
        Source(_file(account, bucket, entry["Key"], entry["Size"]), entry["LastModified"])
        for entry in entries
        if is_one_place and entry["Key"].endswith(".csv") and entry["Size"]
    ]


def _file(account: Account, bucket: str, key: str, size: int) -> DataFile:
    def read(start: int, end: int) -> bytes:
        asked = account.client("s3").get_object(Bucket=bucket, Key=key, Range=f"bytes={start}-{end - 1}")
        return asked["Body"].read()

    return DataFile(f"s3://{bucket}/{key}", size, read)
