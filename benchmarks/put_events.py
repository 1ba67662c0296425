"""PutEvents over HTTP: durable calls per second, by how many clients there are.

    .venv/bin/python -m benchmarks.put_events

Every call is one event, and is answered when its commit is on the disk; calls that come together share one. Beside it
stands what a commit of its own for each call would allow: one fsync after the other on the same disk, measured in the
same run. The table goes to benchmarks/results/put_events.md with --keep.
"""

from __future__ import annotations

import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.gateway import NOW_EPOCH_S, TRACKING_ID, USER_COUNT, fill, machine, running
from benchmarks.http_load import Load, capture, run_clients
from benchmarks.report import arguments, publish, table

RESULT = Path(__file__).parent / "results" / "put_events.md"
HEAD = ("clients", "p50 ms", "p99 ms", "calls/s, durable", "calls/s per core")
CLIENT_COUNTS = (1, 8, 64, 256)
REQUEST_COUNT = 512
SYNC_ROUNDS = 200


def requests(port: int) -> list[bytes]:
    """Make calls of many readers, as boto3 does."""
    sent_at = datetime.fromtimestamp(NOW_EPOCH_S, UTC)

    def calls(client: Any) -> None:
        for number in range(REQUEST_COUNT):
            user_id = f"u{number * 7 % USER_COUNT}"
            event = {"eventType": "view", "sentAt": sent_at, "itemId": f"i{number}"}
            client.put_events(trackingId=TRACKING_ID, userId=user_id, sessionId=f"s-{user_id}", eventList=[event])

    return capture("personalize-events", port, calls)


def stored_count(data_dir: Path) -> int:
    """Count the events in the database."""
    connection = sqlite3.connect(data_dir / "personalize" / "personalize.db")
    count = connection.execute("SELECT count(*) FROM streamed_events").fetchone()[0]
    connection.close()
    return int(count)


def sync_ms(folder: Path) -> float:
    """Measure one write with fsync: the median."""
    descriptor = os.open(folder / "sync", os.O_CREAT | os.O_RDWR)
    times_ms = []
    for place in range(SYNC_ROUNDS):
        os.pwrite(descriptor, b"x" * 4096, 4096 * place)
        started = time.perf_counter()
        os.fsync(descriptor)
        times_ms.append((time.perf_counter() - started) * 1000)
    os.close(descriptor)
    return statistics.median(times_ms)


def cells(client_count: int, load: Load, cpu_s: float) -> tuple[str, ...]:
    """Give one line of the table."""
    percentiles = statistics.quantiles(load.latencies_ms, n=100)
    per_core = load.answer_count / cpu_s
    latencies = (f"{percentiles[49]:.2f}", f"{percentiles[98]:.2f}")
    return (str(client_count), *latencies, f"{load.rate:,.0f}", f"{per_core:,.0f}")


def run(client_counts: Sequence[int], seconds: float) -> list[str]:
    """Measure all, give the lines of the report."""
    rows = []
    with tempfile.TemporaryDirectory(dir=".") as folder:
        data_dir = Path(folder)
        fill(data_dir, 1000, has_model=False)
        disk_ms = sync_ms(data_dir)
        answered = 0
        with running(data_dir) as gateway:
            sent = requests(gateway.port)
            for client_count in client_counts:
                before = gateway.usage()
                load = run_clients(gateway.port, sent, client_count, seconds)
                assert not load.failures, load.failures
                answered += load.answer_count
                rows.append(cells(client_count, load, gateway.usage().cpu_s - before.cpu_s))
        stored = stored_count(data_dir)
    assert stored >= answered, (stored, answered)
    lines = [
        *table(HEAD, rows),
        "",
        f"One fsync: {disk_ms:.2f} ms, that is {1000 / disk_ms:,.0f} calls/s with a commit for each.",
    ]
    lines.append(f"Afterwards the database holds {stored:,} events; {answered:,} calls were answered.")
    return lines


def main() -> None:
    """Run the benchmark and print its table."""
    parser = arguments(__doc__)
    parser.add_argument("--clients", type=int, nargs="+", default=CLIENT_COUNTS)
    parser.add_argument("--seconds", type=float, default=8.0, help="of each measurement")
    given = parser.parse_args()
    described = machine()
    publish("PutEvents", described, run(given.clients, given.seconds), RESULT if given.keep else None)


if __name__ == "__main__":
    main()
