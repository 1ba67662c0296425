"""How far events are attributed, and the totals that wait to be reported.

Rule 1: a batch of totals and the place in the event log up to which it counts are written together: after `kill -9` no
    event is counted twice, and none is forgotten.
Rule 2: a batch is there until it is reported everywhere.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import astuple, dataclass

from personalize_local.store.database import Database

TABLES = """
CREATE TABLE attribution_cursors (
  attribution_arn TEXT PRIMARY KEY,
  event_seq INTEGER NOT NULL,
  sources TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE attribution_batches (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  attribution_arn TEXT NOT NULL,
  totals TEXT NOT NULL,
  is_in_cloudwatch INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX attribution_batches_by_attribution ON attribution_batches (attribution_arn, seq);
"""


@dataclass(frozen=True)
class Total:
    """What a metric comes to, of one source in one window. Units: window_epoch_s is the window's first second."""

    metric_name: str
    event_type: str
    function: str
    source: str
    window_epoch_s: int
    count: int
    total: float
    minimum: float
    maximum: float


@dataclass(frozen=True)
class Cursor:
    """The place in the event log up to which events are attributed, and the sources seen so far."""

    event_seq: int
    sources: frozenset[str]


@dataclass(frozen=True)
class Batch:
    """Totals to report."""

    seq: int
    totals: tuple[Total, ...]
    is_in_cloudwatch: bool


class AttributionStore:
    """Cursors and batches in SQLite."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def start(self, connection: sqlite3.Connection, attribution_arn: str) -> None:
        """Attribute the events from now on, in the transaction that makes the metric attribution."""
        row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'streamed_events'").fetchone()
        self._put_cursor(connection, attribution_arn, Cursor(row["seq"] if row else 0, frozenset()))

    def cursor(self, attribution_arn: str) -> Cursor:
        """Give how far a metric attribution is."""
        query = "SELECT event_seq, sources FROM attribution_cursors WHERE attribution_arn = ?"
        row = self._database.read().execute(query, (attribution_arn,)).fetchone()
        return Cursor(row["event_seq"], frozenset(json.loads(row["sources"]))) if row else Cursor(0, frozenset())

    def advance(self, attribution_arn: str, cursor: Cursor, totals: Collection[Total]) -> None:
        """Note that the events up to a place are counted in the totals."""
        with self._database.transaction() as connection:
            self._put_cursor(connection, attribution_arn, cursor)
            if totals:
                connection.execute(
                    "INSERT INTO attribution_batches (attribution_arn, totals) VALUES (?, ?)",
                    (attribution_arn, json.dumps([astuple(total) for total in totals])),
                )

    def batches(self, attribution_arn: str) -> list[Batch]:
        """Give what is to be reported, oldest first."""
        query = "SELECT * FROM attribution_batches WHERE attribution_arn = ? ORDER BY seq"
        rows = self._database.read().execute(query, (attribution_arn,))
        return [
            Batch(
                row["seq"], tuple(Total(*total) for total in json.loads(row["totals"])), bool(row["is_in_cloudwatch"])
            )
            for row in rows
        ]

    def mark_in_cloudwatch(self, batches: Sequence[Batch]) -> None:
        """Note that CloudWatch has the batches."""
        self._each(batches, "UPDATE attribution_batches SET is_in_cloudwatch = 1 WHERE seq = ?")

    def forget(self, batches: Sequence[Batch]) -> None:
        """Remove batches that are reported everywhere."""
        self._each(batches, "DELETE FROM attribution_batches WHERE seq = ?")

    def remove(self, connection: sqlite3.Connection, attribution_arn: str) -> None:
        """Forget everything about a metric attribution, in the caller's transaction."""
        for table in ("attribution_cursors", "attribution_batches"):
            connection.execute(f"DELETE FROM {table} WHERE attribution_arn = ?", (attribution_arn,))

    def _each(self, batches: Sequence[Batch], statement: str) -> None:
        with self._database.transaction() as connection:
            connection.executemany(statement, [(batch.seq,) for batch in batches])

    def _put_cursor(self, connection: sqlite3.Connection, attribution_arn: str, cursor: Cursor) -> None:
        connection.execute(
            "INSERT OR REPLACE INTO attribution_cursors (attribution_arn, event_seq, sources) VALUES (?, ?, ?)",
            (attribution_arn, cursor.event_seq, json.dumps(sorted(cursor.sources))),
        )


def _totals(text: str) -> tuple[Total, ...]:
    return tuple(Total(*values) for values in json.loads(text))
