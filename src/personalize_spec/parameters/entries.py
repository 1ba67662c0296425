"""Walk through the entries of a parameter file that may have mistakes, with the path to each."""

from __future__ import annotations

from collections.abc import Iterator

from personalize_spec.errors import PersonalizeException
from personalize_spec.parameters.finding import at, object_at
from personalize_spec.parameters.format import CAMPAIGN_OF_SOLUTION
from personalize_spec.recipes import Recipe, get_recipe

Entry = tuple[str, dict[str, object]]  # a path or a key, and the object there
INFERENCE, SEGMENT = "batchInferenceJobs", "batchSegmentJobs"


def solution_entries(data: object) -> Iterator[Entry]:
    """Yield each solution with its key."""
    solutions = object_at(data, "solutions")
    for key in solutions:
        solution = at(solutions, dict, key)
        if solution is not None:
            yield key, solution


def recommender_entries(data: object) -> Iterator[Entry]:
    """Yield each recommender with its path."""
    recommenders = object_at(data, "recommenders")
    for key in recommenders:
        recommender = at(recommenders, dict, key)
        if recommender is not None:
            yield f"recommenders.{key}", recommender


def campaign_entries(data: object, solution_key: str) -> Iterator[Entry]:
    """Yield each campaign of a solution with its path: that of `campaigns`, then those in the solution."""
    older_key = CAMPAIGN_OF_SOLUTION.get(solution_key, "")
    older = at(data, dict, "campaigns", older_key)
    if older is not None:
        yield f"campaigns.{older_key}", older
    yield from listed(f"solutions.{solution_key}.campaigns", at(data, list, "solutions", solution_key, "campaigns"))


def job_entries(data: object, kind: str) -> Iterator[tuple[str, str, dict[str, object]]]:
    """Yield each batch job of a kind with its solution's key and its path."""
    for key, solution in solution_entries(data):
        for path, job in listed(f"solutions.{key}.{kind}", at(solution, list, kind)):
            yield key, path, job


def filter_entries(data: object) -> Iterator[Entry]:
    """Yield each filter with its path."""
    yield from listed("filters", at(data, list, "filters"))


def listed(path: str, entries: list[object] | None) -> Iterator[Entry]:
    """Yield the objects of a list with their paths."""
    for index, entry in enumerate(entries or []):
        if isinstance(entry, dict):
            yield f"{path}[{index}]", entry


def recipe_of(data: object, solution_key: str) -> Recipe | None:
    """Give the recipe of a solution; None when it is not there or not known."""
    return known_recipe(at(data, str, "solutions", solution_key, "recipeArn"))


def known_recipe(recipe_arn: str | None) -> Recipe | None:
    """Give the recipe of an ARN; None when there is none."""
    try:
        return get_recipe(recipe_arn) if recipe_arn else None
    except PersonalizeException:
        return None
