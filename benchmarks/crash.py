"""Kill Personalize with `kill -9` at random moments, again and again, and look whether anything it promised is lost.

    .venv/bin/python -m benchmarks.crash [--rounds 100] [--seed 1]

Six clients write all the time: events, items, users, schemas, dataset groups, filters, deletions, jobs of every kind
(imports, exports, deletions of users, trainings, batch inference, batch segments, recommenders), campaigns, updates.
After every kill the data folder is examined; after the next start, how long it took until the first answer. Every ten
rounds, and at the end, all work must come to its end: no job stuck, nothing failed. The table goes to
benchmarks/results/crash.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

from benchmarks.crash_checks import PENDING, folder_problems
from benchmarks.crash_client import LEAVING, Client, Facts
from benchmarks.crash_jobs import JOBS_PER_DRAIN, Orders, number_of, update_status
from benchmarks.crash_load import Load
from benchmarks.crash_stage import described, kind_of, objects, set_up, status_of, until
from benchmarks.s3_stand_in import Received, s3_stand_in

CLIENTS = 6
LONGEST_ROUND_S = 1.5
DRAIN_EVERY = 10
DRAIN_LIMIT_S = 180.0
RESTART_LIMIT_S = 5.0
POLL_S = 0.05
RESULTS = Path(__file__).parent / "results" / "crash.md"


@dataclass
class Report:
    """What happened."""

    rounds: int = 0
    restarts_s: list[float] = field(default_factory=list)
    drains_s: list[float] = field(default_factory=list)
    jobs: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


@contextmanager
def server(data_dir: Path, s3_url: str) -> Iterator[tuple[int, float]]:
    """Start the server; give its port and the seconds until its first answer. At the end it is killed."""
    environment = os.environ | {"AWS_ENDPOINT_URL_S3": s3_url, "AWS_SECRET_ACCESS_KEY": "test"}
    started = time.perf_counter()
    with (data_dir / "server.log").open("ab") as log:
        command = [sys.executable, "-m", "benchmarks.crash_server", str(data_dir)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=environment)
    try:
        port = int(process.stdout.readline())
        Client(port).call("ListDatasetGroups", {})
        yield port, time.perf_counter() - started
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()


def run(data_dir: Path, rounds: int, seed: int) -> tuple[Report, Facts]:
    """Kill the server so many times."""
    report, facts, orders, chance = Report(), Facts(), Orders(), random.Random(seed)
    with s3_stand_in(objects()) as stand_in:
        with server(data_dir, stand_in.url) as (port, _):
            stage = set_up(Client(port))
        for number in track(range(1, rounds + 1), description="Killing", console=Console(stderr=True)):
            with server(data_dir, stand_in.url) as (port, restart_s):
                report.restarts_s.append(restart_s)
                loads = [Load(port, stage, facts, orders, seed=chance.randrange(2**32)) for _ in range(CLIENTS)]
                threads = [threading.Thread(target=load.run) for load in loads]
                for thread in threads:
                    thread.start()
                time.sleep(chance.uniform(0.05, LONGEST_ROUND_S))
                if number == rounds:
                    until(lambda: facts.events and facts.records)  # however slow the machine: else nothing was tried
            for thread in threads:
                thread.join()
            report.rounds = number
            report.problems += [f"round {number}: {each}" for each in folder_problems(data_dir / "personalize", facts)]
            if number % DRAIN_EVERY == 0 or number == rounds:
                with server(data_dir, stand_in.url) as (port, restart_s):
                    report.restarts_s.append(restart_s)
                    drain(Client(port), facts, orders, stand_in.received, report)
    report.problems += facts.troubles
    return report, facts


def drain(client: Client, facts: Facts, orders: Orders, stored: Mapping[str, Received], report: Report) -> None:
    """Wait until nothing is on its way any more, and look how everything ended."""
    started = time.perf_counter()
    open_arns = dict(facts.resources)
    while open_arns and time.perf_counter() - started < DRAIN_LIMIT_S:
        for arn, state in list(open_arns.items()):
            found = described(client, arn)
            if found is None or found.get("status", "ACTIVE") not in PENDING:
                del open_arns[arn]
                report.problems += _ending(arn, state, found, stored)
        time.sleep(POLL_S)
    report.problems += [f"{arn} is stuck on {status_of(client, arn)}" for arn in open_arns]
    for arn, number in orders.acknowledged.items():
        report.problems += _updated(client, arn, number)
    report.drains_s.append(time.perf_counter() - started)
    for arn in [arn for arn, state in facts.resources.items() if state == LEAVING]:
        del facts.resources[arn]
    report.jobs.update(kind_of(arn) for arn in facts.resources)
    for arn in [arn for arn in facts.resources if kind_of(arn).endswith("-job")]:
        del facts.resources[arn]
    orders.left = JOBS_PER_DRAIN


def _ending(arn: str, state: str, found: Mapping[str, Any] | None, stored: Mapping[str, Received]) -> Iterator[str]:
    """Give what is wrong with how something ended: its status, or a job's output."""
    status = None if found is None else found.get("status", "ACTIVE")
    if state == LEAVING and found is not None:
        yield f"{arn} was deleted and is {status}"
    if state == LEAVING or found is None or status not in ("ACTIVE", "COMPLETED"):
        if state != LEAVING:
            yield f"{arn} ended as {status}: {(found or {}).get('failureReason')}"
    elif "jobOutput" in found and not _has_whole(stored, f"out/{found['jobName']}/"):
        yield f"{arn} is {status} and has written nothing"


def _has_whole(stored: Mapping[str, Received], prefix: str) -> bool:
    """Tell whether a file was put under the prefix and not broken off."""
    return any(key.startswith(prefix) and entry.is_whole for key, entry in list(stored.items()))


def _updated(client: Client, arn: str, number: int) -> Iterator[str]:
    """Wait for the last update of a resource to end; give what is wrong with it."""
    until(lambda: update_status(described(client, arn) or {}) not in PENDING)
    found = described(client, arn) or {}
    if update_status(found) != "ACTIVE":
        yield f"the update of {arn} ended as {update_status(found)}"
    elif number_of(found) < number:
        yield f"{arn} shows update {number_of(found)}; {number} was acknowledged"


def table(report: Report, facts: Facts, seed: int) -> str:
    """Give the report as Markdown."""
    calls = "\n".join(
        f"| {operation} | {facts.calls[operation]:,} | {facts.calls[f'{operation} refused']:,} |"
        for operation in sorted(name for name in facts.calls if not name.endswith(" refused"))
    )
    packages = ", ".join(f"{name} {version(name)}" for name in ("personalize-local", "duckdb", "uvicorn"))
    ended = "\n".join(f"| {kind} | {count:,} |" for kind, count in sorted(report.jobs.items()))
    problems = "\n".join(f"* {problem}" for problem in report.problems) or "None."
    restarts = sorted(report.restarts_s)
    return f"""# Killed at random moments

`kill -9` {report.rounds} times under a mixed load of {CLIENTS} clients, benchmarks/crash.py, seed {seed}.
{machine()}; Python {platform.python_version()}, {packages}.

| | |
|---|---|
| kills | {report.rounds} |
| acknowledged events, all there | {len(facts.events):,} |
| acknowledged items and users, all there | {len(facts.records):,} |
| resources found as they should be, added up over all looks | {sum(report.jobs.values()):,} |
| restart, start of the process to the first answer | median {statistics.median(restarts):.2f} s, longest {restarts[-1]:.2f} s |
| all work done after the last kill of ten | median {statistics.median(report.drains_s):.1f} s, longest {max(report.drains_s):.1f} s |
| problems | {len(report.problems)} |

## Calls

| operation | acknowledged | refused |
|---|---|---|
{calls}

Refused are calls that AWS would refuse as well: quotas of running jobs, resources that are changing or in use.

## Found as they should be

Added up over all looks: jobs count once, everything else at each look.

| kind | count |
|---|---|
{ended}

## Problems

{problems}
"""  # noqa: E501


def machine() -> str:
    """Describe the machine."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    load = os.getloadavg()[0]
    return f"{model or platform.machine()}, {os.cpu_count()} cores, load {load:.1f} at the end"


def main() -> None:
    """Run, print the table, and keep it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="personalize-crash-") as folder:
        report, facts = run(Path(folder), options.rounds, options.seed)
    slow = [seconds for seconds in report.restarts_s if seconds >= RESTART_LIMIT_S]
    report.problems += [f"a restart took {seconds:.1f} s" for seconds in slow]
    text = table(report, facts, options.seed)
    RESULTS.write_text(text, encoding="utf-8")
    Console().print(text, markup=False, highlight=False)
    sys.exit(1 if report.problems else 0)


if __name__ == "__main__":
    main()
