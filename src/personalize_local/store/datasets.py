"""Bulk data of datasets: Parquet files, and the manifest of those that count.

    datasets/<dataset>/<import job>/<file>.parquet

Rule 1: a file counts if and only if the manifest names it. An import writes its files first; the transaction that makes
    the job ACTIVE then names them. A crash in between leaves files that nobody reads, which `clean` removes.
Rule 2: FULL replaces the files of the dataset, INCREMENTAL adds to them; neither touches streamed or put records.
Rule 3: of a bulk row and a put record with one id the newer counts. A bulk row is as old as the beginning of its
    import: what is put while an import runs is newer than the file.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from personalize_local.store.csv_export import ALL, BULK, PUT, export_csv, put_event_rows, put_record_rows
from personalize_local.store.database import Database
from personalize_local.store.dataset_files import BulkFile
from personalize_local.store.duck import open_duckdb
from personalize_local.store.events import EventLog
from personalize_local.store.impression_counts import ImpressionCounts, count_impressions
from personalize_local.store.interaction_merge import read_interactions
from personalize_local.store.interaction_reader import InteractionReader, OwnedEvent, owned_events
from personalize_local.store.metadata_reader import read_metadata
from personalize_local.store.partitions import PARTITION_EVENTS, DatasetChangedError, Partition, user_ranges
from personalize_local.store.records import RecordStore
from personalize_local.store.tables import InteractionTable, MetadataTable
from personalize_spec.schemas import DatasetSchema

__all__ = ["TABLES", "BulkFile", "DatasetStore", "InteractionTable", "MetadataTable"]

TABLES = """
CREATE TABLE dataset_files (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  dataset_arn TEXT NOT NULL,
  path TEXT NOT NULL,
  row_count INTEGER NOT NULL,
  columns TEXT NOT NULL,
  put_seq INTEGER NOT NULL,
  replaced INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX dataset_files_by_dataset ON dataset_files (dataset_arn, seq);
CREATE TABLE dataset_generations (dataset_arn TEXT PRIMARY KEY, generation INTEGER NOT NULL) WITHOUT ROWID;
"""

GENERATIONS = "dataset_generations"
FULL = "FULL"
INCREMENTAL = "INCREMENTAL"
ID_COLUMNS: Mapping[str, str] = {"ITEMS": "ITEM_ID", "USERS": "USER_ID", "ACTIONS": "ACTION_ID"}
Read = TypeVar("Read")


class DatasetStore:
    """Datasets below `root`, with their manifest in SQLite; reads merge bulk, streamed and put data."""

    def __init__(self, database: Database, root: Path) -> None:
        self._database = database
        self._events = EventLog(database)
        self._records = RecordStore(database)
        self._root = root
        self._generations = threading.local()  # for each thread, as its connection counts the commits it sees

    @property
    def spill_folder(self) -> Path:
        """Where DuckDB puts what does not fit in memory; emptied by `clean`."""
        return self._root / ".spill"

    def stage(self, dataset_arn: str, job_id: str) -> Path:
        """Give an empty folder for the Parquet files of an import."""
        folder = self._folder(dataset_arn) / job_id
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    def put_seq(self) -> int:
        """Give the age that files of an import starting now have among put records."""
        return self._records.last_seq()

    def publish(self, connection: sqlite3.Connection, dataset_arn: str, files: Sequence[BulkFile], mode: str) -> None:
        """Make staged files count, in the transaction of the caller. `collect` then removes what they replaced."""
        if mode == FULL:
            self._replace(connection, dataset_arn)
        connection.executemany(
            "INSERT INTO dataset_files (dataset_arn, path, row_count, columns, put_seq) VALUES (?, ?, ?, ?, ?)",
            [self._row(dataset_arn, item) for item in files],
        )
        self._count_generation(connection, dataset_arn)

    def swap(
        self, connection: sqlite3.Connection, dataset_arn: str, changed: Sequence[tuple[BulkFile, BulkFile]]
    ) -> None:
        """Put files in place of others that have the same rows but some, in the transaction of the caller."""
        for old, new in changed:
            connection.execute(
                "UPDATE dataset_files SET path = ?, row_count = ? WHERE dataset_arn = ? AND path = ? AND replaced = 0",
                (self._relative(new), new.row_count, dataset_arn, self._relative(old)),
            )
            connection.execute(
                "INSERT INTO dataset_files (dataset_arn, path, row_count, columns, put_seq, replaced)"
                " VALUES (?, ?, ?, ?, ?, 1)",
                self._row(dataset_arn, old),
            )
        self._count_generation(connection, dataset_arn)

    def remove(self, connection: sqlite3.Connection, dataset_arn: str) -> None:
        """Forget all data of a dataset: bulk, streamed and put; in the transaction of the caller."""
        self._replace(connection, dataset_arn)
        self._events.remove(connection, dataset_arn)
        self._records.remove(connection, dataset_arn)
        self._count_generation(connection, dataset_arn)

    def collect(self) -> None:
        """Delete the files that committed imports and removals replaced; left to the server that writes."""
        if self._database.is_read_only:
            return
        rows = self._database.read().execute("SELECT seq, path FROM dataset_files WHERE replaced = 1").fetchall()
        for row in rows:
            path = self._root / row["path"]
            path.unlink(missing_ok=True)
            _remove_empty(path.parent)
        if rows:
            with self._database.transaction() as connection:
                connection.executemany("DELETE FROM dataset_files WHERE seq = ?", [(row["seq"],) for row in rows])

    def clean(self) -> None:
        """Delete every file that does not count; call it at the start, after the queue has settled what was done."""
        shutil.rmtree(self.spill_folder, ignore_errors=True)
        self.collect()
        rows = self._database.read().execute("SELECT path FROM dataset_files").fetchall()
        named = {self._root / row["path"] for row in rows}
        for path in self._root.glob("*/*/*"):
            if path not in named:
                path.unlink()
        for folder in self._root.glob("*/*"):
            _remove_empty(folder)

    def generation(self, dataset_arn: str) -> int:
        """Count the changes of a dataset's bulk data so far."""
        version = self._database.version(GENERATIONS)  # before the row: what is newer than it is only read again
        if getattr(self._generations, "version", None) != version:
            self._generations.version, self._generations.known = version, {}
        known: dict[str, int] = self._generations.known
        if dataset_arn not in known:
            query = "SELECT generation FROM dataset_generations WHERE dataset_arn = ?"
            row = self._database.read().execute(query, (dataset_arn,)).fetchone()
            known[dataset_arn] = row["generation"] if row else 0
        return known[dataset_arn]

    def mark(self, dataset_arn: str) -> list[int]:
        """Give the places of a dataset's newest bulk file, streamed event and put record; 0 where there is none."""
        return [
            self._database.read().execute(query, (dataset_arn,)).fetchone()[0]
            for query in (
                "SELECT coalesce(max(seq), 0) FROM dataset_files WHERE dataset_arn = ? AND replaced = 0",
                "SELECT coalesce(max(seq), 0) FROM streamed_events WHERE dataset_arn = ?",
                "SELECT coalesce(max(seq), 0) FROM put_records WHERE dataset_arn = ?",
            )
        ]

    def files(self, dataset_arn: str) -> list[BulkFile]:
        """Give the files that count, oldest first."""
        query = "SELECT * FROM dataset_files WHERE dataset_arn = ? AND replaced = 0 ORDER BY seq"
        rows = self._database.read().execute(query, (dataset_arn,))
        return [self._bulk_file(row) for row in rows]

    def read_interactions(
        self, dataset_arn: str, schema: DatasetSchema, columns: Sequence[str] = (), *, streamed: bool = True
    ) -> InteractionTable:
        """Read every interaction, identical ones once; `columns` adds further schema columns.

        Streamed events without an item are left out, and so are those of sessions that no user was linked to.
        Source: contract §3.5, §6.4.
        """
        return self._read_events(dataset_arn, schema, columns, "ITEM_ID", streamed=streamed)

    def read_action_interactions(
        self, dataset_arn: str, schema: DatasetSchema, *, streamed: bool = True
    ) -> InteractionTable:
        """Read every action interaction, with actions in the place of items."""
        return self._read_events(dataset_arn, schema, (), "ACTION_ID", streamed=streamed)

    def count_impressions(self, dataset_arn: str) -> ImpressionCounts:
        """Count how often the imported interactions showed each item, see impression_counts.py."""
        return self._read(dataset_arn, lambda files: count_impressions(files, self.spill_folder))

    def partitions(self, dataset_arn: str, event_count: int = PARTITION_EVENTS) -> list[Partition]:
        """Divide the interactions of now into parts with about `event_count` bulk events, each of a range of users.

        Every user is in one partition, with all events; partitions come in the order of their users. What is counted
        per user or between the events of a user adds up over them. They can be pickled and read in other processes.
        """
        files = self.files(dataset_arn)
        event_seq = self.mark(dataset_arn)[1]
        return [
            Partition(dataset_arn, first_user_id, end_user_id, tuple(files), event_seq)
            for first_user_id, end_user_id in user_ranges(files, event_count, self.spill_folder)
        ]

    def read_partition(
        self, partition: Partition, schema: DatasetSchema, columns: Sequence[str] = (), *, streamed: bool = True
    ) -> InteractionTable:
        """Read a partition as `read_interactions` reads everything; rows count its own users, items and event types.

        `np.searchsorted(item_ids, table.item_ids)` places its items among all items, once for each item.
        Memory: about 130 bytes per event while reading, 22 afterwards.
        Errors: DatasetChangedError when an import or a deletion replaced the files since the listing.
        """
        import duckdb  # late, as in duck.py

        events = self._owned_events(partition.dataset_arn, partition) if streamed else ()
        try:
            with open_duckdb(self.spill_folder) as database:
                reader = InteractionReader(database, partition.files, events, schema, columns)
                return reader.read(partition.first_user_id, partition.end_user_id)
        except duckdb.IOException as error:
            if self.files(partition.dataset_arn) == list(partition.files):
                raise
            raise DatasetChangedError(f"the bulk data of {partition.dataset_arn} was replaced") from error

    def read_actions(self, dataset_arn: str, schema: DatasetSchema) -> MetadataTable:
        """Read the newest record of every action."""
        return self._read_metadata(dataset_arn, schema, "ACTION_ID")

    def read_items(self, dataset_arn: str, schema: DatasetSchema) -> MetadataTable:
        """Read the newest record of every item."""
        return self._read_metadata(dataset_arn, schema, "ITEM_ID")

    def read_users(self, dataset_arn: str, schema: DatasetSchema) -> MetadataTable:
        """Read the newest record of every user."""
        return self._read_metadata(dataset_arn, schema, "USER_ID")

    def export_csv(self, dataset_arn: str, schema: DatasetSchema, dataset_type: str, mode: str, target: Path) -> int:
        """Write what was imported (BULK), what was streamed or put (PUT), or ALL of it to a CSV file; count rows."""
        id_column = ID_COLUMNS.get(dataset_type)

        def export(files: list[BulkFile]) -> int:
            put_rows = None
            if mode != BULK and id_column is not None:
                put_rows = put_record_rows(self._records, dataset_arn, schema, id_column)
            elif mode != BULK:
                put_rows = put_event_rows(self._events, dataset_arn, schema)
            kept = [] if mode == PUT else files
            return export_csv(target, schema, kept, put_rows, id_column if mode == ALL else None, self.spill_folder)

        return self._read(dataset_arn, export)

    def _read_events(
        self, dataset_arn: str, schema: DatasetSchema, columns: Sequence[str], item_column: str, *, streamed: bool
    ) -> InteractionTable:
        def read(files: list[BulkFile]) -> InteractionTable:
            events = self._owned_events(dataset_arn) if streamed else ()
            return read_interactions(files, events, schema, columns, self.spill_folder, item_column)

        return self._read(dataset_arn, read)

    def _owned_events(self, dataset_arn: str, partition: Partition | None = None) -> Iterable[OwnedEvent]:
        """Give the streamed events with a user, of a partition or of all."""
        owned = owned_events(self._events.each(dataset_arn), self._events.session_users(dataset_arn))
        if partition is None:
            return owned
        return (
            (user_id, event) for user_id, event in owned if event.seq <= partition.event_seq and partition.has(user_id)
        )

    def _read_metadata(self, dataset_arn: str, schema: DatasetSchema, id_column: str) -> MetadataTable:
        records = self._records.scan(dataset_arn)
        return self._read(
            dataset_arn, lambda files: read_metadata(files, records, schema, id_column, self.spill_folder)
        )

    def _read(self, dataset_arn: str, read: Callable[[list[BulkFile]], Read]) -> Read:
        """Read the files that count; again when an import replaced them in the meantime."""
        import duckdb  # late, as in duck.py

        files = self.files(dataset_arn)
        while True:
            try:
                return read(files)
            except duckdb.IOException:
                replaced, files = files, self.files(dataset_arn)
                if files == replaced:
                    raise

    def _row(self, dataset_arn: str, item: BulkFile) -> tuple[Any, ...]:
        return (dataset_arn, self._relative(item), item.row_count, json.dumps(item.columns), item.put_seq)

    def _relative(self, item: BulkFile) -> str:
        return str(item.path.relative_to(self._root))

    def _bulk_file(self, row: sqlite3.Row) -> BulkFile:
        path = self._root / row["path"]
        return BulkFile(path, row["row_count"], tuple(json.loads(row["columns"])), row["put_seq"])

    def _replace(self, connection: sqlite3.Connection, dataset_arn: str) -> None:
        connection.execute("UPDATE dataset_files SET replaced = 1 WHERE dataset_arn = ?", (dataset_arn,))

    def _count_generation(self, connection: sqlite3.Connection, dataset_arn: str) -> None:
        self._database.touch(GENERATIONS)
        connection.execute(
            "INSERT INTO dataset_generations VALUES (?, 1)"
            " ON CONFLICT (dataset_arn) DO UPDATE SET generation = generation + 1",
            (dataset_arn,),
        )

    def _folder(self, dataset_arn: str) -> Path:
        return self._root / re.sub(r"[^A-Za-z0-9._-]", "_", dataset_arn)


def _remove_empty(folder: Path) -> None:
    """Remove an import's folder when nothing is left in it, and its dataset's folder likewise."""
    for place in (folder, folder.parent):
        if place.is_dir() and not any(place.iterdir()):
            place.rmdir()
