"""The configuration of a recommender, checked against its use case and the datasets of its group.

Source: contract §4.2, §4.5.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from personalize_local.control.campaign_config import exploration_problems
from personalize_local.control.training_columns import column_problems, column_sets
from personalize_spec.errors import InvalidInputException
from personalize_spec.recipes import Recipe
from personalize_spec.schemas import DatasetSchema

DEFAULTS: Mapping[str, Any] = {"min_recommendation_requests_per_second": 1}


def check_recommender(recipe: Recipe, config: Mapping[str, Any], schemas: Mapping[str, DatasetSchema]) -> None:
    """Check the recommenderConfig of a recommender that is to have this recipe.

    Args: schemas: those of the group's datasets by type, upper case.
    Errors: InvalidInputException that names every mistake.
    """
    problems = [
        *exploration_problems(recipe, config.get("item_exploration_config") or {}),
        *column_problems(config, schemas),
    ]
    if problems:
        raise InvalidInputException(" ".join(problems))


def trains_differently(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Tell whether two configurations train on different columns, whatever their order and letter case."""
    return column_sets(old) != column_sets(new)
