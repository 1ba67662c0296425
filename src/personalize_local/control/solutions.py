"""Solutions: a recipe and how to train it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from personalize_local.control.additions import add
from personalize_local.control.dependents import running_versions, solution_campaigns
from personalize_local.control.group_schemas import group_schemas
from personalize_local.control.pages import list_page
from personalize_local.control.recipe_datasets import require_one_with_datasets
from personalize_local.control.resources import (
    description,
    picked,
    remaining,
    require,
    require_absent,
    require_active,
    require_below,
    require_settled,
    require_unused,
)
from personalize_local.control.solution_config import check_solution, check_solution_data, check_solution_update
from personalize_local.control.tags import read_tags
from personalize_local.control.updates import require_no_update, write_update
from personalize_local.jobs.lifecycle import DELETE, UPDATE
from personalize_local.jobs.service import Service
from personalize_local.jobs.statuses import ACTIVE
from personalize_local.jobs.training_schedule import restarted
from personalize_local.store.resources import Resource
from personalize_spec.arns import Scope
from personalize_spec.errors import InvalidInputException
from personalize_spec.limits import SOLUTIONS_PER_DATASET_GROUP
from personalize_spec.recipes import Recipe
from personalize_spec.recipes.auto_ml import AUTO_ML, check_auto_ml, recipes_of

KIND = "solution"
DEFAULTS = {"perform_hpo": False, "perform_auto_ml": False, "perform_auto_training": True, "solution_config": {}}


def create_solution(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Create a solution, ACTIVE at once: clients create a version of it in their next call (observed)."""
    tags = read_tags(request.get("tags"))
    recipes = _custom_recipes(request)
    for recipe in recipes:
        check_solution(recipe, request)
    name = request["name"]
    arn = scope.arn(KIND, name)
    incremental = {"perform_incremental_update": True} if recipes[0].supports_incremental_update else {}
    body = DEFAULTS | incremental | picked(request, *DEFAULTS, "perform_incremental_update", "recipe_arn", "event_type")
    with service.transaction() as connection:
        group = require(service, scope, "dataset-group", request["dataset_group_arn"], connection)
        recipes = require_one_with_datasets(service, recipes, group, connection)
        for recipe in recipes:
            check_solution_data(recipe, request, group_schemas(service, group.arn, connection))
        require_absent(service, scope, KIND, name, connection)
        require_active(group)
        existing = remaining(service.workspace.resources.list(KIND, parent_arn=group.arn, connection=connection))
        limit = SOLUTIONS_PER_DATASET_GROUP
        require_below(limit, existing, f"More than {limit} solutions in the dataset group.")
        add(service, connection, scope, KIND, arn, name, body=body, tags=tags, parent_arn=group.arn, status=ACTIVE)
    return {"solution_arn": arn}


def describe_solution(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a solution, with a summary of its newest version, and the recipe that performAutoML chose last."""
    solution = require(service, scope, KIND, request["solution_arn"])
    versions = service.workspace.resources.list("solution-version", parent_arn=solution.arn)
    latest = {"latest_solution_version": description(versions[-1])} if versions else {}
    return {"solution": description(solution) | _chosen(solution, versions) | latest}


def list_solutions(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the solutions, of one dataset group or of all."""
    return list_page(service, scope, request, KIND, "solutions", parent_member="dataset_group_arn")


def update_solution(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Change how a solution trains by itself."""
    wanted = picked(request, "perform_auto_training", "perform_incremental_update", "solution_update_config")
    if not wanted:
        raise InvalidInputException(
            "Nothing to update: give performAutoTraining, performIncrementalUpdate or solutionUpdateConfig."
        )
    with service.transaction() as connection:
        solution = require(service, scope, KIND, request["solution_arn"], connection)
        for recipe in recipes_of(solution.body):
            check_solution_update(recipe, solution.body, wanted.get("solution_update_config", {}))
        require_active(solution)
        require_no_update(solution)
        now = service.clock.now()
        write_update(service, connection, solution, wanted | restarted(solution, wanted, now), now)
        service.lifecycle.begin(connection, solution.arn, UPDATE)
    return {"solution_arn": solution.arn}


def delete_solution(service: Service, scope: Scope, request: Mapping[str, Any]) -> None:
    """Delete a solution with all its versions."""
    with service.transaction() as connection:
        solution = require(service, scope, KIND, request["solution_arn"], connection)
        require_settled(solution)
        require_no_update(solution)
        require_unused(solution, remaining(solution_campaigns(service, solution, connection)))
        require_unused(solution, running_versions(service, solution, connection), "is being trained")
        service.lifecycle.begin(connection, solution.arn, DELETE)


def _custom_recipes(request: Mapping[str, Any]) -> tuple[Recipe, ...]:
    """Give the solution's recipe, or those that performAutoML chooses among."""
    if "recipe_arn" not in request and not request.get(AUTO_ML):
        raise InvalidInputException("recipeArn is missing: ListRecipes names the recipes.")
    check_auto_ml(request)
    recipes = recipes_of(request)
    for recipe in recipes:
        if recipe.domain is not None:
            raise InvalidInputException(
                f"The recipe {recipe.name} belongs to the domain {recipe.domain}: it is for recommenders, not "
                "solutions."
            )
    return recipes


def _chosen(solution: Resource, versions: Sequence[Resource]) -> dict[str, Any]:
    """Give autoMLResult, by the newest version that is trained; nothing where there is none to choose."""
    trained = [version for version in versions if version.status == ACTIVE]
    if not solution.body.get(AUTO_ML) or not trained:
        return {}
    return {"auto_ml_result": {"best_recipe_arn": trained[-1].body["recipe_arn"]}}
