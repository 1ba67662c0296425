"""Streamed events: every one on the disk before its sender is told so, each event id once."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from personalize_local.store.database import Database

TABLES = """
CREATE TABLE streamed_events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  dataset_arn TEXT NOT NULL,
  event_id TEXT,
  session_id TEXT NOT NULL,
  user_id TEXT,
  item_id TEXT,
  event_type TEXT NOT NULL,
  event_value REAL,
  sent_at_epoch_s INTEGER NOT NULL,
  recommendation_id TEXT,
  impression TEXT,
  properties TEXT NOT NULL
);
CREATE INDEX streamed_events_by_dataset ON streamed_events (dataset_arn, seq);
CREATE UNIQUE INDEX streamed_event_ids ON streamed_events (dataset_arn, event_id) WHERE event_id IS NOT NULL;
"""

Listener = Callable[[str], None]

_INSERT = (
    "INSERT OR IGNORE INTO streamed_events (dataset_arn, event_id, session_id, user_id, item_id,"
    " event_type, event_value, sent_at_epoch_s, recommendation_id, impression, properties)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


@dataclass(frozen=True)
class StreamedEvent:
    """One event of PutEvents. `properties` holds further schema columns; `seq` is its place in the log, 0 before.

    Units: sent_at_epoch_s in whole seconds.
    """

    session_id: str
    event_type: str
    sent_at_epoch_s: int
    user_id: str | None = None
    item_id: str | None = None
    event_value: float | None = None
    event_id: str | None = None
    recommendation_id: str | None = None
    impression: tuple[str, ...] = ()
    properties: Mapping[str, Any] = field(default_factory=dict)
    seq: int = 0


class _Batch:
    """Rows of calls that are written together. Whoever began it writes it; the others wait for it to be `done`."""

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []
        self.done = threading.Event()
        self.error: BaseException | None = None


class EventLog:
    """The streamed events of every dataset, in order of arrival."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: list[Listener] = []
        self._open: _Batch | None = None  # what calls may still join
        self._joining = threading.Lock()
        self._writing = threading.Lock()  # taken before `_joining` and the database's, never after

    def subscribe(self, listener: Listener) -> None:
        """Have `listener(dataset_arn)` called after every append, once the events are durable."""
        self._listeners.append(listener)

    def append(self, dataset_arn: str, events: Sequence[StreamedEvent]) -> None:
        """Store events durably; one whose event id the dataset has already is left out.

        Calls that come while the disk writes share the next commit: the first of them writes the rows of all, and the
        others wait for it, all at once. Each returns when its own are on the disk.
        """
        rows = [_row(dataset_arn, event) for event in events]
        with self._joining:
            is_first = self._open is None
            batch = self._open = self._open or _Batch()
            batch.rows += rows
        if is_first:
            self._write(batch)
        else:
            batch.done.wait()
        if batch.error is not None:
            raise batch.error
        self.announce(dataset_arn)

    def announce(self, dataset_arn: str) -> None:
        """Call the listeners: something was streamed to a dataset, by this process or by another."""
        for listener in self._listeners:
            listener(dataset_arn)

    def _write(self, batch: _Batch) -> None:
        """Wait for the disk, let no more calls join, and write the rows of all in one transaction."""
        with self._writing:
            with self._joining:
                self._open = None
            try:
                with self._database.transaction() as connection:
                    connection.executemany(_INSERT, batch.rows)
            except BaseException as error:  # whatever it is, nobody may wait for ever
                batch.error = error
        batch.done.set()

    def scan(self, dataset_arn: str, after_seq: int = 0) -> list[StreamedEvent]:
        """Give the events of a dataset that arrived after a place in the log, in order of arrival."""
        rows = self._database.read().execute(
            "SELECT * FROM streamed_events WHERE dataset_arn = ? AND seq > ? ORDER BY seq", (dataset_arn, after_seq)
        )
        return [_event(row) for row in rows]

    def each(self, dataset_arn: str) -> Iterator[StreamedEvent]:
        """Give the events of a dataset one by one, in order of arrival."""
        query = "SELECT * FROM streamed_events WHERE dataset_arn = ? ORDER BY seq"
        return map(_event, self._database.read().execute(query, (dataset_arn,)))

    def session_users(self, dataset_arn: str) -> dict[str, str]:
        """Give the user of each session that has one: the first who appeared in it."""
        query = (
            "SELECT session_id, user_id, min(seq) FROM streamed_events WHERE dataset_arn = ? AND user_id IS NOT NULL"
            " GROUP BY session_id"
        )
        return {row["session_id"]: row["user_id"] for row in self._database.read().execute(query, (dataset_arn,))}

    def remove(self, connection: sqlite3.Connection, dataset_arn: str) -> None:
        """Forget the events of a dataset, in the caller's transaction."""
        connection.execute("DELETE FROM streamed_events WHERE dataset_arn = ?", (dataset_arn,))


def _row(dataset_arn: str, event: StreamedEvent) -> tuple[Any, ...]:
    return (
        dataset_arn,
        *(event.event_id, event.session_id, event.user_id, event.item_id, event.event_type),
        *(event.event_value, event.sent_at_epoch_s, event.recommendation_id),
        "|".join(event.impression) or None,
        json.dumps(dict(event.properties)) if event.properties else "{}",
    )


def _event(row: sqlite3.Row) -> StreamedEvent:
    return StreamedEvent(
        session_id=row["session_id"],
        event_type=row["event_type"],
        sent_at_epoch_s=row["sent_at_epoch_s"],
        user_id=row["user_id"],
        item_id=row["item_id"],
        event_value=row["event_value"],
        event_id=row["event_id"],
        recommendation_id=row["recommendation_id"],
        impression=tuple(row["impression"].split("|")) if row["impression"] else (),
        properties=json.loads(row["properties"]),
        seq=row["seq"],
    )
