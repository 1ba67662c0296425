"""The status changes that are still to come, so that a lifecycle goes on after a restart."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from personalize_local.store.database import Database, from_epoch_ms, to_epoch_ms

# failure_reason is of earlier releases; folders of theirs have the column.
TABLES = """
CREATE TABLE transitions (
  arn TEXT PRIMARY KEY,
  path TEXT NOT NULL,
  step INTEGER NOT NULL,
  due_ms INTEGER NOT NULL,
  failure_reason TEXT
) WITHOUT ROWID;
CREATE INDEX transitions_due ON transitions (due_ms);
"""


@dataclass(frozen=True)
class Transition:
    """A resource's way along a lifecycle path: it stands on `step` until `due_at`."""

    arn: str
    path: str
    step: int
    due_at: datetime


class TransitionStore:
    """Transitions in SQLite: one at most per resource."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, connection: sqlite3.Connection, transition: Transition) -> None:
        """Set the resource's transition."""
        connection.execute(
            "INSERT OR REPLACE INTO transitions (arn, path, step, due_ms) VALUES (?, ?, ?, ?)",
            (transition.arn, transition.path, transition.step, to_epoch_ms(transition.due_at)),
        )

    def remove(self, connection: sqlite3.Connection, arn: str) -> None:
        """Forget the resource's transition."""
        connection.execute("DELETE FROM transitions WHERE arn = ?", (arn,))

    def due(self, now: datetime, connection: sqlite3.Connection | None = None) -> list[Transition]:
        """Give the transitions whose time has come, earliest first."""
        reader = connection if connection is not None else self._database.read()
        rows = reader.execute("SELECT * FROM transitions WHERE due_ms <= ? ORDER BY due_ms, arn", (to_epoch_ms(now),))
        return [_transition(row) for row in rows]

    def next_due_at(self) -> datetime | None:
        """Give the time of the earliest transition; None when there is none."""
        earliest = self._database.read().execute("SELECT min(due_ms) FROM transitions").fetchone()[0]
        return None if earliest is None else from_epoch_ms(earliest)


def _transition(row: sqlite3.Row) -> Transition:
    return Transition(row["arn"], row["path"], row["step"], from_epoch_ms(row["due_ms"]))
