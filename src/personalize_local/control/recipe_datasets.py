"""The datasets of a group that a recipe trains on."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from personalize_local.control.resources import remaining
from personalize_local.jobs.service import Service
from personalize_local.store.resources import Resource
from personalize_spec.errors import InvalidInputException
from personalize_spec.recipes import Recipe
from personalize_spec.recipes.auto_ml import trainable


def require_datasets(service: Service, recipe: Recipe, group: Resource, connection: sqlite3.Connection) -> None:
    """Make sure that the group has every dataset that the recipe cannot do without.

    Errors: InvalidInputException.
    """
    missing = set(recipe.required_datasets) - group_datasets(service, group.arn, connection).keys()
    if missing:
        raise InvalidInputException(
            f"The recipe {recipe.name} needs data that the dataset group {group.arn} has no dataset for: "
            f"{', '.join(sorted(missing))}."
        )


def require_one_with_datasets(
    service: Service, recipes: Sequence[Recipe], group: Resource, connection: sqlite3.Connection
) -> tuple[Recipe, ...]:
    """Give those of some recipes that the group has every dataset for.

    Errors: InvalidInputException when there are none, about the first.
    """
    found = trainable(recipes, group_datasets(service, group.arn, connection))
    if not found:
        require_datasets(service, recipes[0], group, connection)
    return found


def group_datasets(service: Service, group_arn: str, connection: sqlite3.Connection) -> dict[str, Resource]:
    """Give the datasets of a group by type, upper case, without those on their way out."""
    datasets = service.workspace.resources.list("dataset", parent_arn=group_arn, connection=connection)
    return {dataset.body["dataset_type"]: dataset for dataset in remaining(datasets)}
