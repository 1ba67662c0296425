"""Recipes, and the algorithms and feature transformations behind them: the same everywhere, always ACTIVE.

Source: contract §1.7 (order and pages of ListRecipes), §4.1. Dates, images and resource settings: inferred.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from personalize_local.control.pages import next_token, read_token
from personalize_local.jobs.service import Service
from personalize_local.jobs.statuses import ACTIVE
from personalize_spec.arns import Scope
from personalize_spec.errors import ResourceNotFoundException
from personalize_spec.limits import PAGE_MAX_RESULTS
from personalize_spec.recipes import RECIPES, HyperParameter, Recipe, get_recipe
from personalize_spec.recipes.recipe import CATEGORICAL, CONTINUOUS, INTEGER

PUBLISHED_AT = datetime(2019, 6, 10, tzinfo=UTC)
_TIMES = {"creation_date_time": PUBLISHED_AT, "last_updated_date_time": PUBLISHED_AT}
_RANGES = {
    INTEGER: "integer_hyper_parameter_ranges",
    CONTINUOUS: "continuous_hyper_parameter_ranges",
    CATEGORICAL: "categorical_hyper_parameter_ranges",
}


def list_recipes(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the recipes by name. A domain picks from each page, so a page may be empty and yet lead on (observed)."""
    recipes = sorted(RECIPES.values(), key=lambda recipe: recipe.name)
    size, domain = request.get("max_results", PAGE_MAX_RESULTS), request.get("domain")
    start = read_token(request, "recipe", domain)
    end = start + size
    picked = [recipe for recipe in recipes[start:end] if domain in (None, recipe.domain)]
    more = next_token("recipe", domain, end) if end < len(recipes) else {}
    return {"recipes": [_recipe(recipe) for recipe in picked]} | more


def describe_recipe(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a recipe."""
    return {"recipe": _recipe(get_recipe(request["recipe_arn"]))}


def describe_algorithm(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the algorithm of a recipe: its hyperparameters and their ranges."""
    arn = request["algorithm_arn"]
    recipe = _first(arn, (each for each in RECIPES.values() if each.algorithm_arn == arn))
    name = _name(arn)
    algorithm = {
        "name": name,
        "algorithm_arn": arn,
        "algorithm_image": {"name": name, "docker_uri": f"personalize-local/{name}"},
        "default_hyper_parameters": _defaults(recipe.hyperparameters),
        "default_hyper_parameter_ranges": _ranges(recipe.hyperparameters),
        "default_resource_config": {"maxNumberOfTrainingJobs": "40", "maxParallelTrainingJobs": "10"},
        "training_input_mode": "File",
        **_TIMES,
    }
    return {"algorithm": algorithm}


def describe_feature_transformation(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe the feature transformation of a recipe: its parameters."""
    arn = request["feature_transformation_arn"]
    recipe = _first(arn, (each for each in RECIPES.values() if each.feature_transformation_arn == arn))
    transformation = {
        "name": _name(arn),
        "feature_transformation_arn": arn,
        "default_parameters": _defaults(recipe.feature_parameters),
        "status": ACTIVE,
        **_TIMES,
    }
    return {"feature_transformation": transformation}


def _recipe(recipe: Recipe) -> dict[str, Any]:
    return {
        "name": recipe.name,
        "recipe_arn": recipe.arn,
        "algorithm_arn": recipe.algorithm_arn,
        "feature_transformation_arn": recipe.feature_transformation_arn,
        "status": ACTIVE,
        "description": recipe.description,
        "recipe_type": recipe.recipe_type,
        "domain": recipe.domain,
        **_TIMES,
    }


def _defaults(parameters: Iterable[HyperParameter]) -> dict[str, str]:
    return {parameter.name: parameter.default for parameter in parameters}


def _ranges(parameters: Iterable[HyperParameter]) -> dict[str, list[dict[str, Any]]]:
    """Give the ranges in the three lists of the API, all of them there."""
    ranges: dict[str, list[dict[str, Any]]] = {member: [] for member in _RANGES.values()}
    for parameter in parameters:
        if parameter.kind == CATEGORICAL:
            bounds: dict[str, Any] = {"values": list(parameter.values)}
        else:
            bounds = {"min_value": parameter.minimum, "max_value": parameter.maximum}
        entry = {"name": parameter.name, **bounds, "is_tunable": parameter.tunable}
        ranges[_RANGES[parameter.kind]].append(entry)
    return ranges


def _first(arn: str, recipes: Iterable[Recipe]) -> Recipe:
    recipe = next(iter(recipes), None)
    if recipe is None:
        raise ResourceNotFoundException(f"Resource Arn {arn} does not exist.")
    return recipe


def _name(arn: str) -> str:
    return arn.rpartition("/")[2]
