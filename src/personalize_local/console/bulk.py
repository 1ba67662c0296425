"""What was imported into a dataset group, read from where the import jobs read it: S3. Streamed events are not there.

Personalize has no operation that gives data back at once, so the pages look at the files of the last imports: all of
them within a budget of bytes for each dataset, of more the beginning of each file and pieces at even distances.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from personalize_local.console.account import Account
from personalize_local.console.background import Background, Progress
from personalize_local.console.imports import Imported, read_imported, sources_of
from personalize_spec.preflight import DataFile
from personalize_spec.preflight.sample import Piece, choose_pieces

if TYPE_CHECKING:
    import duckdb

DEFAULT_BUDGET_BYTES = 256 * 1024 * 1024
BLOCK_BYTES = 8 * 1024 * 1024
KEPT_GROUPS, WAIT_S = 2, 4.0
TABLES = {"Interactions": "interactions", "Items": "items", "Users": "users"}
_EMPTY = {
    "interactions": "SELECT ''::VARCHAR USER_ID, ''::VARCHAR ITEM_ID, ''::VARCHAR \"TIMESTAMP\" WHERE false",
    "items": "SELECT ''::VARCHAR ITEM_ID WHERE false",
    "users": "SELECT ''::VARCHAR USER_ID WHERE false",
}


@dataclass(frozen=True)
class Extent:
    """How much of a dataset was read. Units: bytes."""

    file_count: int
    total_bytes: int
    read_bytes: int
    changed_at: datetime | None

    @property
    def is_partial(self) -> bool:
        return self.read_bytes < self.total_bytes


@dataclass(frozen=True)
class GroupData:
    """A dataset group's imported rows as tables `interactions` (with `at_s`, seconds), `items`, `users`; all texts.

    `imported_at`: when the newest import was made, if any was. `key` changes with every import.
    """

    database: duckdb.DuckDBPyConnection
    columns: dict[str, list[str]]
    extents: dict[str, Extent]
    imported: dict[str, Imported]
    key: tuple[str, ...]

    @property
    def is_partial(self) -> bool:
        return any(extent.is_partial for extent in self.extents.values())

    @property
    def imported_at(self) -> datetime | None:
        return max((one.newest_at for one in self.imported.values() if one.newest_at), default=None)

    def ask(self, sql: str, **values: Any) -> list[dict[str, Any]]:
        """Give the rows of a query by column; names such as $user stand for the values."""
        cursor = self.database.cursor()
        cursor.execute(sql, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


class Bulk:
    """Reads groups' data once for each set of imports, aside, and keeps the last few.

    Args: budget_bytes: read of each dataset at most.
    """

    def __init__(self, account: Account, budget_bytes: int = DEFAULT_BUDGET_BYTES) -> None:
        self._account, self.budget_bytes = account, budget_bytes
        self._read: Background[GroupData] = Background(KEPT_GROUPS, WAIT_S)

    def read(self, group_arn: str) -> GroupData:
        """Give a group's data; empty tables where nothing was imported.

        Errors: StillReadingError.
        """
        imported = {kind: one for kind, one in read_imported(self._account, group_arn).items() if kind in TABLES}
        key = (group_arn, *sorted(piece for one in imported.values() for piece in one.key))
        return self._read.get(key, lambda tell: self._load(imported, key, tell))

    def close(self) -> None:
        self._read.close()

    def _load(self, imported: dict[str, Imported], key: tuple[str, ...], tell: Progress) -> GroupData:
        import duckdb  # only here: the server starts without it

        database = duckdb.connect()
        columns, extents = {}, {}
        for kind, table in TABLES.items():
            sources = sources_of(self._account, imported[kind]) if kind in imported else []
            files = [source.file for source in sources]
            pieces = choose_pieces(files, self.budget_bytes) if files else []
            with tempfile.TemporaryDirectory(prefix="personalize-console-") as folder:
                paths = _fetch(pieces, Path(folder), kind, tell)
                columns[table] = _create(database, table, paths)
            changed_at = max((source.changed_at for source in sources), default=None)
            read_bytes = sum(piece.end - piece.start for piece in pieces)
            extents[table] = Extent(len(files), sum(file.size_bytes for file in files), read_bytes, changed_at)
        return GroupData(database, columns, extents, imported, key)


def _fetch(pieces: list[Piece], folder: Path, kind: str, tell: Progress) -> list[str]:
    """Write the pieces as CSV files, each with its header; give their paths."""
    total, done = sum(piece.end - piece.start for piece in pieces), 0
    headers: dict[str, bytes] = {}
    paths = []
    for number, piece in enumerate(pieces):
        path = folder / f"{number}.csv"
        with path.open("wb") as file:
            if piece.start == 0 and piece.end == piece.file.size_bytes:
                for start in range(0, piece.end, BLOCK_BYTES):
                    tell(f"{kind}: {(done + start) / 1e6:,.0f} of {total / 1e6:,.0f} MB read.")
                    file.write(piece.file.read(start, min(start + BLOCK_BYTES, piece.end)))
            else:
                tell(f"{kind}: {done / 1e6:,.0f} of {total / 1e6:,.0f} MB read, a sample of the whole.")
                file.write(b"" if piece.start == 0 else _header(piece.file, headers) + b"\n")
                file.writelines(line + b"\n" for line in piece.lines())
        done += piece.end - piece.start
        paths.append(str(path))
    return paths


def _header(file: DataFile, known: dict[str, bytes]) -> bytes:
    if file.name not in known:
        known[file.name] = file.read(0, min(8192, file.size_bytes)).partition(b"\n")[0].rstrip(b"\r")
    return known[file.name]


def _create(database: duckdb.DuckDBPyConnection, table: str, files: list[str]) -> list[str]:
    options = "header=true, all_varchar=true, union_by_name=true, quote='\"', escape='\"'"
    source = f"SELECT * FROM read_csv($files, {options})" if files else _EMPTY[table]
    extra = ', TRY_CAST("TIMESTAMP" AS DOUBLE) AS at_s' if table == "interactions" else ""
    order = ' ORDER BY TRY_CAST("TIMESTAMP" AS DOUBLE)' if table == "interactions" else ""
    database.execute(
        f"CREATE TABLE {table} AS SELECT *{extra} FROM ({source}){order}", {"files": files} if files else {}
    )
    return [row[0] for row in database.execute(f"DESCRIBE {table}").fetchall() if row[0] != "at_s"]
