"""The configuration of a recommender, checked against its use case and the datasets of its group.

Source: contract §4.2, §4.5; which columns cannot be left out: §4.3. That unknown columns are refused: inferred.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from personalize_local.control.campaign_config import exploration_problems
from personalize_spec.errors import InvalidInputException
from personalize_spec.names import did_you_mean
from personalize_spec.recipes import Recipe
from personalize_spec.schemas import DatasetSchema

DEFAULTS: Mapping[str, Any] = {"min_recommendation_requests_per_second": 1}
EXCLUDED, INCLUDED = "excluded_dataset_columns", "included_dataset_columns"
INDISPENSABLE = frozenset({"USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE"})


def check_recommender(recipe: Recipe, config: Mapping[str, Any], schemas: Mapping[str, DatasetSchema]) -> None:
    """Check the recommenderConfig of a recommender that is to have this recipe.

    Args: schemas: those of the group's datasets by type, upper case.
    Errors: InvalidInputException that names every mistake.
    """
    columns = config.get("training_data_config") or {}
    problems = [
        *exploration_problems(recipe, config.get("item_exploration_config") or {}),
        *_choice(columns),
        *_columns(columns.get(EXCLUDED) or {}, schemas),
        *_columns(columns.get(INCLUDED) or {}, schemas),
        *_indispensable(columns.get(EXCLUDED) or {}),
    ]
    if problems:
        raise InvalidInputException(" ".join(problems))


def trains_differently(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Tell whether two configurations train on different columns, whatever their order and letter case."""
    return _column_sets(old) != _column_sets(new)


def _choice(columns: Mapping[str, Any]) -> Iterator[str]:
    if columns.get(EXCLUDED) and columns.get(INCLUDED):
        yield "Give excludedDatasetColumns or includedDatasetColumns, not both."


def _columns(listed: Mapping[str, Iterable[str]], schemas: Mapping[str, DatasetSchema]) -> Iterator[str]:
    for dataset_type, names in listed.items():
        schema = schemas.get(dataset_type.upper())
        if schema is None:
            yield f"The dataset group has no {dataset_type} dataset: it has {', '.join(sorted(schemas))}."
            continue
        for name in names:
            if schema.field(name) is None:
                yield f"The {dataset_type} dataset has no column '{name}'.{did_you_mean(name, schema.columns)}"


def _indispensable(excluded: Mapping[str, Iterable[str]]) -> Iterator[str]:
    for name in sorted({name.upper() for names in excluded.values() for name in names} & INDISPENSABLE):
        yield f"The column {name} cannot be left out of training."


def _column_sets(config: Mapping[str, Any]) -> set[tuple[str, str, str]]:
    """Give how each named column is used: (excluded or included, dataset type, column)."""
    columns = config.get("training_data_config") or {}
    return {
        (use, dataset_type.upper(), name.upper())
        for use in (EXCLUDED, INCLUDED)
        for dataset_type, names in (columns.get(use) or {}).items()
        for name in names
    }
