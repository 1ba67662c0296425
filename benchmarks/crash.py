"""Kill Personalize with `kill -9` at random moments, again and again, and look whether anything it promised is lost.

    .venv/bin/python -m benchmarks.crash [--rounds 100] [--seed 1]

Six clients write all the time: events, items, users, schemas, dataset groups, filters, deletions, imports, trainings.
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
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.crash_checks import PENDING, folder_problems
from benchmarks.crash_load import LEAVING, RECIPES, Client, Facts, Load, Stage, kind_of, schema_text
from benchmarks.s3_stand_in import s3_stand_in

CLIENTS = 6
LONGEST_ROUND_S = 1.5
DRAIN_EVERY = 10
DRAIN_LIMIT_S = 180.0
RESTART_LIMIT_S = 5.0
POLL_S = 0.05
RESULTS = Path(__file__).parent / "results" / "crash.md"
DESCRIBED = {
    "dataset-import-job": ("DescribeDatasetImportJob", "datasetImportJobArn", "datasetImportJob"),
    "solution-version": ("DescribeSolutionVersion", "solutionVersionArn", "solutionVersion"),
    "filter": ("DescribeFilter", "filterArn", "filter"),
    "dataset-group": ("DescribeDatasetGroup", "datasetGroupArn", "datasetGroup"),
    "schema": ("DescribeSchema", "schemaArn", "schema"),
}


@dataclass
class Report:
    """What happened."""

    rounds: int = 0
    restarts_s: list[float] = field(default_factory=list)
    drains_s: list[float] = field(default_factory=list)
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
    report, facts, chance = Report(), Facts(), random.Random(seed)
    with s3_stand_in({"interactions.csv": interactions()}) as s3_url:
        with server(data_dir, s3_url) as (port, _):
            stage = set_up(Client(port))
        for number in range(1, rounds + 1):
            with server(data_dir, s3_url) as (port, restart_s):
                report.restarts_s.append(restart_s)
                loads = [Load(port, stage, facts, seed=chance.randrange(2**32)) for _ in range(CLIENTS)]
                threads = [threading.Thread(target=load.run) for load in loads]
                for thread in threads:
                    thread.start()
                time.sleep(chance.uniform(0.05, LONGEST_ROUND_S))
            for thread in threads:
                thread.join()
            report.rounds = number
            report.problems += [f"round {number}: {each}" for each in folder_problems(data_dir / "personalize", facts)]
            if number % DRAIN_EVERY == 0 or number == rounds:
                with server(data_dir, s3_url) as (port, restart_s):
                    report.restarts_s.append(restart_s)
                    drain(Client(port), facts, report)
    report.problems += facts.troubles
    return report, facts


def set_up(client: Client) -> Stage:
    """Create what the load plays on, with data to train on."""
    group = _created(client, "CreateDatasetGroup", "datasetGroupArn", {"name": "news"})
    _wait(client, group)
    datasets = {}
    for dataset_type in ("Interactions", "Items", "Users"):
        named = {"name": f"first-{dataset_type}", "schema": schema_text(dataset_type)}
        schema = _created(client, "CreateSchema", "schemaArn", named)
        request = {"name": dataset_type, "schemaArn": schema, "datasetGroupArn": group, "datasetType": dataset_type}
        datasets[dataset_type] = _created(client, "CreateDataset", "datasetArn", request)
    status, tracker = client.call("CreateEventTracker", {"name": "tracker", "datasetGroupArn": group})
    assert status == 200, tracker
    _until(
        lambda: client.call("DescribeDataset", {"datasetArn": datasets["Users"]})[1]["dataset"]["status"] == "ACTIVE"
    )
    job = _created(client, "CreateDatasetImportJob", "datasetImportJobArn", import_request(datasets["Interactions"]))
    _wait(client, job)
    solutions = [
        _created(client, "CreateSolution", "solutionArn", {
            "name": recipe, "datasetGroupArn": group, "performAutoTraining": False,
            "recipeArn": f"arn:aws:personalize:::recipe/{recipe}",
        })
        for recipe in RECIPES
    ]  # fmt: skip
    arns = (datasets["Interactions"], datasets["Items"], datasets["Users"])
    return Stage(group, *arns, tracker["trackingId"], tuple(solutions))


def import_request(dataset_arn: str) -> dict[str, Any]:
    """Give the request of the first import."""
    return {
        "jobName": "first",
        "datasetArn": dataset_arn,
        "dataSource": {"dataLocation": "s3://data/interactions.csv"},
        "roleArn": "arn:aws:iam::000000000000:role/personalize",
    }


def interactions() -> bytes:
    """Give a file of 2,000 interactions of 50 users with 40 items."""
    lines = [
        f"u{user},i{(user * 7 + step * step) % 40},click,{1_600_000_000 + step * 60}"
        for user in range(50)
        for step in range(40)
    ]
    return "\n".join(["USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP", *lines, ""]).encode()


def drain(client: Client, facts: Facts, report: Report) -> None:
    """Wait until nothing is on its way any more, and look how everything ended."""
    started = time.perf_counter()
    open_arns = dict(facts.resources)
    while open_arns and time.perf_counter() - started < DRAIN_LIMIT_S:
        for arn, state in list(open_arns.items()):
            found = _status(client, arn)
            if found is None or found not in PENDING:
                del open_arns[arn]
                report.problems += _ending(arn, state, found)
        time.sleep(POLL_S)
    report.problems += [f"{arn} is stuck on {_status(client, arn)}" for arn in open_arns]
    report.drains_s.append(time.perf_counter() - started)
    for arn in [arn for arn, state in facts.resources.items() if state == LEAVING]:
        del facts.resources[arn]


def _ending(arn: str, state: str, found: str | None) -> Iterator[str]:
    if state == LEAVING and found is not None:
        yield f"{arn} was deleted and is {found}"
    if state != LEAVING and found != "ACTIVE":
        yield f"{arn} ended as {found}"


def _status(client: Client, arn: str) -> str | None:
    """Give a resource's status; ACTIVE for a schema, which has none, and None for what is not there."""
    operation, member, answer_member = DESCRIBED[kind_of(arn)]
    status, answer = client.call(operation, {member: arn})
    return answer[answer_member].get("status", "ACTIVE") if status == 200 else None


def _created(client: Client, operation: str, member: str, request: Mapping[str, Any]) -> str:
    status, answer = client.call(operation, request)
    assert status == 200, answer
    return str(answer[member])


def _wait(client: Client, arn: str) -> None:
    _until(lambda: _status(client, arn) == "ACTIVE")


def _until(condition: Any) -> None:
    limit = time.monotonic() + DRAIN_LIMIT_S
    while not condition():
        if time.monotonic() > limit:
            raise TimeoutError("the server did not get ready")
        time.sleep(POLL_S)


def table(report: Report, facts: Facts, seed: int) -> str:
    """Give the report as Markdown."""
    calls = "\n".join(
        f"| {operation} | {facts.calls[operation]:,} | {facts.calls[f'{operation} refused']:,} |"
        for operation in sorted(name for name in facts.calls if not name.endswith(" refused"))
    )
    packages = ", ".join(f"{name} {version(name)}" for name in ("personalize-local", "duckdb", "uvicorn"))
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
| acknowledged resources | {len(facts.resources):,} |
| restart, start of the process to the first answer | median {statistics.median(restarts):.2f} s, longest {restarts[-1]:.2f} s |
| all work done after the last kill of ten | median {statistics.median(report.drains_s):.1f} s, longest {max(report.drains_s):.1f} s |
| problems | {len(report.problems)} |

## Calls

| operation | acknowledged | refused |
|---|---|---|
{calls}

Refused are calls that AWS would refuse as well: quotas of running jobs, resources that are changing or in use.

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
