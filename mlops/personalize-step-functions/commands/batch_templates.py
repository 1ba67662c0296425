"""Batch jobs of the past as templates of a parameter file: one for each different input and filter; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from commands.inventory import Inventory
from personalize_spec.parameters.entries import INFERENCE, SEGMENT

Members = Mapping[str, Any]

_KIND_OF = {INFERENCE: "batch-inference-job", SEGMENT: "batch-segment-job"}
_KEPT = ("numResults", "batchInferenceJobConfig", "batchInferenceJobMode", "themeGenerationConfig")
_PLAIN = "BATCH_INFERENCE"
_PIPELINES_MARK = re.compile(r"-[0-9a-f]{8}(-[0-9a-f]{8})?(-upload|-[0-9a-f]{8})?-\d{1,3}$")
_DATE = re.compile(r"[-_]?\d{4,}[\dTZ_:-]*$")


@dataclass
class Templates:
    """The entries for one key of a solution, and what is to be known of them."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def batch_templates(found: Inventory, solution_arn: str, name_of: Callable[[Members], str]) -> dict[str, Templates]:
    """Give the templates of a solution's batch jobs by their key in the file; of equal ones the newest job counts."""
    filters = {each["filterArn"]: name_of(each) for each in found.filters}
    return {
        key: _templates(found.batch_jobs.get(kind, {}).get(solution_arn, []), filters, name_of)
        for key, kind in _KIND_OF.items()
    }


def _templates(jobs: list[Members], filters: Mapping[str, str], name_of: Callable[[Members], str]) -> Templates:
    templates, seen = Templates(), set()
    for job in jobs:
        filter_arn = job.get("filterArn")
        identity = (job["jobInput"]["s3DataSource"]["path"], filter_arn)
        if identity in seen:
            continue
        seen.add(identity)
        if filter_arn and filter_arn not in filters:
            templates.notes.append(f"The filter of the batch job {job['jobName']} is gone: the job is left out.")
            continue
        taken = {entry["name"] for entry in templates.entries}
        entry = {"name": _name(name_of({"name": job["jobName"]}), taken), **_places(job)}
        entry |= {"filter": filters[filter_arn]} if filter_arn else {}
        entry |= {key: job[key] for key in _KEPT if job.get(key) not in (None, {}, _PLAIN)}
        templates.entries.append(entry)
    return templates


def _places(job: Members) -> dict[str, str]:
    output = job["jobOutput"]["s3DataDestination"]["path"].rstrip("/")
    return {"input": job["jobInput"]["s3DataSource"]["path"], "output": f"{output}/"}


def _name(job_name: str, taken: set[str]) -> str:
    """The name without the mark of the run that made it."""
    base = _DATE.sub("", _PIPELINES_MARK.sub("", job_name)).rstrip("-_") or "batch"
    name, number = base, 2
    while name in taken:
        name, number = f"{base[:60]}-{number}", number + 1
    return name
