"""The service's SQLite database: one writer at a time, many readers, every acknowledged write on the disk.

Rule 1: what a caller was told is done is in the database (WAL, `synchronous=FULL`), also after `kill -9`.
Rule 2: a check and the write that relies on it happen in one `transaction()`.
Rule 3: times are stored as whole milliseconds since the epoch, so that what is read is what was written.
Rule 4: what is kept in memory of a table counts as long as its `version` stays the same.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

BUSY_TIMEOUT_S = 30.0


class DatabaseVersionError(Exception):
    """The data folder was written by a newer release than this one."""


class Database:
    """A SQLite file shared by the threads of one process.

    `transaction()` gives the process's one writing connection; `read()` a connection of the calling thread, which
    sees what is committed. Worker processes open the same file with `read_only=True`.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self._read_only = read_only
        self._write_lock = threading.RLock()
        self._readers = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._connections_lock = threading.Lock()
        self._versions: Counter[str] = Counter()
        self._touched: set[str] = set()  # tables that the open transaction wrote to
        if not read_only:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = self._connect()
            self._writer.execute("PRAGMA journal_mode = WAL")
            self._writer.execute("PRAGMA synchronous = FULL")
            self._migrate()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write: all of the block, or nothing of it when it raises."""
        if self._read_only:
            raise PermissionError("this process opened the database to read only")
        with self._write_lock:
            self._writer.execute("BEGIN IMMEDIATE")
            self._touched.clear()
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            self._versions.update(self._touched)

    def touch(self, table: str) -> None:
        """Say that the open transaction writes to a table whose content is kept in memory."""
        self._touched.add(table)

    def version(self, table: str) -> int:
        """Give a number that is another one after each commit that touched the table, by the time it is acknowledged.

        For a reader beside the process that writes, any commit counts.
        """
        if self._read_only:
            return int(self.read().execute("PRAGMA data_version").fetchone()[0])
        return self._versions[table]

    def read(self) -> sqlite3.Connection:
        """Give the calling thread's reading connection."""
        connection = getattr(self._readers, "connection", None)
        if connection is None:
            connection = self._readers.connection = self._connect()
            connection.execute("PRAGMA query_only = ON")
        return connection

    @property
    def is_read_only(self) -> bool:
        """Whether this process may not write."""
        return self._read_only

    def is_current(self) -> bool:
        """Whether the file is there, with the tables of this release; a reader does not make them."""
        from personalize_local.store.migrations import MIGRATIONS  # late, as in `_migrate`

        return self.path.exists() and self.read().execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS)

    def close(self) -> None:
        """Close every connection; the database must not be used afterwards."""
        with self._write_lock, self._connections_lock:
            while self._connections:
                self._connections.pop().close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        with self._connections_lock:
            self._connections.append(connection)
        return connection

    def _migrate(self) -> None:
        """Bring the file to the newest version of the tables, one step at a time."""
        from personalize_local.store.migrations import (
            MIGRATIONS,  # late: the stores name this class in their signatures
        )

        version = self._writer.execute("PRAGMA user_version").fetchone()[0]
        if version > len(MIGRATIONS):
            raise DatabaseVersionError(
                f"{self.path} has version {version} of the tables; this release knows {len(MIGRATIONS)}. "
                "Use a newer release, or another data folder."
            )
        for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
            self._writer.executescript(f"BEGIN IMMEDIATE; {script}; PRAGMA user_version = {number}; COMMIT")


def to_epoch_ms(moment: datetime) -> int:
    """Give an aware moment as milliseconds since the epoch."""
    return round(moment.timestamp() * 1000)


def from_epoch_ms(epoch_ms: int) -> datetime:
    """Give milliseconds since the epoch as an aware UTC moment."""
    return datetime.fromtimestamp(epoch_ms / 1000, UTC)
