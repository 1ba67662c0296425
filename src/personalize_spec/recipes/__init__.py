"""The recipes of Amazon Personalize as data: by name in `RECIPES`, by ARN with `get_recipe`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from personalize_spec.arns import parse_arn
from personalize_spec.errors import ResourceNotFoundException
from personalize_spec.names import did_you_mean
from personalize_spec.recipes.checks import (
    check_feature_parameters,
    check_hyperparameters,
    feature_parameter_problems,
    hyperparameter_problems,
    resolve_feature_parameters,
    resolve_hyperparameters,
)
from personalize_spec.recipes.custom import CUSTOM_RECIPES
from personalize_spec.recipes.domain import DOMAIN_RECIPES, DOMAINS
from personalize_spec.recipes.legacy import LEGACY_RECIPES
from personalize_spec.recipes.recipe import HyperParameter, ParameterValue, Recipe
from personalize_spec.recipes.tuning import range_problems

RECIPES: Mapping[str, Recipe] = MappingProxyType(
    {recipe.name: recipe for recipe in (*CUSTOM_RECIPES, *LEGACY_RECIPES, *DOMAIN_RECIPES)}
)


def get_recipe(arn: str) -> Recipe:
    """Find a recipe by its ARN.

    Errors: InvalidInputException for a text that is no ARN; ResourceNotFoundException for an unknown recipe.
    """
    parts = parse_arn(arn)
    recipe = RECIPES.get(parts.path)
    if parts.kind != "recipe" or recipe is None or parts.region or parts.account_id:
        raise ResourceNotFoundException(f"Resource Arn {arn} does not exist.{_hint(arn, parts.path)}")
    return recipe


def _hint(arn: str, name: str) -> str:
    if name in RECIPES:
        return f" A recipe's ARN has no region and no account: {RECIPES[name].arn}."
    return did_you_mean(arn, [recipe.arn for recipe in RECIPES.values()])


__all__ = [
    "DOMAINS",
    "RECIPES",
    "HyperParameter",
    "ParameterValue",
    "Recipe",
    "check_feature_parameters",
    "check_hyperparameters",
    "feature_parameter_problems",
    "get_recipe",
    "hyperparameter_problems",
    "range_problems",
    "resolve_feature_parameters",
    "resolve_hyperparameters",
]
