"""The datasets of a group that a recipe trains on."""

from __future__ import annotations

import sqlite3

from personalize_local.control.resources import remaining
from personalize_local.jobs.service import Service
from personalize_local.store.resources import Resource
from personalize_spec.errors import InvalidInputException
from personalize_spec.recipes import Recipe


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


def group_datasets(service: Service, group_arn: str, connection: sqlite3.Connection) -> dict[str, Resource]:
    """Give the datasets of a group by type, upper case, without those on their way out."""
    datasets = service.workspace.resources.list("dataset", parent_arn=group_arn, connection=connection)
    return {dataset.body["dataset_type"]: dataset for dataset in remaining(datasets)}
