"""Check the solutions of a parameter file: recipes, and what a recipe allows in a solution."""

from __future__ import annotations

from collections.abc import Iterator

from personalize_spec.errors import PersonalizeException
from personalize_spec.names import nearest
from personalize_spec.parameters.datasets import Datasets
from personalize_spec.parameters.entries import INFERENCE, SEGMENT, campaign_entries, recipe_of, solution_entries
from personalize_spec.parameters.finding import Finding, at, object_at, warning
from personalize_spec.parameters.format import CAMPAIGN_OF_SOLUTION
from personalize_spec.parameters.training import check_training
from personalize_spec.parameters.tuning import check_tuning
from personalize_spec.recipes import Recipe, get_recipe

# What the API calls the newspaper's solutions for; other solutions may have any recipe.
RECIPE_TYPES = {
    "userPersonalization": ("USER_PERSONALIZATION", "POPULAR_ITEMS"),
    "similarItems": ("RELATED_ITEMS",),
    "sims": ("RELATED_ITEMS",),
    "personalizedRanking": ("PERSONALIZED_RANKING",),
}
_BATCH = {INFERENCE: "inference", SEGMENT: "segment"}


def check_solutions(data: object, datasets: Datasets) -> Iterator[Finding]:
    """List what is wrong with the solutions beyond their shape."""
    solutions = object_at(data, "solutions")
    if not solutions and not object_at(data, "recommenders"):
        yield warning("solutions", "There is no solution, so nothing is trained and the API has nothing to recommend.")
    if "sims" in solutions and "similarItems" in solutions:
        yield Finding("solutions.sims", "'sims' is the older name of 'similarItems': keep one of the two.")
    for key, solution in solution_entries(data):
        yield from _check_key(key, solutions)
        yield from _check_solution(f"solutions.{key}", key, solution, datasets)
        yield from _check_training_mode(data, key)
        yield from _check_use(data, key, solution)


def _check_key(key: str, solutions: dict[str, object]) -> Iterator[Finding]:
    """A key of one's own that is nearly one of the newspaper's is probably meant to be it."""
    close = None if key in CAMPAIGN_OF_SOLUTION else nearest(key, CAMPAIGN_OF_SOLUTION)
    if close and close not in solutions:
        text = f"The API serves solutions.{close}, and this is another key. Did you mean '{close}'?"
        yield warning(f"solutions.{key}", text)


def _check_solution(path: str, key: str, solution: dict[str, object], datasets: Datasets) -> Iterator[Finding]:
    if at(solution, bool, "performAutoML"):
        text = (
            "AWS advises against it: it trains legacy recipes only, and nothing can be checked before one is chosen. "
            "Remove performAutoML, and name a recipe in recipeArn."
        )
        yield Finding(f"{path}.performAutoML", text)
    recipe_arn = at(solution, str, "recipeArn")
    if recipe_arn is None:
        return
    try:
        recipe = get_recipe(recipe_arn)
    except PersonalizeException as error:
        yield Finding(f"{path}.recipeArn", error.message)
        return
    yield from _check_recipe(f"{path}.recipeArn", key, recipe, datasets)
    yield from check_training(path, solution, recipe, datasets)
    yield from check_tuning(path, solution, recipe)


def _check_recipe(path: str, key: str, recipe: Recipe, datasets: Datasets) -> Iterator[Finding]:
    if recipe.domain:
        cure = "move it to recommenders, or choose a custom recipe."
        yield Finding(path, f"{recipe.name} is a domain recipe, for recommenders only: {cure}")
    elif recipe.recipe_type not in RECIPE_TYPES.get(key, (recipe.recipe_type,)):
        wanted = " or ".join(RECIPE_TYPES[key])
        text = f"{recipe.name} is a recipe of type {recipe.recipe_type}: {key} needs one of type {wanted}."
        yield Finding(path, text)
    if recipe.legacy:
        yield warning(path, f"{recipe.name} is closed to new use at AWS: choose aws-user-personalization instead.")
    for dataset_type in recipe.required_datasets:
        if dataset_type not in datasets.declared:
            yield Finding(path, f"{recipe.name} trains on the {dataset_type.capitalize()} dataset: add it to datasets.")
    if recipe.needs_item_texts:
        yield from _check_texts(path, recipe, datasets)


def _check_texts(path: str, recipe: Recipe, datasets: Datasets) -> Iterator[Finding]:
    """Source: contract §4.1 (the recipe compares texts and names of items)."""
    schema = datasets.schemas.get("ITEMS")
    if schema is None:
        return
    wanted = {
        '"itemName": true': any(field.item_name for field in schema.fields),
        '"textual": true': any(field.textual for field in schema.fields),
    }
    for mark, there in wanted.items():
        if not there:
            yield Finding(path, f"{recipe.name} needs a column of Items that has {mark}: mark one in its schema.")


def _check_training_mode(data: object, key: str) -> Iterator[Finding]:
    """Both places where the mode of scheduled trainings may stand."""
    older = at(data, str, "userPersonalizationUpdates", "trainingMode") if key == "userPersonalization" else None
    own = at(data, str, "solutions", key, "trainingMode")
    places = {"userPersonalizationUpdates.trainingMode": older, f"solutions.{key}.trainingMode": own}
    recipe = recipe_of(data, key)
    for path, mode in places.items():
        if mode == "UPDATE" and recipe is not None and mode not in recipe.training_modes:
            yield Finding(path, f"{recipe.name} cannot be updated, only trained anew: write FULL.")
    if older and own and older != own:
        text = f"userPersonalizationUpdates.trainingMode says {older} and this {own}: remove one of the two."
        yield Finding(f"solutions.{key}.trainingMode", text)


def _check_use(data: object, key: str, solution: dict[str, object]) -> Iterator[Finding]:
    """A recipe serves campaigns, batch inference, batch segments, or several of them."""
    recipe = recipe_of(data, key)
    campaigns = list(campaign_entries(data, key))
    jobs = {kind: at(solution, list, kind) for kind in _BATCH}
    if recipe is None or recipe.domain or recipe.recipe_type not in RECIPE_TYPES.get(key, (recipe.recipe_type,)):
        return
    if campaigns and not recipe.deployable:
        cure = "remove the campaign, and add batchSegmentJobs." if recipe.batch == "segment" else "remove the campaign."
        yield Finding(campaigns[0][0], f"{recipe.name} cannot be deployed as a campaign: {cure}")
    for kind, batch in _BATCH.items():
        if jobs[kind] and recipe.batch != batch:
            cure = {"inference": "use batchInferenceJobs", "segment": "use batchSegmentJobs"}.get(recipe.batch or "")
            text = f"{recipe.name} has no {kind}: {cure or 'remove them'}."
            yield Finding(f"solutions.{key}.{kind}", text)
    if key not in CAMPAIGN_OF_SOLUTION and not campaigns and not any(jobs.values()):
        yield warning(f"solutions.{key}", "It is trained, and nothing uses it: add campaigns or batch jobs to it.")
