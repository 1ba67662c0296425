"""What was imported into a dataset group, read from where the import jobs read it: S3. Streamed events are not there.

Personalize has no operation that gives data back at once, so the pages look at the files of the last imports.
"""

from __future__ import annotations

import re
import tempfile
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personalize_local.console.account import Account

if TYPE_CHECKING:
    import duckdb

MAX_BYTES = 256 * 1024 * 1024  # of a dataset; what lies beyond is left out, and the page says so
KEPT_GROUPS = 2
TYPES = {"Interactions": "interactions", "Items": "items"}
_LOCATION = re.compile(r"s3://([^/]+)/?(.*)")
_EMPTY = {
    "interactions": "SELECT ''::VARCHAR USER_ID, ''::VARCHAR ITEM_ID, ''::VARCHAR \"TIMESTAMP\" WHERE false",
    "items": "SELECT ''::VARCHAR ITEM_ID WHERE false",
}


@dataclass(frozen=True)
class GroupData:
    """A dataset group's imported rows as tables `interactions` (with `at_s`, seconds) and `items`; all texts.

    `is_partial`: files beyond `MAX_BYTES` were left out. `imported_at`: when the newest import was made, if any was.
    """

    database: duckdb.DuckDBPyConnection
    columns: dict[str, list[str]]
    is_partial: bool
    imported_at: Any

    def ask(self, sql: str, **values: Any) -> list[dict[str, Any]]:
        """Give the rows of a query by column; names such as $user stand for the values."""
        cursor = self.database.cursor()
        cursor.execute(sql, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


class Bulk:
    """Reads groups' data once for each set of imports, and keeps the last few."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._kept: OrderedDict[tuple[str, ...], GroupData] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, group_arn: str) -> GroupData:
        """Give a group's data; empty tables where nothing was imported."""
        jobs = {kind: self._jobs(arn) for kind, arn in self._datasets(group_arn).items()}
        key = (group_arn, *sorted(job["datasetImportJobArn"] for found in jobs.values() for job in found))
        with self._lock:  # two readers of the same new import shall not fetch it twice
            if key not in self._kept:
                self._kept[key] = self._load(jobs)
                while len(self._kept) > KEPT_GROUPS:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]

    def _datasets(self, group_arn: str) -> dict[str, str]:
        found = self._account.list("personalize", "list_datasets", "datasets", datasetGroupArn=group_arn)
        arns = {one["datasetType"].capitalize(): one["datasetArn"] for one in found}
        return {kind: arns[kind] for kind in TYPES if kind in arns}

    def _jobs(self, dataset_arn: str) -> list[dict[str, Any]]:
        """Give the imports whose rows the dataset holds: the last full one, and those that added to it."""
        found = self._account.list(
            "personalize", "list_dataset_import_jobs", "datasetImportJobs", datasetArn=dataset_arn
        )
        done = sorted((job for job in found if job["status"] == "ACTIVE"), key=lambda job: job["creationDateTime"])
        full = [place for place, job in enumerate(done) if job.get("importMode", "FULL") == "FULL"]
        return done[full[-1] if full else 0 :]

    def _load(self, jobs: dict[str, list[dict[str, Any]]]) -> GroupData:
        import duckdb  # only here: the server starts without it

        database = duckdb.connect()
        columns, is_partial = {}, False
        for kind, table in TYPES.items():
            with tempfile.TemporaryDirectory(prefix="personalize-console-") as folder:
                files, was_cut = self._fetch(jobs.get(kind, []), Path(folder))
                is_partial |= was_cut
                columns[table] = _create(database, table, files)
        times = [job["creationDateTime"] for found in jobs.values() for job in found]
        return GroupData(database, columns, is_partial, max(times, default=None))

    def _fetch(self, jobs: list[dict[str, Any]], folder: Path) -> tuple[list[str], bool]:
        s3, personalize = self._account.client("s3"), self._account.client("personalize")
        files: list[str] = []
        size = 0
        for job in jobs:
            described = personalize.describe_dataset_import_job(datasetImportJobArn=job["datasetImportJobArn"])
            bucket, prefix = _LOCATION.fullmatch(described["datasetImportJob"]["dataSource"]["dataLocation"]).groups()
            for entry in self._account.list("s3", "list_objects_v2", "Contents", Bucket=bucket, Prefix=prefix):
                if not entry["Key"].endswith(".csv") or not (prefix.endswith(("/", ".csv")) or prefix == ""):
                    continue
                if size + entry["Size"] > MAX_BYTES:
                    return files, True
                size += entry["Size"]
                path = folder / f"{len(files)}.csv"
                path.write_bytes(s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read())
                files.append(str(path))
        return files, False


def _create(database: duckdb.DuckDBPyConnection, table: str, files: list[str]) -> list[str]:
    options = "header=true, all_varchar=true, union_by_name=true, quote='\"', escape='\"'"
    source = f"SELECT * FROM read_csv($files, {options})" if files else _EMPTY[table]
    extra = ', TRY_CAST("TIMESTAMP" AS DOUBLE) AS at_s' if table == "interactions" else ""
    order = ' ORDER BY TRY_CAST("TIMESTAMP" AS DOUBLE)' if table == "interactions" else ""
    database.execute(
        f"CREATE TABLE {table} AS SELECT *{extra} FROM ({source}){order}", {"files": files} if files else {}
    )
    return [row[0] for row in database.execute(f"DESCRIBE {table}").fetchall() if row[0] != "at_s"]
