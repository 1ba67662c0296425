"""Items and users that came one by one (PutItems, PutUsers): the newest record of each id."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from personalize_local.store.database import Database

TABLES = """
CREATE TABLE put_records (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  dataset_arn TEXT NOT NULL,
  record_id TEXT NOT NULL,
  columns TEXT NOT NULL,
  UNIQUE (dataset_arn, record_id)
);
CREATE INDEX put_records_by_dataset ON put_records (dataset_arn, seq);
"""

Listener = Callable[[str], None]


@dataclass(frozen=True)
class PutRecord:
    """The newest record put under an id. `seq` grows with every put of the whole service."""

    record_id: str
    columns: Mapping[str, Any]
    seq: int


class RecordStore:
    """Put records by dataset and id."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> None:
        """Have `listener(dataset_arn)` called after every put, once the records are durable."""
        self._listeners.append(listener)

    def put(self, dataset_arn: str, records: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        """Store records durably, each in place of the one its id had; the last of equal ids counts."""
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO put_records (dataset_arn, record_id, columns) VALUES (?, ?, ?)",
                [(dataset_arn, record_id, json.dumps(dict(columns))) for record_id, columns in records],
            )
        for listener in self._listeners:
            listener(dataset_arn)

    def scan(self, dataset_arn: str, after_seq: int = 0) -> list[PutRecord]:
        """Give the records of a dataset put after a place in the order of puts, oldest first."""
        rows = self._database.read().execute(
            "SELECT seq, record_id, columns FROM put_records WHERE dataset_arn = ? AND seq > ? ORDER BY seq",
            (dataset_arn, after_seq),
        )
        return [PutRecord(row["record_id"], json.loads(row["columns"]), row["seq"]) for row in rows]

    def each(self, dataset_arn: str) -> Iterator[PutRecord]:
        """Give the records of a dataset one by one, oldest first."""
        query = "SELECT seq, record_id, columns FROM put_records WHERE dataset_arn = ? ORDER BY seq"
        for row in self._database.read().execute(query, (dataset_arn,)):
            yield PutRecord(row["record_id"], json.loads(row["columns"]), row["seq"])

    def last_seq(self) -> int:
        """Give the place of the newest put of any dataset, 0 before the first."""
        row = self._database.read().execute("SELECT seq FROM sqlite_sequence WHERE name = 'put_records'").fetchone()
        return row["seq"] if row else 0

    def remove(self, connection: sqlite3.Connection, dataset_arn: str) -> None:
        """Forget the records of a dataset, in the caller's transaction."""
        connection.execute("DELETE FROM put_records WHERE dataset_arn = ?", (dataset_arn,))
