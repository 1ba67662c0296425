"""Check the solutions of a parameter file: recipes, and what a recipe allows in a solution."""

from __future__ import annotations

from collections.abc import Iterator

from personalize_spec.errors import PersonalizeException
from personalize_spec.parameters.datasets import Datasets
from personalize_spec.parameters.finding import Finding, at, object_at, warning
from personalize_spec.parameters.format import CAMPAIGN_OF_SOLUTION
from personalize_spec.parameters.training import check_training
from personalize_spec.parameters.tuning import check_tuning
from personalize_spec.recipes import Recipe, get_recipe

RECIPE_TYPES = {
    "userPersonalization": ("USER_PERSONALIZATION", "POPULAR_ITEMS"),
    "similarItems": ("RELATED_ITEMS",),
    "sims": ("RELATED_ITEMS",),
    "personalizedRanking": ("PERSONALIZED_RANKING",),
}


def check_solutions(data: object, datasets: Datasets) -> Iterator[Finding]:
    """List what is wrong with the solutions beyond their shape."""
    solutions = object_at(data, "solutions")
    if not any(kind in solutions for kind in CAMPAIGN_OF_SOLUTION):
        yield warning("solutions", "There is no solution, so nothing is trained and the API has nothing to recommend.")
    if "sims" in solutions and "similarItems" in solutions:
        yield Finding("solutions.sims", "'sims' is the older name of 'similarItems': keep one of the two.")
    for kind in CAMPAIGN_OF_SOLUTION:
        solution = at(solutions, dict, kind)
        if solution is not None:
            yield from _check_solution(f"solutions.{kind}", kind, solution, datasets)


def recipe_of(data: object, kind: str) -> Recipe | None:
    """Give the recipe of a solution; None when it is not there or not known."""
    recipe_arn = at(data, str, "solutions", kind, "recipeArn")
    try:
        return get_recipe(recipe_arn) if recipe_arn else None
    except PersonalizeException:
        return None


def _check_solution(path: str, kind: str, solution: dict[str, object], datasets: Datasets) -> Iterator[Finding]:
    if at(solution, bool, "performAutoML"):
        text = "The recipes it chose among are closed to new use: remove performAutoML, and name a recipe in recipeArn."
        yield Finding(f"{path}.performAutoML", text)
    recipe_arn = at(solution, str, "recipeArn")
    if recipe_arn is None:
        return
    try:
        recipe = get_recipe(recipe_arn)
    except PersonalizeException as error:
        yield Finding(f"{path}.recipeArn", error.message)
        return
    yield from _check_recipe(f"{path}.recipeArn", kind, recipe, datasets)
    yield from check_training(path, solution, recipe, datasets)
    yield from check_tuning(path, solution, recipe)


def _check_recipe(path: str, kind: str, recipe: Recipe, datasets: Datasets) -> Iterator[Finding]:
    if recipe.domain:
        yield Finding(path, f"{recipe.name} is a domain recipe, for recommenders only: choose a custom recipe.")
    elif recipe.recipe_type not in RECIPE_TYPES[kind]:
        wanted = " or ".join(RECIPE_TYPES[kind])
        text = f"{recipe.name} is a recipe of type {recipe.recipe_type}: {kind} needs one of type {wanted}."
        yield Finding(path, text)
    if recipe.legacy:
        yield warning(path, f"{recipe.name} is closed to new use at AWS: choose aws-user-personalization instead.")
    for dataset_type in recipe.required_datasets:
        if dataset_type not in datasets.declared:
            yield Finding(path, f"{recipe.name} trains on the {dataset_type.capitalize()} dataset: add it to datasets.")
