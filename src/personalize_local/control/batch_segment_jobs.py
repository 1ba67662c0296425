"""Batch segment jobs: the users most interested in items, made by a worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from personalize_local.control.additions import add
from personalize_local.control.batch_jobs import check_paths, find_filter, find_version, require_ready, result_count
from personalize_local.control.pages import list_page
from personalize_local.control.resources import description, picked, require, require_absent
from personalize_local.control.tags import read_tags
from personalize_local.jobs.service import Service
from personalize_spec.arns import Scope
from personalize_spec.errors import InvalidInputException
from personalize_spec.filters import Filter, fields_of
from personalize_spec.limits import RUNNING_BATCH_SEGMENT_JOBS_PER_REGION, SEGMENT_MAX_USERS
from personalize_spec.recipes import Recipe

KIND = "batch-segment-job"
JOB_KIND = "batch-segment"
SHOWN = ("filter_arn", "job_input", "job_output", "role_arn")
BY_ATTRIBUTES = "aws-item-attribute-affinity"


def create_batch_segment_job(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Begin to find the users for the lines of files in Amazon S3."""
    tags = read_tags(request.get("tags"))
    check_paths(request)
    count = result_count(request, SEGMENT_MAX_USERS)
    arn = scope.arn(KIND, request["job_name"])
    with service.transaction() as connection:
        version, recipe = find_version(service, scope, request["solution_version_arn"], "segment", connection)
        found = find_filter(service, scope, version, request.get("filter_arn"), "UserID", connection)
        if found is not None:
            _check_filter(recipe, found[1], request["filter_arn"])
        require_absent(service, scope, KIND, request["job_name"], connection)
        limit = RUNNING_BATCH_SEGMENT_JOBS_PER_REGION
        require_ready(service, scope, version, found, KIND, limit, connection)
        body = picked(request, *SHOWN) | {"num_results": count}
        add(service, connection, scope, KIND, arn, request["job_name"], body=body, tags=tags, parent_arn=version.arn)
        service.queue.add(connection, JOB_KIND, arn, {"region": scope.region, "account_id": scope.account_id})
    return {"batch_segment_job_arn": arn}


def describe_batch_segment_job(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a batch segment job."""
    return {"batch_segment_job": description(require(service, scope, KIND, request["batch_segment_job_arn"]))}


def list_batch_segment_jobs(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the batch segment jobs, of one solution version or of all."""
    return list_page(service, scope, request, KIND, "batch_segment_jobs", parent_member="solution_version_arn")


def _check_filter(recipe: Recipe, tree: Filter, arn: str) -> None:
    """Refuse filters by interactions where there is no item that they could be with.

    Errors: InvalidInputException.
    """
    if recipe.name == BY_ATTRIBUTES and any(field.dataset == "Interactions" for field in fields_of(tree)):
        raise InvalidInputException(
            f"The filter {arn} is by Interactions, which the recipe {recipe.name} does not take."
        )
