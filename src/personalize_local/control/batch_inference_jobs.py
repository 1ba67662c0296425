"""Batch inference jobs: recommendations for whole files, made by a worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from personalize_local.control.additions import add
from personalize_local.control.batch_jobs import check_paths, find_filter, find_version, require_ready, result_count
from personalize_local.control.campaign_config import check_campaign
from personalize_local.control.pages import list_page
from personalize_local.control.resources import description, picked, require, require_absent
from personalize_local.control.tags import read_tags
from personalize_local.jobs.service import Service
from personalize_spec.arns import Scope
from personalize_spec.errors import InvalidInputException
from personalize_spec.limits import MAX_RESULTS, RUNNING_BATCH_INFERENCE_JOBS_PER_REGION

KIND = "batch-inference-job"
JOB_KIND = "batch-inference"
SHOWN = ("filter_arn", "job_input", "job_output", "batch_inference_job_config", "role_arn")
PLAIN = "BATCH_INFERENCE"


def create_batch_inference_job(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Begin to answer the lines of files in Amazon S3."""
    tags = read_tags(request.get("tags"))
    _refuse_themes(request)
    check_paths(request)
    count = result_count(request, MAX_RESULTS)
    arn = scope.arn(KIND, request["job_name"])
    with service.transaction() as connection:
        version, recipe = find_version(service, scope, request["solution_version_arn"], "inference", connection)
        check_campaign(recipe, request.get("batch_inference_job_config", {}), version.arn)
        found = find_filter(service, scope, version, request.get("filter_arn"), "ItemID", connection)
        require_absent(service, scope, KIND, request["job_name"], connection)
        limit = RUNNING_BATCH_INFERENCE_JOBS_PER_REGION
        require_ready(service, scope, version, found, KIND, limit, connection)
        body = picked(request, *SHOWN) | {"num_results": count, "batch_inference_job_mode": PLAIN}
        add(service, connection, scope, KIND, arn, request["job_name"], body=body, tags=tags, parent_arn=version.arn)
        payload = {
            "region": scope.region,
            "account_id": scope.account_id,
            "now_epoch_s": int(service.clock.now().timestamp()),
        }
        service.queue.add(connection, JOB_KIND, arn, payload)
    return {"batch_inference_job_arn": arn}


def describe_batch_inference_job(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a batch inference job."""
    job = require(service, scope, KIND, request["batch_inference_job_arn"])
    return {"batch_inference_job": description(job)}


def list_batch_inference_jobs(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the batch inference jobs, of one solution version or of all."""
    return list_page(service, scope, request, KIND, "batch_inference_jobs", parent_member="solution_version_arn")


def _refuse_themes(request: Mapping[str, Any]) -> None:
    """Refuse themes, which need a language model of AWS's.

    Errors: InvalidInputException.
    """
    if request.get("batch_inference_job_mode", PLAIN) != PLAIN or "theme_generation_config" in request:
        raise InvalidInputException(
            "batchInferenceJobMode THEME_GENERATION is not available in the local service: themes are written by a "
            f"language model of AWS's. Use {PLAIN} and leave themeGenerationConfig out."
        )
