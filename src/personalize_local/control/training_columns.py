"""Which columns a solution or a recommender trains on, checked against the datasets of its group.

Source: contract §4.3: ids, times and event types cannot be left out. That unknown columns are refused: inferred.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from personalize_spec.names import did_you_mean
from personalize_spec.schemas import DatasetSchema

EXCLUDED, INCLUDED = "excluded_dataset_columns", "included_dataset_columns"
INDISPENSABLE = frozenset({"USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE"})


def column_problems(config: Mapping[str, Any], schemas: Mapping[str, DatasetSchema]) -> Iterator[str]:
    """Say what is wrong with the trainingDataConfig of a configuration.

    Args: schemas: those of the group's datasets by type, upper case.
    """
    columns = config.get("training_data_config") or {}
    excluded, included = columns.get(EXCLUDED) or {}, columns.get(INCLUDED) or {}
    if excluded and included:
        yield "Give excludedDatasetColumns or includedDatasetColumns, not both."
    yield from _unknown(excluded, schemas)
    yield from _unknown(included, schemas)
    for name in sorted({name.upper() for names in excluded.values() for name in names} & INDISPENSABLE):
        yield f"The column {name} cannot be left out of training."


def column_sets(config: Mapping[str, Any]) -> set[tuple[str, str, str]]:
    """Give how each named column is used: (excluded or included, dataset type, column)."""
    columns = config.get("training_data_config") or {}
    return {
        (use, dataset_type.upper(), name.upper())
        for use in (EXCLUDED, INCLUDED)
        for dataset_type, names in (columns.get(use) or {}).items()
        for name in names
    }


def _unknown(listed: Mapping[str, Iterable[str]], schemas: Mapping[str, DatasetSchema]) -> Iterator[str]:
    for dataset_type, names in listed.items():
        schema = schemas.get(dataset_type.upper())
        if schema is None:
            yield f"The dataset group has no {dataset_type} dataset: it has {', '.join(sorted(schemas)) or 'none'}."
            continue
        for name in names:
            if schema.field(name) is None:
                yield f"The {dataset_type} dataset has no column '{name}'.{did_you_mean(name, schema.columns)}"
