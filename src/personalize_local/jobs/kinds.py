"""The kinds of jobs: the module that does the work of each."""

from __future__ import annotations

from collections.abc import Mapping

JOB_MODULES: Mapping[str, str] = {
    "dataset-import": "personalize_local.jobs.dataset_import",
    "solution-version": "personalize_local.jobs.solution_version",
}
