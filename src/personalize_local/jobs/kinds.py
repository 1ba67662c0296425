"""The kinds of jobs: the module that does the work of each.

Batch jobs answer with the runtime's own code, which stands above this room: they are named here, not imported.
"""

from __future__ import annotations

from collections.abc import Mapping

JOB_MODULES: Mapping[str, str] = {
    "batch-inference": "personalize_local.runtime.batch_inference",
    "batch-segment": "personalize_local.runtime.batch_segment",
    "data-deletion": "personalize_local.jobs.data_deletion",
    "dataset-export": "personalize_local.jobs.dataset_export",
    "dataset-import": "personalize_local.jobs.dataset_import",
    "recommender": "personalize_local.jobs.recommender",
    "solution-version": "personalize_local.jobs.solution_version",
}
