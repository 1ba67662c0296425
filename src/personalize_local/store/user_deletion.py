"""Take users out of a dataset group's data.

A worker looks for the users (`find_users`) and writes the bulk files that have them anew (`without_users`). Then, in
one transaction, the server puts the new files in place of the old ones (`DatasetStore.swap`) and deletes what was
streamed and put (`UserDeletion.delete`).

`deleted_users` remembers who went when: models trained before still know them.
Source: contract §3.9.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from personalize_local.store.database import Database, to_epoch_ms
from personalize_local.store.dataset_files import BulkFile
from personalize_local.store.duck import identifier, literal, open_duckdb, save_parquet

if TYPE_CHECKING:
    import duckdb

TABLES = """
CREATE TABLE deleted_users (
  dataset_group_arn TEXT NOT NULL,
  user_id TEXT NOT NULL,
  deleted_ms INTEGER NOT NULL,
  PRIMARY KEY (dataset_group_arn, user_id)
) WITHOUT ROWID;
"""
USER_ID = "USER_ID"
BATCH = 50_000
_LINKED = (
    "SELECT session_id FROM (SELECT session_id, user_id, min(seq) FROM streamed_events"
    " WHERE dataset_arn = ?1 AND user_id IS NOT NULL GROUP BY session_id)"
    " WHERE user_id IN (SELECT user_id FROM leaving)"
)


@dataclass(frozen=True)
class UserData:
    """A dataset with users in it: its bulk files, and whether its put records are users."""

    dataset_arn: str
    files: Sequence[BulkFile]
    has_user_records: bool


class UserDeletion:
    """What SQLite holds of users: streamed events, put records, and who was deleted when."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def held(self, data: UserData) -> Iterator[list[str]]:
        """Give the ids of the users that were streamed or put, in batches."""
        queries = ["SELECT DISTINCT user_id FROM streamed_events WHERE dataset_arn = ? AND user_id IS NOT NULL"]
        if data.has_user_records:
            queries.append("SELECT record_id FROM put_records WHERE dataset_arn = ?")
        for query in queries:
            cursor = self._database.read().execute(query, (data.dataset_arn,))
            while rows := cursor.fetchmany(BATCH):
                yield [row[0] for row in rows]

    def delete(
        self,
        connection: sqlite3.Connection,
        group_arn: str,
        datasets: Iterable[UserData],
        user_ids: Iterable[str],
        now: datetime,
    ) -> None:
        """Delete what was streamed and put of users, in the caller's transaction, and remember that they went.

        Events without a user go with the user that their session was linked to.
        """
        connection.execute("CREATE TEMP TABLE leaving (user_id TEXT PRIMARY KEY) WITHOUT ROWID")
        connection.executemany("INSERT OR IGNORE INTO leaving VALUES (?)", ((user_id,) for user_id in user_ids))
        for data in datasets:
            connection.execute(
                "DELETE FROM streamed_events WHERE dataset_arn = ?1 AND (user_id IN (SELECT user_id FROM leaving)"
                f" OR user_id IS NULL AND session_id IN ({_LINKED}))",
                (data.dataset_arn,),
            )
            if data.has_user_records:
                connection.execute(
                    "DELETE FROM put_records WHERE dataset_arn = ? AND record_id IN (SELECT user_id FROM leaving)",
                    (data.dataset_arn,),
                )
        connection.execute(
            "INSERT OR REPLACE INTO deleted_users SELECT ?, user_id, ? FROM leaving", (group_arn, to_epoch_ms(now))
        )
        connection.execute("DROP TABLE leaving")

    def deleted_since(self, group_arn: str, moment: datetime) -> set[str]:
        """Give the users of a dataset group that were deleted at a moment or later."""
        query = "SELECT user_id FROM deleted_users WHERE dataset_group_arn = ? AND deleted_ms >= ?"
        return {row["user_id"] for row in self._database.read().execute(query, (group_arn, to_epoch_ms(moment)))}


def find_users(
    deletion: UserDeletion, wanted: Sequence[Path], datasets: Iterable[UserData], target: Path, spill_folder: Path
) -> int:
    """Write those of the wanted users that the data has to the Parquet file `target`; give how many they are."""
    with open_duckdb(spill_folder) as database:
        paths = ", ".join(literal(path) for path in wanted)
        database.execute(f"CREATE TEMP TABLE wanted AS SELECT DISTINCT USER_ID FROM read_parquet([{paths}])")
        database.execute("CREATE TEMP TABLE found (USER_ID VARCHAR)")
        for data in datasets:
            for file in data.files:
                _look(database, f"SELECT {identifier(_user_column(file))} AS USER_ID FROM {file.source}")
            for ids in deletion.held(data):
                database.register("held", {USER_ID: np.array(ids, dtype=object)})
                _look(database, "SELECT USER_ID FROM held")
        return save_parquet(database, "SELECT DISTINCT USER_ID FROM found", target)


def read_ids(path: Path, spill_folder: Path) -> Iterator[str]:
    """Give the ids of a file that `find_users` wrote."""
    with open_duckdb(spill_folder) as database:
        cursor = database.execute(f"SELECT USER_ID FROM read_parquet({literal(path)})")
        while rows := cursor.fetchmany(BATCH):
            yield from (user_id for (user_id,) in rows)


def without_users(file: BulkFile, users: Path, target: Path, spill_folder: Path) -> BulkFile | None:
    """Write the file's rows that are not of the users to `target`; None when it has no other rows."""
    with open_duckdb(spill_folder) as database:
        leaving = f"(SELECT USER_ID AS leaving_id FROM read_parquet({literal(users)}))"
        matches = f"ON {identifier(_user_column(file))} = leaving_id"
        count = database.execute(f"SELECT count(*) FROM {file.source} SEMI JOIN {leaving} {matches}").fetchone()
        if not count or not count[0]:
            return None
        query = (
            f"SELECT * EXCLUDE (file_row_number) FROM {file.source} ANTI JOIN {leaving} {matches}"
            " ORDER BY file_row_number"
        )
        return replace(file, path=target, row_count=save_parquet(database, query, target))


def _look(database: duckdb.DuckDBPyConnection, rows: str) -> None:
    database.execute(f"INSERT INTO found SELECT DISTINCT USER_ID FROM ({rows}) SEMI JOIN wanted USING (USER_ID)")


def _user_column(file: BulkFile) -> str:
    return next(name for name in file.columns if name.upper() == USER_ID)
