"""Solution versions: trained models, made by a worker."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from personalize_local.control.pages import list_page
from personalize_local.control.resources import (
    description,
    require,
    require_active,
    require_below,
)
from personalize_local.control.tags import read_tags, store
from personalize_local.jobs.service import Service
from personalize_local.jobs.statuses import (
    ACTIVE,
    CREATE_IN_PROGRESS,
    CREATE_STOPPED,
    CREATE_STOPPING,
    CREATING,
)
from personalize_local.jobs.training_order import KIND, MANUAL, new_version, queue_training
from personalize_local.store.resources import Resource
from personalize_spec.arns import Scope
from personalize_spec.errors import (
    InvalidInputException,
    ResourceAlreadyExistsException,
    ResourceInUseException,
)
from personalize_spec.limits import RUNNING_SOLUTION_VERSIONS_PER_REGION
from personalize_spec.recipes import Recipe, get_recipe
from personalize_spec.recipes.auto_ml import recipes_of

FULL, UPDATE, AUTOTRAIN = "FULL", "UPDATE", "AUTOTRAIN"


def create_solution_version(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Begin to train a solution."""
    tags = read_tags(request.get("tags"))
    mode = request.get("training_mode", FULL)
    with service.transaction() as connection:
        solution = require(service, scope, "solution", request["solution_arn"], connection)
        _check_mode(service, solution, mode, connection)
        version = new_version(
            connection, service, solution, version_id=request.get("name"), training_mode=mode, training_type=MANUAL
        )
        _require_free(service, version.arn, connection)
        require_active(solution)
        _require_room(service, scope, connection)
        store(service, connection, version, tags)
        queue_training(connection, service, version)
    return {"solution_version_arn": version.arn}


def describe_solution_version(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a solution version."""
    return {"solution_version": description(require(service, scope, KIND, request["solution_version_arn"]))}


def list_solution_versions(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the versions, of one solution or of all, oldest first: clients take the last as the newest (observed)."""
    if "solution_arn" in request:
        require(service, scope, "solution", request["solution_arn"])
    return list_page(service, scope, request, KIND, "solution_versions", parent_member="solution_arn")


def stop_solution_version_creation(service: Service, scope: Scope, request: Mapping[str, Any]) -> None:
    """Stop a training: at once when it has not begun, else when its worker has ended."""
    with service.transaction() as connection:
        version = require(service, scope, KIND, request["solution_version_arn"], connection)
        if version.status not in CREATING:
            raise ResourceInUseException(
                f"The solution version {version.arn} is not being created; its status is {version.status}."
            )
        stopping = CREATE_STOPPING if version.status == CREATE_IN_PROGRESS else CREATE_STOPPED
        service.workspace.resources.update(connection, version.arn, service.clock.now(), status=stopping)


def get_solution_metrics(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Give the metrics of a trained solution version."""
    version = require(service, scope, KIND, request["solution_version_arn"])
    require_active(version)
    return {"solution_version_arn": version.arn, "metrics": version.body.get("metrics", {})}


def _check_mode(service: Service, solution: Resource, mode: str, connection: sqlite3.Connection) -> None:
    if mode == AUTOTRAIN:
        raise InvalidInputException("trainingMode AUTOTRAIN is for automatic training: use FULL or UPDATE.")
    for recipe in recipes_of(solution.body):
        if mode not in recipe.training_modes:
            raise InvalidInputException(f"The recipe {recipe.name} has no trainingMode {mode}.")
    versions = service.workspace.resources.list(KIND, parent_arn=solution.arn, connection=connection)
    trained = any(version.status == ACTIVE and version.body["training_mode"] == FULL for version in versions)
    if mode == UPDATE and not trained:
        raise InvalidInputException("trainingMode UPDATE needs an ACTIVE version trained with FULL: train that first.")


def recipe_of_version(version: Resource) -> Recipe:
    """Give a version's recipe.

    Errors: ResourceInUseException for one that has not chosen its recipe yet, as for any that is not ACTIVE.
    """
    if "recipe_arn" not in version.body:
        require_active(version)
    return get_recipe(version.body["recipe_arn"])


def _require_free(service: Service, arn: str, connection: sqlite3.Connection) -> None:
    if service.workspace.resources.get(arn, connection) is not None:
        raise ResourceAlreadyExistsException(f"Another solution version with Arn {arn} already exists.")


def _require_room(service: Service, scope: Scope, connection: sqlite3.Connection) -> None:
    versions = service.workspace.resources.list(KIND, scope, connection=connection)
    limit = RUNNING_SOLUTION_VERSIONS_PER_REGION
    message = f"More than {limit} resources with PENDING or IN_PROGRESS status."
    require_below(limit, (version for version in versions if version.status in CREATING), message)
