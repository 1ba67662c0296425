"""performAutoML: the recipes that a solution chooses among, and the metric by which it does.

Unless autoMLConfig.recipeList names others, these are the three legacy recipes, as at AWS, where it is deprecated.
Source: contract §4.3. That any recipe of the type USER_PERSONALIZATION may be listed, and the metric where none is
named: inferred.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from personalize_spec.errors import InvalidInputException
from personalize_spec.offline_metrics import DEFAULT, metrics_of
from personalize_spec.recipes import RECIPES, Recipe, get_recipe
from personalize_spec.recipes.recipe import USER_PERSONALIZATION

AUTO_ML = "perform_auto_ml"
CONFIG = "auto_ml_config"
BY_DEFAULT = ("aws-hrnn", "aws-hrnn-metadata", "aws-hrnn-coldstart")


def recipes_of(members: Mapping[str, Any]) -> tuple[Recipe, ...]:
    """Give the recipe of a solution or version, or those that it still has to choose among; members in snake case.

    Errors: InvalidInputException for a text that is no ARN; ResourceNotFoundException for an unknown recipe.
    """
    if "recipe_arn" in members:
        return (get_recipe(members["recipe_arn"]),)
    listed = _config(members).get("recipe_list")
    return tuple(map(get_recipe, listed)) if listed else tuple(RECIPES[name] for name in BY_DEFAULT)


def metric_of(members: Mapping[str, Any]) -> str:
    """Give the name of the metric by which the best recipe is told."""
    return str(_config(members).get("metric_name") or DEFAULT)


def trainable(recipes: Collection[Recipe], dataset_types: Collection[str]) -> tuple[Recipe, ...]:
    """Give the recipes whose datasets are all there; types in upper case."""
    return tuple(recipe for recipe in recipes if set(recipe.required_datasets) <= set(dataset_types))


def check_auto_ml(request: Mapping[str, Any]) -> None:
    """Check the members of CreateSolution that performAutoML is about.

    Errors: InvalidInputException that names every mistake; ResourceNotFoundException for an unknown recipe.
    """
    if problems := list(_problems(request)):
        raise InvalidInputException(" ".join(problems))


def _problems(request: Mapping[str, Any]) -> Iterator[str]:
    if not request.get(AUTO_ML):
        if _config(request):
            yield "autoMLConfig needs performAutoML."
        return
    if "recipe_arn" in request:
        yield "performAutoML chooses the recipe: leave recipeArn out, or performAutoML."
        return
    for recipe in recipes_of(request):
        if recipe.recipe_type != USER_PERSONALIZATION or recipe.domain is not None:
            yield f"performAutoML cannot choose the recipe {recipe.name}: list some of the type USER_PERSONALIZATION."
        elif metric_of(request) not in metrics_of(recipe, request.get("solution_config", {})):
            yield f"The recipe {recipe.name} has no metric '{metric_of(request)}': GetSolutionMetrics names them."


def _config(members: Mapping[str, Any]) -> Mapping[str, Any]:
    config: Mapping[str, Any] = (members.get("solution_config") or {}).get(CONFIG) or {}
    return config
