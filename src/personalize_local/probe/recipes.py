"""The recipes of the endpoint beside our table of them: which there are, and with which hyperparameters."""

from __future__ import annotations

from functools import partial
from typing import Any

from personalize_local.probe.check import DOCUMENTED, Check, MismatchError, expect, expect_success
from personalize_local.probe.endpoint import Endpoint
from personalize_local.probe.paging import list_recipes
from personalize_spec.recipes import RECIPES, Recipe

AREA = "recipes"


def recipe_checks() -> list[Check]:
    """Give a check of the list, and one of each recipe's description."""
    return [
        Check(AREA, "the list is our table", DOCUMENTED, _listed),
        *(Check(AREA, name, DOCUMENTED, partial(_described, recipe)) for name, recipe in RECIPES.items()),
    ]


def _listed(endpoint: Endpoint) -> None:
    domains: tuple[dict[str, str], ...] = ({}, {"domain": "ECOMMERCE"}, {"domain": "VIDEO_ON_DEMAND"})
    listed = {recipe["name"] for members in domains for page in list_recipes(endpoint, **members) for recipe in page}
    missing, unknown = sorted(RECIPES.keys() - listed), sorted(listed - RECIPES.keys())
    expect(not missing, f"not listed: {', '.join(missing)}")
    expect(not unknown, f"not in our table: {', '.join(unknown)}")


def _described(recipe: Recipe, endpoint: Endpoint) -> None:
    described = expect_success(endpoint.call("DescribeRecipe", {"recipeArn": recipe.arn})).members["recipe"]
    expected = {"name": recipe.name, "recipeArn": recipe.arn, "recipeType": recipe.recipe_type}
    for member, value in expected.items():
        expect(described.get(member) == value, f"{member} is {described.get(member)!r} in place of {value!r}")
    if recipe.hyperparameters and "algorithmArn" in described:
        _check_defaults(recipe, _defaults(endpoint, described["algorithmArn"]))


def _defaults(endpoint: Endpoint, algorithm_arn: str) -> dict[str, Any]:
    answer = expect_success(endpoint.call("DescribeAlgorithm", {"algorithmArn": algorithm_arn}))
    return answer.members["algorithm"].get("defaultHyperParameters", {})


def _check_defaults(recipe: Recipe, defaults: dict[str, Any]) -> None:
    ours = {parameter.name for parameter in recipe.hyperparameters}
    missing = sorted(ours - defaults.keys())
    if defaults and missing:
        raise MismatchError(f"the algorithm has no hyperparameter {', '.join(missing)}")
