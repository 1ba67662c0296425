"""What batch inference jobs and batch segment jobs share: their solution version, filter, paths and room.

Source: contract §2.2, §3.10, §3.11, §8.1; texts §2.6, otherwise inferred.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from personalize_local.control.resources import require, require_active, require_below
from personalize_local.control.solution_versions import recipe_of_version
from personalize_local.jobs.service import Service
from personalize_local.jobs.statuses import CREATING
from personalize_local.store.resources import Resource
from personalize_spec.arns import Scope
from personalize_spec.errors import InvalidInputException
from personalize_spec.filters import Filter, parse_filter
from personalize_spec.limits import DEFAULT_RESULTS
from personalize_spec.recipes import Recipe


def check_paths(request: Mapping[str, Any]) -> None:
    """Make sure that input and output are S3 locations and differ.

    Errors: InvalidInputException.
    """
    source = request["job_input"]["s3_data_source"]["path"]
    target = request["job_output"]["s3_data_destination"]["path"]
    check_path(source, "Invalid S3 input path. It should be s3://bucket/file.json or s3://bucket/folder/.")
    check_path(target, "Invalid S3 output path. It should be s3://bucket/folder/.")
    if source.rstrip("/") == target.rstrip("/"):
        raise InvalidInputException("Invalid S3 output path. It must differ from the input path.")


def check_path(path: str, message: str) -> None:
    """Make sure that a path names a bucket of S3.

    Errors: InvalidInputException with the message.
    """
    if not path.startswith("s3://") or not path.removeprefix("s3://").strip("/"):
        raise InvalidInputException(message)


def result_count(request: Mapping[str, Any], limit: int) -> int:
    """Give how many results a line gets; 0 is the default (inferred).

    Errors: InvalidInputException.
    """
    count = int(request.get("num_results") or DEFAULT_RESULTS)
    if not 0 < count <= limit:
        raise InvalidInputException(f"numResults is {count}; it must be from 1 to {limit}.")
    return count


def find_version(
    service: Service, scope: Scope, arn: str, family: str, connection: sqlite3.Connection
) -> tuple[Resource, Recipe]:
    """Find the solution version, of a recipe of the family "inference" or "segment".

    Errors: ResourceNotFoundException; InvalidInputException for a recipe of another family.
    """
    version = require(service, scope, "solution-version", arn, connection)
    recipe = recipe_of_version(version)
    if recipe.batch != family:
        raise InvalidInputException(f"The recipe {recipe.name} is not available for batch {family} jobs.")
    return version, recipe


def find_filter(
    service: Service, scope: Scope, version: Resource, arn: str | None, target: str, connection: sqlite3.Connection
) -> tuple[Resource, Filter] | None:
    """Find the filter that a request names, about items or users (`target`); None when it names none.

    Errors: ResourceNotFoundException; InvalidInputException for another group's filter, or another target.
    """
    if arn is None:
        return None
    resource = require(service, scope, "filter", arn, connection)
    group_arn = version.body["dataset_group_arn"]
    if resource.parent_arn != group_arn:
        raise InvalidInputException(
            f"The filter {arn} is of the dataset group {resource.parent_arn}; the solution version's is {group_arn}."
        )
    tree = parse_filter(resource.body["filter_expression"])
    other = next((each.target for each in tree.expressions if each.target != target), None)
    if other is not None:
        raise InvalidInputException(f"The filter {arn} is about {other}: use one about {target}.")
    return resource, tree


def require_ready(
    service: Service,
    scope: Scope,
    version: Resource,
    found_filter: tuple[Resource, Filter] | None,
    kind: str,
    limit: int,
    connection: sqlite3.Connection,
) -> None:
    """Make sure that version and filter are ACTIVE, and that there is room for one more job.

    Errors: ResourceInUseException, LimitExceededException.
    """
    require_active(version)
    if found_filter is not None:
        require_active(found_filter[0])
    jobs = service.workspace.resources.list(kind, scope, connection=connection)
    message = f"More than {limit} resources with PENDING or IN_PROGRESS status."
    require_below(limit, (job for job in jobs if job.status in CREATING), message)
