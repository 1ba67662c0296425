"""What must hold in a data folder whose server was killed, read from the disk before the next one starts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import duckdb

from benchmarks.crash_load import LEAVING, THERE, Facts
from personalize_local.store.artifacts import ArtifactStore
from personalize_local.training.artifact import load_artifact

PENDING = ("CREATE PENDING", "CREATE IN_PROGRESS", "DELETE PENDING", "DELETE IN_PROGRESS", "CREATE STOPPING")


def folder_problems(root: Path, facts: Facts) -> list[str]:
    """Give everything that is wrong in the folder of a server that is not running."""
    connection = sqlite3.connect(root / "personalize.db")
    connection.row_factory = sqlite3.Row
    try:
        checks = (_damage(connection), _losses(connection, facts), _half_made(connection, root))
        return [problem for check in checks for problem in check]
    finally:
        connection.close()


def _damage(connection: sqlite3.Connection) -> Iterator[str]:
    result = connection.execute("PRAGMA integrity_check").fetchone()[0]
    if result != "ok":
        yield f"the database is damaged: {result}"


def _losses(connection: sqlite3.Connection, facts: Facts) -> Iterator[str]:
    """Give the acknowledged writes that are not there."""
    events = {row[0] for row in connection.execute("SELECT event_id FROM streamed_events")}
    records = {row[0] for row in connection.execute("SELECT record_id FROM put_records")}
    statuses = dict(connection.execute("SELECT arn, status FROM resources").fetchall())
    if lost := facts.events - events:
        yield f"{len(lost)} acknowledged events are lost"
    if lost := facts.records - records:
        yield f"{len(lost)} acknowledged items and users are lost"
    for arn, state in facts.resources.items():
        if state == THERE and arn not in statuses:
            yield f"{arn} was acknowledged and is not there"
        if state == LEAVING and not statuses.get(arn, "DELETE").startswith("DELETE"):
            yield f"{arn} was deleted and is {statuses[arn]}"


def _half_made(connection: sqlite3.Connection, root: Path) -> Iterator[str]:
    """Give the resources that nothing moves along, and those without the files they need."""
    resources = connection.execute("SELECT arn, kind, status FROM resources").fetchall()
    arns = {row["arn"] for row in resources}
    moved = {row[0] for row in connection.execute("SELECT arn FROM transitions")}
    worked_on = {row[0] for row in connection.execute("SELECT resource_arn FROM jobs")}
    for row in resources:
        if row["status"] in PENDING and row["arn"] not in moved | worked_on:
            yield f"{row['arn']} is {row['status']}, and nothing moves it along"
        if row["kind"] == "solution-version" and row["status"] == "ACTIVE" and not _has_model(root, row["arn"]):
            yield f"{row['arn']} is ACTIVE without a model"
    for arn in (moved | worked_on) - arns:
        yield f"there is work for {arn}, which is not there"
    for row in connection.execute("SELECT path, row_count FROM dataset_files WHERE replaced = 0"):
        if _row_count(root / "datasets" / row["path"]) != row["row_count"]:
            yield f"{row['path']} is not the file that was imported"


def _has_model(root: Path, version_arn: str) -> bool:
    return len(load_artifact(ArtifactStore(root / "solution-versions").folder(version_arn)).item_ids) > 0


def _row_count(path: Path) -> int | None:
    if not path.exists():
        return None
    with duckdb.connect() as database:
        return int(database.execute("SELECT count(*) FROM read_parquet(?)", [str(path)]).fetchall()[0][0])
