"""Importing interactions, and reading them for training: seconds and memory by the number of rows.

    .venv/bin/python -m benchmarks.import_data

Each size is imported in a process of its own, as an import job does it: a CSV file through the reader of the customer's
dialect, the checks, the conversion and the sorting. Another process reads the arrays that training gets, and a third
counts what the events showed, as the runtime does it. The table goes to benchmarks/results/import_data.md with --keep.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import duckdb

from benchmarks.gateway import NOW_EPOCH_S, SCHEMAS, machine
from benchmarks.report import arguments, publish, table
from personalize_local.store.csv_import import convert_csv
from personalize_local.store.csv_lines import CsvLines
from personalize_local.store.dataset_files import BulkFile
from personalize_local.store.impression_counts import count_impressions
from personalize_local.store.interaction_merge import read_interactions
from personalize_spec.schemas import DatasetSchema, parse_schema

RESULT = Path(__file__).parent / "results" / "import_data.md"
SIZES = ((1_000_000, 0), (10_000_000, 0), (50_000_000, 0), (10_000_000, 10))  # rows, items shown in each
IMPRESSION_FIELD = {"name": "IMPRESSION", "type": ["null", "string"]}
CHUNK_BYTES = 8 << 20
ROWS_PER_USER = 50
ITEM_COUNT = 50_000
HEAD = (
    *("rows", "shown in each", "CSV MiB", "import s", "peak MiB"),
    *("reading s", "peak MiB", "counting what was shown s", "peak MiB", "Parquet MiB"),
)


def write_csv(path: Path, row_count: int, shown_count: int) -> None:
    """Write interactions of many users in no order, each with items that were shown beside."""
    users = max(1, row_count // ROWS_PER_USER)
    shown = " || '|' || ".join(f"'item-' || hash(range * {11 + place}) % {ITEM_COUNT}" for place in range(shown_count))
    impression = f", {shown} AS IMPRESSION" if shown else ""
    query = f"""SELECT 'user-' || hash(range) % {users} AS USER_ID,
        'item-' || hash(range * 7) % {ITEM_COUNT} AS ITEM_ID,
        {NOW_EPOCH_S} - hash(range * 3) % 10000000 AS TIMESTAMP, 'view' AS EVENT_TYPE{impression}
        FROM range({row_count})"""
    connection = duckdb.connect(config={"memory_limit": "1GB"})
    connection.execute(f"COPY ({query}) TO '{path}' (FORMAT csv, HEADER)")


def import_file(folder: Path) -> dict[str, float]:
    """Import the file of a folder; give seconds, peak bytes, and rows."""
    started = time.perf_counter()
    with (folder / "copy.csv").open("wb") as copy:
        for block in CsvLines().rewrite(_chunks(folder / "rows.csv")):
            copy.write(block)
    converted = convert_csv(folder / "copy.csv", folder / "rows.parquet", _schema(), folder / "spill")
    return _measured(started, converted.imported_count)


def read_file(folder: Path) -> dict[str, float]:
    """Read what was imported, as a training does; give seconds, peak bytes, and rows."""
    file = _imported(folder)
    started = time.perf_counter()
    return _measured(started, len(read_interactions([file], [], _schema(), (), folder / "spill")))


def count_shown(folder: Path) -> dict[str, float]:
    """Count what the imported events showed; give seconds, peak bytes, and items."""
    file = _imported(folder)
    started = time.perf_counter()
    return _measured(started, len(count_impressions([file], folder / "spill").item_ids))


PHASES: Mapping[str, Callable[[Path], dict[str, float]]] = {
    "import": import_file,
    "read": read_file,
    "count": count_shown,
}


def _imported(folder: Path) -> BulkFile:
    row_count = duckdb.sql(f"SELECT count(*) FROM '{folder / 'rows.parquet'}'").fetchall()[0][0]
    return BulkFile(folder / "rows.parquet", row_count, tuple(field.name for field in _schema().fields), 0)


def _schema() -> DatasetSchema:
    record = {"type": "record", "name": "Interactions", "namespace": "benchmark", "version": "1.0"}
    return parse_schema(json.dumps(record | {"fields": [*SCHEMAS["INTERACTIONS"], IMPRESSION_FIELD]}))


def _measured(started: float, rows: int) -> dict[str, float]:
    peak_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"seconds": time.perf_counter() - started, "bytes": peak_bytes, "rows": rows}


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def measure(row_count: int, shown_count: int, scratch: Path) -> list[str]:
    """Measure one size, each phase in a process of its own; give the cells of a line."""
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        write_csv(Path(folder) / "rows.csv", row_count, shown_count)
        size = (Path(folder) / "rows.csv").stat().st_size
        cells = [f"{row_count:,}", str(shown_count), f"{size / 2**20:,.0f}"]
        for phase in PHASES:
            command = [sys.executable, "-m", "benchmarks.import_data", "--folder", folder, "--phase", phase]
            found = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
            cells += [f"{found['seconds']:.1f}", f"{found['bytes'] / 2**20:,.0f}"]
        stored = (Path(folder) / "rows.parquet").stat().st_size
    return [*cells, f"{stored / 2**20:,.0f}"]


def main() -> None:
    """Run the benchmark and print its table; with a folder, be the process that is measured."""
    parser = arguments(__doc__)
    parser.add_argument("--size", type=int, nargs=2, action="append", help="rows, and how many items each shows")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()), help="where the files go")
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--phase", choices=PHASES, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.folder is not None:
        print(json.dumps(PHASES[given.phase](given.folder)))  # noqa: T201
        return
    described = machine()
    lines = table(HEAD, [measure(*size, given.scratch) for size in given.size or SIZES])
    publish("Importing interactions", described, lines, RESULT if given.keep else None)


if __name__ == "__main__":
    main()
