"""The work that is queued or running, so that it goes on after a restart."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from personalize_local.store.database import Database, from_epoch_ms, to_epoch_ms

TABLES = """
CREATE TABLE jobs (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  job_id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  resource_arn TEXT NOT NULL,
  payload TEXT NOT NULL,
  state TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  changed_ms INTEGER NOT NULL
);
CREATE INDEX jobs_by_resource ON jobs (resource_arn);
"""

QUEUED = "queued"
RUNNING = "running"


@dataclass(frozen=True)
class Job:
    """Work for a worker process; a finished job has no row. `attempt` counts the starts so far."""

    job_id: str
    kind: str
    resource_arn: str
    payload: dict[str, Any]
    state: str
    attempt: int
    changed_at: datetime


class JobStore:
    """Jobs in SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def insert(self, connection: sqlite3.Connection, job: Job) -> None:
        """Store a new job."""
        connection.execute(
            "INSERT INTO jobs (job_id, kind, resource_arn, payload, state, attempt, changed_ms)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                *(job.job_id, job.kind, job.resource_arn, json.dumps(job.payload)),
                *(job.state, job.attempt, to_epoch_ms(job.changed_at)),
            ),
        )

    def get(self, job_id: str) -> Job | None:
        """Give the job with this id."""
        rows = self._select("job_id = ?", job_id)
        return rows[0] if rows else None

    def of_resource(self, arn: str) -> Job | None:
        """Give the job that makes this resource."""
        rows = self._select("resource_arn = ?", arn)
        return rows[0] if rows else None

    def list(self, state: str) -> list[Job]:
        """Give the jobs in a state, oldest first."""
        return self._select("state = ?", state)

    def move(self, connection: sqlite3.Connection, job_id: str, state: str, attempt: int, now: datetime) -> None:
        """Put a job into another state."""
        connection.execute(
            "UPDATE jobs SET state = ?, attempt = ?, changed_ms = ? WHERE job_id = ?",
            (state, attempt, to_epoch_ms(now), job_id),
        )

    def delete(self, connection: sqlite3.Connection, job_id: str) -> None:
        """Forget a job."""
        connection.execute("DELETE FROM jobs WHERE job_id = ?", (job_id,))

    def _select(self, condition: str, value: str) -> list[Job]:
        rows = self._database.read().execute(f"SELECT * FROM jobs WHERE {condition} ORDER BY seq", (value,))
        return [_job(row) for row in rows]


def _job(row: sqlite3.Row) -> Job:
    return Job(
        job_id=row["job_id"],
        kind=row["kind"],
        resource_arn=row["resource_arn"],
        payload=json.loads(row["payload"]),
        state=row["state"],
        attempt=row["attempt"],
        changed_at=from_epoch_ms(row["changed_ms"]),
    )
