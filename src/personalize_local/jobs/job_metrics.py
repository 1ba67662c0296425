"""What CloudWatch is told about imports and trainings.

Source: contract §8.2. That an error is a job that ended in CREATE FAILED, and the execution time the time from the
call to the job's end, is inferred.
"""

from __future__ import annotations

from collections.abc import Mapping

from personalize_local.jobs.metrics import BYTES, COUNT, SECONDS, MetricBuffer
from personalize_local.jobs.statuses import CREATE_FAILED
from personalize_local.store.resources import Resource

# Kind of the resource that a job makes → how the names of its metrics begin.
METRIC_PREFIXES: Mapping[str, str] = {
    "dataset-import-job": "DatasetImportJob",
    "solution-version": "SolutionTrainingJob",
}


def note_request(metrics: MetricBuffer, resource: Resource | None) -> None:
    """Count a job that was asked for."""
    if resource is not None and (prefix := METRIC_PREFIXES.get(resource.kind)):
        metrics.add(resource.scope, f"{prefix}Requests", COUNT, resource.arn)


def note_end(metrics: MetricBuffer, resource: Resource | None) -> None:
    """Note how long a job took, whether it failed, and how much it brought."""
    if resource is None or resource.kind not in METRIC_PREFIXES:
        return
    prefix, scope, arn = METRIC_PREFIXES[resource.kind], resource.scope, resource.arn
    took_s = (resource.updated_at - resource.created_at).total_seconds()
    metrics.add(scope, f"{prefix}ExecutionTime", SECONDS, arn, took_s)
    if resource.status == CREATE_FAILED:
        metrics.add(scope, f"{prefix}Error", COUNT, arn)
    if (size_bytes := resource.body.get("import_counts", {}).get("bytes")) is not None:
        metrics.add(scope, "DatasetSize", BYTES, arn, size_bytes)
