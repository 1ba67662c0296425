"""GetRecommendations over HTTP: catalogues × clients × filter, with latency, rate, processor time and memory.

    .venv/bin/python -m benchmarks.serving

Beside each catalogue stands what no exact answer can beat: one pass over the item vectors at the speed of this
machine's memory, measured in the same run; the ratio is to what all cores get together. Rates per core are answers per
second of processor time of the server, so that other work on the machine does not count. The table goes to
benchmarks/results/serving.md with --keep.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.gateway import CAMPAIGN_ARN, DIMENSION, FILTER_ARN, USER_COUNT, Gateway, fill, machine, running
from benchmarks.http_load import Load, ask, capture, run_clients
from benchmarks.report import arguments, publish, table

RESULT = Path(__file__).parent / "results" / "serving.md"
ITEM_COUNTS = (10_000, 100_000, 1_000_000)
CLIENT_COUNTS = (1, 8, 64)
REQUEST_COUNT = 512
ROUNDS = 9


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    item_count: int
    has_filter: bool
    client_count: int
    load: Load
    server_cpu_s: float
    memory: tuple[int, int]

    def cells(self) -> tuple[str, ...]:
        percentiles = statistics.quantiles(self.load.latencies_ms, n=100)
        per_core = self.load.answer_count / self.server_cpu_s
        anonymous, mapped = self.memory
        return (
            f"{self.item_count:,}",
            "yes" if self.has_filter else "no",
            str(self.client_count),
            f"{percentiles[49]:.2f}",
            f"{percentiles[98]:.2f}",
            f"{self.load.rate:,.0f}",
            f"{per_core:,.0f}",
            f"{anonymous / 2**20:,.0f} + {mapped / 2**20:,.0f}",
        )


def requests(port: int, *, has_filter: bool) -> list[bytes]:
    """Make requests of many readers, as boto3 does."""

    def calls(client: Any) -> None:
        for number in range(REQUEST_COUNT):
            values = {"CATEGORY": f'"c{number % 12}"'}
            filtered = {"filterArn": FILTER_ARN, "filterValues": values} if has_filter else {}
            user_id = f"u{number * 7 % USER_COUNT}"
            client.get_recommendations(campaignArn=CAMPAIGN_ARN, userId=user_id, numResults=25, **filtered)

    return capture("personalize-runtime", port, calls)


def measure(gateway: Gateway, item_count: int, client_counts: Sequence[int], seconds: float) -> Iterator[Row]:
    """Load one catalogue in every way."""
    for has_filter in (False, True):
        sent = requests(gateway.port, has_filter=has_filter)
        ask(gateway.port, sent[0])
        for client_count in client_counts:
            before = gateway.usage()
            load = run_clients(gateway.port, sent, client_count, seconds)
            after = gateway.usage()
            assert not load.failures, load.failures
            memory = (after.anonymous_bytes, after.mapped_bytes)
            yield Row(item_count, has_filter, client_count, load, after.cpu_s - before.cpu_s, memory)


def one_pass_ms(item_count: int, core_count: int) -> float:
    """Measure how long the memory takes to give all item vectors once to so many cores: the median of some passes."""
    vectors = np.ones((item_count, DIMENSION), dtype=np.float32)
    shares = np.array_split(vectors, core_count)
    times_ms = []
    with ThreadPoolExecutor(core_count) as threads:
        for _ in range(ROUNDS):
            started = time.perf_counter()
            list(threads.map(np.max, shares))
            times_ms.append((time.perf_counter() - started) * 1000)
    return statistics.median(times_ms)


def tables(rows: Sequence[Row], limits_ms: dict[int, tuple[float, float]]) -> list[str]:
    """Give the lines of what was measured, and of how far it is from the limit; the latter needs one client."""
    head = ("items", "filter", "clients", "p50 ms", "p99 ms", "req/s", "req/s per core", "MiB own + mapped")
    lines = table(head, [row.cells() for row in rows])
    head = ("items", "item vectors", "pass by one core, ms", "pass by all cores, ms", "p50 of one client, ms", "ratio")
    alone = [row for row in rows if row.client_count == 1 and not row.has_filter]
    return [*lines, "", *table(head, [_distance(row, *limits_ms[row.item_count]) for row in alone])]


def _distance(row: Row, alone_ms: float, limit_ms: float) -> tuple[str, ...]:
    p50_ms = statistics.median(row.load.latencies_ms)
    size = f"{row.item_count * DIMENSION * 4 / 2**20:,.1f} MiB"
    times = (f"{alone_ms:.2f}", f"{limit_ms:.2f}", f"{p50_ms:.2f}", f"{p50_ms / limit_ms:.1f}")
    return (f"{row.item_count:,}", size, *times)


def run(item_counts: Sequence[int], client_counts: Sequence[int], seconds: float) -> list[str]:
    """Measure all, give the lines of the report."""
    rows: list[Row] = []
    limits_ms = {}
    for item_count in item_counts:
        with tempfile.TemporaryDirectory() as folder:
            fill(Path(folder), item_count)
            with running(Path(folder)) as gateway:
                rows.extend(measure(gateway, item_count, client_counts, seconds))
            limits_ms[item_count] = one_pass_ms(item_count, 1), one_pass_ms(item_count, os.cpu_count() or 1)
    return tables(rows, limits_ms)


def main() -> None:
    """Run the benchmark, print its table and keep it."""
    parser = arguments(__doc__)
    parser.add_argument("--items", type=int, nargs="+", default=ITEM_COUNTS)
    parser.add_argument("--clients", type=int, nargs="+", default=CLIENT_COUNTS)
    parser.add_argument("--seconds", type=float, default=8.0, help="of each measurement")
    given = parser.parse_args()
    described = machine()
    lines = run(given.items, given.clients, given.seconds)
    publish("Serving", described, lines, RESULT if given.keep else None)


if __name__ == "__main__":
    main()
