"""Import and training of the statistics layer: seconds and memory by the number of events.

    .venv/bin/python -m benchmarks.training_scale --keep

Readers go from item to item: four times in ten to the one that follows it, else to any by popularity, which falls with
a power of the rank. The file is imported in a process of its own, as an import job does it; another process trains
aws-user-personalization without the sequence layer, as a training job does it: reads the events, fits, measures, fits
on everything, and writes the artifact; the parts of the blend are fitted in forks, one for each core. Processor seconds
are those of all processes, starting them included; beside other work they tell more than the clock. The table goes to
benchmarks/results/training_scale.md with --keep.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb

from benchmarks.gateway import NOW_EPOCH_S, machine
from benchmarks.import_data import _schema, import_file
from benchmarks.report import arguments, publish, table
from personalize_local.spread.settings import spread_of
from personalize_local.store.dataset_files import BulkFile
from personalize_local.store.interaction_merge import read_interactions
from personalize_local.training.train import train_solution_version
from personalize_local.training.training_request import NEVER, TrainingRequest

RESULT = Path(__file__).parent / "results" / "training_scale.md"
SIZES = ((1_000_000, 10_000), (10_000_000, 100_000))
ROWS_PER_USER = 50
STEEPNESS = 3  # of popularity: an item's rank is a random number to this power
FOLLOWS = 4  # of ten
HEAD = (
    "events",
    "items",
    "import s",
    "peak MiB",
    "of both: processor s",
    "of training: reading s",
    "training s",
    "peak MiB",
    "of a fork",
    "both s",
    "NDCG@10",
)


def write_csv(path: Path, row_count: int, item_count: int) -> None:
    """Write histories of 50 events, one reader after the other."""
    ranked = f"floor(pow((hash(floor(range / 2) * 7) % 1000003) / 1000003.0, {STEEPNESS}) * {item_count})::BIGINT"
    follows = f"range % 2 = 1 AND hash(range * 11) % 10 < {FOLLOWS}"
    alone = f"floor(pow((hash(range * 13) % 1000003) / 1000003.0, {STEEPNESS}) * {item_count})::BIGINT"
    query = f"""SELECT 'user-' || range // {ROWS_PER_USER} AS USER_ID,
        'item-' || CASE WHEN {follows} THEN ({ranked} + 1) % {item_count} WHEN range % 2 = 0 THEN {ranked}
        ELSE {alone} END AS ITEM_ID,
        {NOW_EPOCH_S} - 10000000 + (range % {ROWS_PER_USER}) * 190000 + hash(range * 3) % 100000 AS TIMESTAMP,
        'view' AS EVENT_TYPE FROM range({row_count})"""
    connection = duckdb.connect(config={"memory_limit": "1GB"})
    connection.execute(f"COPY ({query}) TO '{path}' (FORMAT csv, HEADER)")


def train(folder: Path) -> dict[str, float]:
    """Train on what was imported; give seconds of all and of reading, peak bytes, and NDCG@10."""
    columns = tuple(field.name for field in _schema().fields)
    row_count = duckdb.sql(f"SELECT count(*) FROM '{folder / 'rows.parquet'}'").fetchall()[0][0]
    started = time.perf_counter()
    file = BulkFile(folder / "rows.parquet", row_count, columns, 0)
    table = read_interactions([file], [], _schema(), (), folder / "spill")
    read_s = time.perf_counter() - started
    request = TrainingRequest("aws-user-personalization", sequence_layer=NEVER)
    result = train_solution_version(request, table, None, folder / "model", lambda *_: None, spread=spread_of())
    return {
        "seconds": time.perf_counter() - started,
        "read_s": read_s,
        "bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "fork_bytes": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024,
        "ndcg": result.metrics["normalized_discounted_cumulative_gain_at_10"],
    }


PHASES: Mapping[str, Callable[[Path], dict[str, float]]] = {"import": import_file, "train": train}


def measure(row_count: int, item_count: int, scratch: Path) -> list[str]:
    """Measure one size, each phase in a process of its own; give the cells of a line."""
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        write_csv(Path(folder) / "rows.csv", row_count, item_count)
        found = {}
        for phase in PHASES:
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            command = [sys.executable, "-m", "benchmarks.training_scale", "--folder", folder, "--phase", phase]
            found[phase] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            found[phase]["cpu_s"] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    imported, trained = found["import"], found["train"]
    seconds = imported["seconds"] + trained["seconds"]
    cells = [f"{row_count:,}", f"{item_count:,}", f"{imported['seconds']:.1f}", f"{imported['bytes'] / 2**20:,.0f}"]
    cells += [
        f"{imported['cpu_s'] + trained['cpu_s']:.1f}",
        f"{trained['read_s']:.1f}",
        f"{trained['seconds']:.1f}",
        f"{trained['bytes'] / 2**20:,.0f}",
        f"{trained['fork_bytes'] / 2**20:,.0f}",
    ]
    return [*cells, f"{seconds:.1f}", str(trained["ndcg"])]


def main() -> None:
    """Run the benchmark and print its table; with a folder, be the process that is measured."""
    parser = arguments(__doc__)
    parser.add_argument("--size", type=int, nargs=2, action="append", metavar=("EVENTS", "ITEMS"))
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()), help="where the files go")
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--phase", choices=PHASES, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.folder is not None:
        print(json.dumps(PHASES[given.phase](given.folder)))  # noqa: T201
        return
    described = machine()
    lines = table(HEAD, [measure(*size, given.scratch) for size in given.size or SIZES])
    publish("Import and training of the statistics", described, lines, RESULT if given.keep else None)


if __name__ == "__main__":
    main()
