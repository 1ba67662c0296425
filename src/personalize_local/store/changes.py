"""What another process streamed into the data folder since the last look."""

from __future__ import annotations

from personalize_local.store.database import Database

STREAMED_TABLES = ("streamed_events", "put_records")


class NothingToReadError(Exception):
    """The data folder has no data of this release; the message says what to start first."""


class ChangeFeed:
    """Tells, at every `poll`, which datasets got events or records.

    Errors: NothingToReadError when the database is not there.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        if not database.is_current():
            raise NothingToReadError(
                f"There is nothing to read yet in {database.path.parent}, or it is of another release: start the "
                "server that writes to it first (personalize-local serve)."
            )
        self._seen = {table: self._newest(table) for table in STREAMED_TABLES}

    def poll(self) -> set[str]:
        """Give the ARNs of the datasets that something was streamed to since the last call."""
        changed: set[str] = set()
        for table, seen in self._seen.items():
            query = f"SELECT dataset_arn, MAX(seq) AS newest FROM {table} WHERE seq > ? GROUP BY dataset_arn"
            rows = self._database.read().execute(query, (seen,)).fetchall()
            changed.update(row["dataset_arn"] for row in rows)
            self._seen[table] = max([seen, *(row["newest"] for row in rows)])
        return changed

    def _newest(self, table: str) -> int:
        row = self._database.read().execute(f"SELECT MAX(seq) AS newest FROM {table}").fetchone()
        return row["newest"] or 0
