"""The tags of resources."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping

from personalize_local.store.database import Database

TABLES = """
CREATE TABLE tags (
  arn TEXT NOT NULL,
  tag_key TEXT NOT NULL,
  tag_value TEXT NOT NULL,
  PRIMARY KEY (arn, tag_key)
) WITHOUT ROWID;
"""


class TagStore:
    """Tags in SQLite: a mapping of key to value per ARN."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, arn: str, connection: sqlite3.Connection | None = None) -> dict[str, str]:
        """Give the tags of a resource, by key."""
        reader = connection if connection is not None else self._database.read()
        rows = reader.execute("SELECT tag_key, tag_value FROM tags WHERE arn = ? ORDER BY tag_key", (arn,))
        return {row["tag_key"]: row["tag_value"] for row in rows}

    def put(self, connection: sqlite3.Connection, arn: str, tags: Mapping[str, str]) -> None:
        """Set tags; others stay."""
        rows = [(arn, key, value) for key, value in tags.items()]
        connection.executemany("INSERT OR REPLACE INTO tags (arn, tag_key, tag_value) VALUES (?, ?, ?)", rows)

    def remove(self, connection: sqlite3.Connection, arn: str, keys: Iterable[str] | None = None) -> None:
        """Take tags away; all of them without `keys`."""
        if keys is None:
            connection.execute("DELETE FROM tags WHERE arn = ?", (arn,))
        else:
            rows = [(arn, key) for key in keys]
            connection.executemany("DELETE FROM tags WHERE arn = ? AND tag_key = ?", rows)
