"""Check the recommenders of a parameter file: the domain they need, their recipe's data, and their settings."""

from __future__ import annotations

from collections.abc import Iterator

from personalize_spec.errors import PersonalizeException
from personalize_spec.names import did_you_mean
from personalize_spec.parameters.datasets import Datasets
from personalize_spec.parameters.entries import recommender_entries
from personalize_spec.parameters.finding import Finding, at, object_at
from personalize_spec.parameters.training import check_columns
from personalize_spec.recipes import RECIPES, Recipe, get_recipe


def check_recommenders(data: object, datasets: Datasets) -> Iterator[Finding]:
    """List what is wrong with the recommenders beyond their shape.

    Source: contract §2.2 (the group has the recipe's domain), §4.5.
    """
    domain = at(data, str, "datasetGroup", "domain")
    for path, recommender in recommender_entries(data):
        recipe_arn = at(recommender, str, "recipeArn")
        if recipe_arn is None:
            continue
        try:
            recipe = get_recipe(recipe_arn)
        except PersonalizeException as error:
            yield Finding(f"{path}.recipeArn", error.message)
            continue
        yield from _check_domain(f"{path}.recipeArn", recipe, domain)
        yield from _check_datasets(f"{path}.recipeArn", recipe, datasets)
        yield from _check_config(f"{path}.recommenderConfig", recommender, recipe, datasets)


def _check_domain(path: str, recipe: Recipe, domain: str | None) -> Iterator[Finding]:
    if recipe.domain is None:
        text = f"{recipe.name} is a recipe for solutions: move it to solutions, or choose a domain recipe."
        yield Finding(path, text)
    elif domain is None:
        text = f'{recipe.name} needs a dataset group of its domain: add "domain": "{recipe.domain}" to datasetGroup.'
        yield Finding(path, text)
    elif domain != recipe.domain:
        names = [each.name for each in RECIPES.values() if each.domain == domain]
        hint = did_you_mean(recipe.name, names) or f" There are: {', '.join(names)}."
        yield Finding(path, f"{recipe.name} is of the domain {recipe.domain}, and the dataset group of {domain}.{hint}")


def _check_datasets(path: str, recipe: Recipe, datasets: Datasets) -> Iterator[Finding]:
    for dataset_type in recipe.required_datasets:
        if dataset_type not in datasets.declared:
            yield Finding(path, f"{recipe.name} trains on the {dataset_type.capitalize()} dataset: add it to datasets.")


def _check_config(path: str, recommender: dict[str, object], recipe: Recipe, datasets: Datasets) -> Iterator[Finding]:
    config = object_at(recommender, "recommenderConfig")
    if config.get("itemExplorationConfig") and not recipe.supports_exploration_config:
        yield Finding(f"{path}.itemExplorationConfig", f"{recipe.name} does not explore: remove these settings.")
    if at(config, bool, "enableMetadataWithRecommendations") and "ITEMS" not in datasets.declared:
        text = "Answers can have columns of Items only where there is an Items dataset: add it, or remove this."
        yield Finding(f"{path}.enableMetadataWithRecommendations", text)
    yield from check_columns(f"{path}.trainingDataConfig", config, recipe, datasets)
