"""How long the pipeline takes beside importing and training: the newspaper's file with its three solutions.

    .venv/bin/python -m benchmarks.pipeline_overhead

A local cloud of its own, the stack deployed with sam, a small generated newspaper; the file is uploaded twice. What a
run takes is the time from its start to its end in which no import job and no solution version was under way: the
workflow's own steps, its waits, the functions, the campaigns, filters and the event tracker. Other work on the machine
lengthens it. The table goes to benchmarks/results/pipeline_overhead.md with --keep.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.report import arguments, publish, table

RESULT = Path(__file__).parent / "results" / "pipeline_overhead.md"
GROUP = "tgam-personalize"
ALLOWED_S = 60
GIVE_UP_S = 1200  # a run with its trainings, beside other work
NAMES = ("everything new", "the same file again")
HEAD = ("run", "status", "in all s", "beside importing and training s")

Span = tuple[datetime, datetime]


def overhead_s(personalize: Any, execution: dict[str, Any], group: str) -> float:
    """Give the time of an execution in which nothing of the dataset group was imported or trained. Units: seconds."""
    begun, ended = execution["startDate"], execution["stopDate"]
    total_s = (ended - begun).total_seconds()
    return total_s - sum((end - start).total_seconds() for start, end in union(_work(personalize, group), begun, ended))


def union(spans: Iterable[Span], begun: datetime, ended: datetime) -> Iterator[Span]:
    """Yield the parts of a time that any of the spans covers, each once."""
    reached = begun
    for start, end in sorted(spans):
        if min(end, ended) > max(start, reached):
            yield max(start, reached), min(end, ended)
            reached = min(end, ended)


def _work(personalize: Any, group: str) -> Iterator[Span]:
    groups = {each["name"]: each["datasetGroupArn"] for each in personalize.list_dataset_groups()["datasetGroups"]}
    for dataset in personalize.list_datasets(datasetGroupArn=groups[group])["datasets"]:
        for job in personalize.list_dataset_import_jobs(datasetArn=dataset["datasetArn"])["datasetImportJobs"]:
            yield job["creationDateTime"], job["lastUpdatedDateTime"]
    for solution in personalize.list_solutions(datasetGroupArn=groups[group])["solutions"]:
        for version in personalize.list_solution_versions(solutionArn=solution["solutionArn"])["solutionVersions"]:
            yield version["creationDateTime"], version["lastUpdatedDateTime"]


def main() -> None:
    """Measure two runs, and print the table."""
    from benchmarks.gateway import machine
    from tests.e2e.local_cloud import LocalCloud
    from tests.e2e.test_pipeline import Pipeline

    keep, where = arguments(__doc__).parse_args().keep, machine()
    with tempfile.TemporaryDirectory() as folder:
        cloud = LocalCloud(Path(folder) / "cloud")
        cloud.up()
        try:
            pipeline = Pipeline(cloud, Path(folder) / "newsroom")
            runs = [pipeline.upload(GIVE_UP_S) for _ in range(2)]
            personalize = cloud.client("personalize")
            rows = [_row(name, run, overhead_s(personalize, run, GROUP)) for name, run in zip(NAMES, runs, strict=True)]
        finally:
            cloud.down()
    described = f"`python -m benchmarks.pipeline_overhead`; at most {ALLOWED_S} s.\n\n{where}"
    publish("The pipeline beside importing and training", described, table(HEAD, rows), RESULT if keep else None)


def _row(name: str, run: dict[str, Any], own_s: float) -> tuple[str, ...]:
    total_s = (run["stopDate"] - run["startDate"]).total_seconds()
    return name, run["status"], f"{total_s:.1f}", f"{own_s:.1f}"


if __name__ == "__main__":
    main()
