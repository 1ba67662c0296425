"""Open DuckDB for one piece of work: bounded memory, spilling into the data folder.

It is imported when it is first used: a server answers before it has read any bulk data.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

MEMORY_LIMIT = "1GB"
THREAD_COUNT = 2


@contextmanager
def open_duckdb(spill_folder: Path, memory_limit: str = MEMORY_LIMIT) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a private in-memory database that spills to `spill_folder` beyond its memory limit."""
    import duckdb

    spill_folder.mkdir(parents=True, exist_ok=True)
    own_folder = tempfile.mkdtemp(dir=spill_folder)  # processes must not share one
    settings = {
        "memory_limit": memory_limit,
        "threads": THREAD_COUNT,
        "temp_directory": own_folder,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    connection = duckdb.connect(":memory:", config=settings)
    try:
        yield connection
    finally:
        connection.close()
        shutil.rmtree(own_folder, ignore_errors=True)


def save_parquet(database: duckdb.DuckDBPyConnection, query: str, target: Path) -> int:
    """Write a query's rows under a temporary name, have them on the disk, then give the file its name; count them."""
    draft = target.with_suffix(".draft")
    copied = database.execute(
        f"COPY ({query}) TO {literal(draft)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 100000)"
    ).fetchone()
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(target)
    return int(copied[0]) if copied else 0


def literal(text: str | Path) -> str:
    """Quote a value for SQL text where DuckDB takes no parameter."""
    return "'" + str(text).replace("'", "''") + "'"


def identifier(name: str) -> str:
    """Quote a column name for SQL text."""
    return '"' + name.replace('"', '""') + '"'
