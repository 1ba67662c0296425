"""A batch inference of many users, from S3 to S3: users per second and memory by the number of lines.

    .venv/bin/python -m benchmarks.batch_inference

The dataset group has a million users with ten events each; the model is a factor model of 64 dimensions over 10,000
items; every line asks for 25 items. The job runs in a process of its own, as the service runs it, with its forks; a
stand-in for S3 gives the input and takes the output, in parts. The table goes to benchmarks/results/batch_inference.md
with --keep.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.gateway import GROUP, NOW_EPOCH_S, SCHEMAS, SCOPE, fill, machine
from benchmarks.report import arguments, publish, table
from benchmarks.s3_stand_in import s3_stand_in
from personalize_local.jobs.context import JobContext
from personalize_local.jobs.settings import Settings
from personalize_local.runtime import batch_inference
from personalize_local.store.datasets import FULL, BulkFile
from personalize_local.store.duck import open_duckdb, save_parquet
from personalize_local.store.jobs import RUNNING, Job
from personalize_local.store.resources import Resource
from personalize_local.store.workspace import Workspace

RESULT = Path(__file__).parent / "results" / "batch_inference.md"
USER_COUNT = 1_000_000
EVENTS_PER_USER = 10
ITEM_COUNT = 10_000
HEAD = (
    "lines",
    "first chunk s",
    "all s",
    "users/s",
    "per s of processor",
    "peak MiB",
    "of a fork",
    "output MiB in parts",
)
LINE_COUNTS = (10_000, 100_000, 1_000_000)
JOB_ARN = SCOPE.arn("batch-inference-job", GROUP)


def fill_users(data_dir: Path) -> None:
    """Make the dataset group, with its job."""
    fill(data_dir, ITEM_COUNT)
    workspace = Workspace(data_dir)
    dataset_arn = SCOPE.dataset_arn(GROUP, "INTERACTIONS")
    path = workspace.datasets.stage(dataset_arn, "users") / "0.parquet"
    rows = f"""SELECT 'u' || (range % {USER_COUNT}) AS USER_ID, 'i' || (hash(range) % {ITEM_COUNT}) AS ITEM_ID,
        {NOW_EPOCH_S} - (hash(range * 3) % 10000000)::BIGINT AS TIMESTAMP, 'view' AS EVENT_TYPE
        FROM range({USER_COUNT * EVENTS_PER_USER}) ORDER BY USER_ID, TIMESTAMP"""
    with open_duckdb(workspace.datasets.spill_folder) as database:
        count = save_parquet(database, rows, path)
    columns = tuple(field["name"] for field in SCHEMAS["INTERACTIONS"])
    now = datetime.fromtimestamp(NOW_EPOCH_S, UTC)
    body = {
        "solution_version_arn": SCOPE.solution_version_arn(GROUP, "1"),
        "num_results": 25,
        "job_input": {"s3_data_source": {"path": "s3://data/in/users.json"}},
        "job_output": {"s3_data_destination": {"path": "s3://data/out/"}},
    }
    with workspace.database.transaction() as connection:
        workspace.datasets.publish(connection, dataset_arn, [BulkFile(path, count, columns, 0)], FULL)
        job = Resource("batch-inference-job", JOB_ARN, GROUP, SCOPE, None, "CREATE PENDING", body, now, now)
        workspace.resources.insert(connection, job)
    workspace.close()


def run_job(data_dir: Path) -> None:
    """Be the job's process; print what it took."""
    begun: list[float] = []

    def report(text: str, fraction: float) -> None:
        if text.startswith("Answering") and not begun:
            begun.append(time.perf_counter())

    payload = {"account_id": SCOPE.account_id, "region": SCOPE.region, "now_epoch_s": NOW_EPOCH_S}
    now = datetime.fromtimestamp(NOW_EPOCH_S, UTC)
    job = Job("benchmark", "batch-inference", JOB_ARN, payload, RUNNING, 1, now)
    started = time.perf_counter()
    result = batch_inference.run(JobContext(Workspace(data_dir, worker=True), job, payload, report))
    ended = time.perf_counter()
    peaks = [resource.getrusage(who).ru_maxrss * 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    counts = result["resource"]["line_counts"]
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu_s = sum(each.ru_utime + each.ru_stime for each in used)
    told = {"seconds": ended - started, "reading_s": begun[0] - started, "cpu_s": cpu_s, "peaks": peaks, **counts}
    print(json.dumps(told))  # noqa: T201


def measure(data_dir: Path, line_count: int) -> tuple[str, ...]:
    """Run a job of so many lines; give the cells of a line."""
    lines = "".join(f'{{"userId":"u{place * 7919 % USER_COUNT}"}}\n' for place in range(line_count))
    with s3_stand_in({"in/users.json": lines.encode()}) as s3:
        environment = os.environ | Settings().worker_environment | {"AWS_ENDPOINT_URL": s3.url}
        command = [sys.executable, "-m", "benchmarks.batch_inference", "--folder", str(data_dir)]
        found = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, env=environment).stdout)
        output = s3.received["out/users.json.out"]
    if not (output.is_whole and output.line_count == found["answered"] == line_count):
        raise RuntimeError(f"{output} does not hold {line_count} answers")
    own, forked = (f"{peak / 2**20:,.0f}" for peak in found["peaks"])
    rates = (f"{line_count / found[name]:,.0f}" for name in ("seconds", "cpu_s"))
    size = f"{output.size_bytes / 2**20:,.0f} in {output.part_count}"
    return (f"{line_count:,}", f"{found['reading_s']:.1f}", f"{found['seconds']:.1f}", *rates, own, forked, size)


def main() -> None:
    """Run the benchmark and print its table; with a folder, be the process that is measured."""
    parser = arguments(__doc__)
    parser.add_argument("--lines", type=int, nargs="+", default=LINE_COUNTS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.folder is not None:
        run_job(given.folder)
        return
    described = machine()
    with tempfile.TemporaryDirectory() as folder:
        fill_users(Path(folder))
        lines = table(HEAD, [measure(Path(folder), count) for count in given.lines])
    publish("Batch inference", described, lines, RESULT if given.keep else None)


if __name__ == "__main__":
    main()
