"""The resources that exist: one row each, with their ARN, their place and their members.

A resource's `body` holds the members of its Describe structure in snake case, plus members of the service's own (the
wire writes out only what the API's structure has). Kind, name, ARN, status and times are columns, not members.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from personalize_local.store.database import Database, from_epoch_ms, to_epoch_ms
from personalize_spec.arns import Scope

TABLES = """
CREATE TABLE resources (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  arn TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  region TEXT NOT NULL,
  account_id TEXT NOT NULL,
  partition TEXT NOT NULL,
  parent_arn TEXT,
  status TEXT NOT NULL,
  body TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL
);
CREATE UNIQUE INDEX resource_names ON resources (kind, region, account_id, name)
  WHERE kind NOT IN ('dataset', 'solution-version');
CREATE INDEX resource_children ON resources (parent_arn, kind, seq);
"""

KEPT_QUERIES = 1000  # per thread
TABLE = "resources"

_COLUMNS = "seq, kind, arn, name, region, account_id, partition, parent_arn, status, body, created_ms, updated_ms"


class ResourceExistsError(Exception):
    """The ARN, or the name among the resources of its kind, is taken."""


@dataclass(frozen=True)
class Resource:
    """One resource. `seq` is its place in order of creation, 0 before it is stored."""

    kind: str
    arn: str
    name: str
    scope: Scope
    parent_arn: str | None
    status: str
    body: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    seq: int = field(default=0, compare=False)


class ResourceStore:
    """Resources in SQLite.

    Methods that write take the connection of the caller's transaction; methods that read take one when they must see
    that transaction's own writes, and read what is committed otherwise.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: list[Callable[[str], None]] = []
        self._committed = threading.local()  # what this thread read since resources were last changed

    def subscribe(self, listener: Callable[[str], None]) -> None:
        """Have `listener(arn)` called for every resource that is forgotten, before that is committed."""
        self._listeners.append(listener)

    def insert(self, connection: sqlite3.Connection, resource: Resource) -> None:
        """Store a new resource.

        Errors: ResourceExistsError when its ARN or name is taken.
        """
        self._database.touch(TABLE)
        scope = resource.scope
        values = (
            *(resource.kind, resource.arn, resource.name, scope.region, scope.account_id, scope.partition),
            *(resource.parent_arn, resource.status, json.dumps(resource.body)),
            *(to_epoch_ms(resource.created_at), to_epoch_ms(resource.updated_at)),
        )
        try:
            connection.execute(
                "INSERT INTO resources (kind, arn, name, region, account_id, partition, parent_arn, status, body,"
                " created_ms, updated_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values,
            )
        except sqlite3.IntegrityError as error:
            raise ResourceExistsError(resource.arn) from error

    def get(self, arn: str, connection: sqlite3.Connection | None = None) -> Resource | None:
        """Give the resource with this ARN."""
        rows = self._select(connection, "arn = ?", [arn])
        return rows[0] if rows else None

    def find(self, kind: str, scope: Scope, name: str, connection: sqlite3.Connection | None = None) -> Resource | None:
        """Give the resource of this kind and name in an account and region."""
        condition = "kind = ? AND region = ? AND account_id = ? AND name = ?"
        rows = self._select(connection, condition, [kind, scope.region, scope.account_id, name])
        return rows[0] if rows else None

    def list(
        self,
        kind: str,
        scope: Scope | None = None,
        parent_arn: str | None = None,
        *,
        after_seq: int = 0,
        limit: int | None = None,
        connection: sqlite3.Connection | None = None,
    ) -> list[Resource]:
        """Give resources of a kind, oldest first; only those of a scope, of a parent, after a place, when given."""
        condition = "kind = ? AND seq > ?"
        values: list[Any] = [kind, after_seq]
        if scope is not None:
            condition += " AND region = ? AND account_id = ?"
            values += [scope.region, scope.account_id]
        if parent_arn is not None:
            condition += " AND parent_arn = ?"
            values.append(parent_arn)
        return self._select(connection, condition, values, limit)

    def children(self, arn: str, connection: sqlite3.Connection | None = None) -> list[Resource]:
        """Give every resource whose parent this is, oldest first."""
        return self._select(connection, "parent_arn = ?", [arn])

    def update(
        self,
        connection: sqlite3.Connection,
        arn: str,
        now: datetime,
        *,
        status: str | None = None,
        parent_arn: str | None = None,
        changes: Mapping[str, Any] | None = None,
    ) -> None:
        """Change what is given of a resource: its status, its parent, some of its members."""
        resource = self.get(arn, connection)
        if resource is None:
            return
        self._database.touch(TABLE)
        body = json.dumps(resource.body | dict(changes or {}))
        connection.execute(
            "UPDATE resources SET status = ?, parent_arn = ?, body = ?, updated_ms = ? WHERE arn = ?",
            (status or resource.status, parent_arn or resource.parent_arn, body, to_epoch_ms(now), arn),
        )

    def delete(self, connection: sqlite3.Connection, arn: str) -> None:
        """Forget a resource."""
        self._database.touch(TABLE)
        connection.execute("DELETE FROM resources WHERE arn = ?", (arn,))
        for listener in self._listeners:
            listener(arn)

    def _select(
        self, connection: sqlite3.Connection | None, condition: str, values: Iterable[Any], limit: int | None = None
    ) -> list[Resource]:
        given = (*values, -1 if limit is None else limit)
        if connection is not None:
            return _fetch(connection, condition, given)
        version = self._database.version(TABLE)  # before the rows: what is newer than it is only read again
        found: dict[tuple[Any, ...], list[Resource]] = getattr(self._committed, "found", {})
        if getattr(self._committed, "version", None) != version or len(found) > KEPT_QUERIES:
            found = {}
        self._committed.version, self._committed.found = version, found
        if (condition, given) not in found:
            found[condition, given] = _fetch(self._database.read(), condition, given)
        return list(found[condition, given])


def _fetch(connection: sqlite3.Connection, condition: str, values: tuple[Any, ...]) -> list[Resource]:
    statement = f"SELECT {_COLUMNS} FROM resources WHERE {condition} ORDER BY seq LIMIT ?"
    return [_resource(row) for row in connection.execute(statement, values)]


def _resource(row: sqlite3.Row) -> Resource:
    return Resource(
        kind=row["kind"],
        arn=row["arn"],
        name=row["name"],
        scope=Scope(row["region"], row["account_id"], row["partition"]),
        parent_arn=row["parent_arn"],
        status=row["status"],
        body=json.loads(row["body"]),
        created_at=from_epoch_ms(row["created_ms"]),
        updated_at=from_epoch_ms(row["updated_ms"]),
        seq=row["seq"],
    )
