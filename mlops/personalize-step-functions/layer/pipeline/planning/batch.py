"""Batch inference and batch segment jobs: run anew for a new version, a changed input, or when a schedule asks.

Whether an input elsewhere than in the input bucket has changed is not known: then only a schedule's request counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from personalize_spec.parameters import ResourceNames
from personalize_spec.parameters.reading import batch_output, newer_key, s3_address, solution_keys
from pipeline.planning.definitions import Chain, Definition, canonical, chain, define, job_name
from pipeline.planning.models import version_key
from pipeline.planning.run import Run
from pipeline.planning.serving import filter_key
from pipeline.wanted import NEWEST, SAME

Parameters = Mapping[str, Any]

KINDS_IN_FILE = {"batchInferenceJobs": "batch-inference-job", "batchSegmentJobs": "batch-segment-job"}
_OURS = ("name", "input", "output", "filter")


def plan_batch(parameters: Parameters, run: Run) -> Iterator[Chain]:
    """Yield each batch job of each solution."""
    if not run.does("batch"):
        return
    names = ResourceNames.of(parameters)
    for key in solution_keys(parameters):
        for section, kind in KINDS_IN_FILE.items():
            for job in parameters["solutions"][key].get(section, ()):
                yield chain(f"{newer_key(key)}: {job['name']}", _job(names, run, key, kind, job))


def batch_inputs(parameters: Parameters) -> set[str]:
    """Give the keys in the input bucket of all batch jobs' inputs."""
    solutions = parameters.get("solutions", {}).values()
    jobs = (job for solution in solutions for section in KINDS_IN_FILE for job in solution.get(section, ()))
    return {job["input"] for job in jobs if not job["input"].startswith("s3://")}


def _job(names: ResourceNames, run: Run, key: str, kind: str, job: Mapping[str, Any]) -> Definition:
    source, output = (s3_address(place, run.bucket) for place in (job["input"], batch_output(key, job)))
    arguments = {
        **{name: value for name, value in job.items() if name not in _OURS},
        "jobInput": {"s3DataSource": {"path": source}},
        "jobOutput": {"s3DataDestination": {"path": output}},
        "roleArn": run.role_arn,
    }
    references = {"solutionVersionArn": version_key(key)}
    references |= {"filterArn": filter_key(job["filter"])} if "filter" in job else {}
    request, is_here = run.request("batch"), job["input"] in run.files
    own_key = f"batch:{newer_key(key)}:{job['name']}"
    return {
        **define(run, own_key, kind, job_name(names.prefixed(job["name"])), arguments, **references),
        "content": canonical({**arguments, "filter": job.get("filter"), "file": run.files.get(job["input"])}),
        "digest_of": [version_key(key)],
        "request": request,
        "reuse": SAME if request or is_here else NEWEST,
        "optional": not request and not is_here,
    }
