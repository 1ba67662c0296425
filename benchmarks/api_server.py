"""The API as a server under load: requests per second, and whose processor time they take.

On two cores the local cloud and the clients have to share them with the server, so the rate says how fast all of them
are together, on a machine with nothing else to do. Processor time per request says what each of them takes, whatever
else runs; a thousand divided by the server's is what one core of its own would answer, and two thousand by the sum is
what two cores can do with everything on them.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.api_cloud import api_variables, free_port, wait_for
from benchmarks.http_load import Load, run_clients
from benchmarks.processor_time import descendants, processor_s, split_by_command, with_variable
from benchmarks.report import table

SERVE = Path(__file__).resolve().parents[1] / "api" / "serve.py"
SERVER, PERSONALIZE, EMULATOR, CLIENTS = "server", "Personalize", "DynamoDB", "clients"
WARM_UP_S = 20.0  # until each process has read the articles once, as within the first minute of a day
CORES = 2


@dataclass(frozen=True)
class Served:
    """What a load came to. Units: milliseconds of processor time for each request, by who used it."""

    load: Load
    processor_ms: dict[str, float]

    @property
    def per_core(self) -> float:
        """Requests that one core answers, if it does nothing else than be the server."""
        return 1000 / self.processor_ms[SERVER]

    @property
    def possible(self) -> float:
        """Requests per second that two cores can do with everything on them."""
        return CORES * 1000 / sum(self.processor_ms.values())


def serve_and_load(
    requests_of: Sequence[bytes], clients: Sequence[int], seconds: float, *, workers: int, cloud_port: int
) -> dict[int, Served]:
    """Run the server beside a cloud and load it, with each number of clients in turn."""
    port = free_port()
    command = [sys.executable, str(SERVE), "--port", str(port), "--workers", str(workers)]
    process = subprocess.Popen(command, env=os.environ | api_variables(), stdout=subprocess.DEVNULL)
    try:
        wait_for(port, "/health")
        run_clients(port, requests_of, max(clients), WARM_UP_S)
        return {count: _measure(port, requests_of, count, seconds, process.pid, cloud_port) for count in clients}
    finally:
        process.terminate()
        process.wait()


def _measure(
    port: int, requests_of: Sequence[bytes], count: int, seconds: float, server_id: int, cloud_port: int
) -> Served:
    cloud = with_variable("PERSONALIZE_LOCAL_PORT", str(cloud_port))
    groups = split_by_command(cloud, {EMULATOR: "cloud.emulator"}, PERSONALIZE) | {SERVER: descendants(server_id)}
    before = {name: processor_s(members) for name, members in groups.items()}
    load = run_clients(port, requests_of, count, seconds)
    used_s = {name: processor_s(members) - before[name] for name, members in groups.items()} | {CLIENTS: load.cpu_s}
    return Served(load, {name: used * 1000 / load.answer_count for name, used in used_s.items()})


def served_table(served: dict[int, Served], workers: int) -> list[str]:
    """Give the lines of the table of what was served, by the number of clients."""
    users = (SERVER, PERSONALIZE, EMULATOR, CLIENTS)
    head = ("server", "clients", "requests/s", "p50 ms", "p99 ms", "not 200")
    head += (*(f"{name} ms each" for name in users), "per core of the server", "two cores can do")
    rows = []
    for count, one in served.items():
        cuts = statistics.quantiles(one.load.latencies_ms, n=100)
        cells = (f"{workers} processes", str(count), f"{one.load.rate:,.0f}", f"{cuts[49]:.1f}", f"{cuts[98]:.1f}")
        cells += (str(sum(one.load.failures.values())), *(f"{one.processor_ms[name]:.2f}" for name in users))
        rows.append((*cells, f"{one.per_core:,.0f}/s", f"{one.possible:,.0f}/s"))
    return table(head, rows)
