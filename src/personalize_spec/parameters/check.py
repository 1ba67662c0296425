"""Check a whole parameter file: every mistake at once, before anything is created."""

from __future__ import annotations

from personalize_spec.parameters.batch_jobs import check_batch_jobs
from personalize_spec.parameters.campaigns import check_campaigns
from personalize_spec.parameters.datasets import check_datasets, read_datasets
from personalize_spec.parameters.filters import check_filters
from personalize_spec.parameters.finding import Finding, object_at, warning
from personalize_spec.parameters.format import FILE
from personalize_spec.parameters.group import check_group
from personalize_spec.parameters.naming import check_names
from personalize_spec.parameters.recommenders import check_recommenders
from personalize_spec.parameters.runs import check_runs
from personalize_spec.parameters.shapes import check_shape
from personalize_spec.parameters.solutions import check_solutions


def check_parameters(data: object) -> list[Finding]:
    """List everything wrong with a parsed parameter file, in the order of the checks; empty for a good file.

    Source: newspaper system §2 and §8.M-10: mistakes used to surface hours into a run.
    """
    if not isinstance(data, dict):
        return list(check_shape("", data, FILE))
    datasets = read_datasets(data)
    findings = [
        *check_shape("", data, FILE),
        *check_names(data),
        *check_group(data),
        *check_datasets(data, datasets),
        *check_solutions(data, datasets),
        *check_campaigns(data),
        *check_recommenders(data, datasets),
        *check_filters(data, datasets),
        *check_batch_jobs(data, datasets),
        *check_runs(data),
    ]
    if not object_at(data, "eventTracker"):
        findings.append(warning("eventTracker", "There is no event tracker, so readers' events cannot be streamed."))
    return list(dict.fromkeys(findings))
