"""What must hold in a data folder whose server was killed, read from the disk before the next one starts."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.crash_client import LEAVING, THERE, Facts
from personalize_local.jobs.recommender_model import TRAINING_ID, model_arn_of
from personalize_local.jobs.updates import SUMMARY_MEMBERS
from personalize_local.store.artifacts import ArtifactStore
from personalize_local.training.artifact import load_artifact
from personalize_local.training.user_affinity import load_user_affinity

PENDING = ("CREATE PENDING", "CREATE IN_PROGRESS", "DELETE PENDING", "DELETE IN_PROGRESS", "CREATE STOPPING", "PENDING",
           "IN_PROGRESS")  # fmt: skip


# Kinds that have a model when they are ACTIVE, and the name of it.
MODELS: Mapping[str, Callable[[sqlite3.Row, Mapping[str, Any]], str]] = {
    "solution-version": lambda row, _body: str(row["arn"]),
    "recommender": lambda row, body: model_arn_of(row["arn"], body[TRAINING_ID]),
}


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
    resources = connection.execute("SELECT arn, kind, status, body FROM resources").fetchall()
    arns = {row["arn"] for row in resources}
    moved = {row[0] for row in connection.execute("SELECT arn FROM transitions")}
    worked_on = {row[0] for row in connection.execute("SELECT resource_arn FROM jobs")}
    for row in resources:
        body = json.loads(row["body"])
        update = body.get(SUMMARY_MEMBERS.get(row["kind"], ""), {}).get("status")
        if (row["status"] in PENDING or update in PENDING) and row["arn"] not in moved | worked_on:
            yield f"{row['arn']} is {row['status']}, its update {update}, and nothing moves it along"
        if row["status"] == "ACTIVE" and row["kind"] in MODELS and not _has_model(root, MODELS[row["kind"]](row, body)):
            yield f"{row['arn']} is ACTIVE without a model"
    for arn in (moved | worked_on) - arns:
        yield f"there is work for {arn}, which is not there"
    for row in connection.execute("SELECT path, row_count FROM dataset_files WHERE replaced = 0"):
        if _row_count(root / "datasets" / row["path"]) != row["row_count"]:
            yield f"{row['path']} is not the file that was imported"


def _has_model(root: Path, model_arn: str) -> bool:
    folder = ArtifactStore(root / "solution-versions").folder(model_arn)
    if (folder / "affinity.json").exists():
        return len(load_user_affinity(folder)[1]) > 0
    return len(load_artifact(folder).item_ids) > 0


def _row_count(path: Path) -> int | None:
    if not path.exists():
        return None
    with duckdb.connect() as database:
        return int(database.execute("SELECT count(*) FROM read_parquet(?)", [str(path)]).fetchall()[0][0])
