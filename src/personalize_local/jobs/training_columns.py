"""Which columns of a dataset a training may use.

Columns that UpdateDataset added after a solution was created, or after a recommender's columns were chosen, are left
out of its trainings; so are those of excludedDatasetColumns, and all but those of includedDatasetColumns. Dataset types
and columns are named in any letter case, as everywhere in the API.

Source: contract §3.1, §4.3; developer guide "Replacing a dataset's schema to add new columns". That ids and the times
of creation stay whatever is named: inferred.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from personalize_local.store.tables import MetadataTable
from personalize_spec.schemas import DatasetSchema, Field

ADDED_COLUMNS = "added_columns"  # of a dataset's resource: name → when UpdateDataset was called, in epoch seconds
ALWAYS = frozenset({"USER_ID", "ITEM_ID", "ACTION_ID", "TIMESTAMP", "CREATION_TIMESTAMP"})


@dataclass(frozen=True)
class Source:
    """A dataset to train on. Units: added_columns, the moments in epoch seconds."""

    arn: str
    schema: DatasetSchema
    added_columns: Mapping[str, float]


def trained_fields(
    dataset_type: str, source: Source, config: Mapping[str, Any], chosen_at_epoch_s: float | None
) -> list[Field]:
    """Give the fields of a dataset that a training with a trainingDataConfig may use.

    Args: chosen_at_epoch_s: when the columns were chosen; None for all there are.
    """
    listed = config.get("training_data_config") or {}
    excluded = _names(listed.get("excluded_dataset_columns"), dataset_type) or frozenset()
    included = _names(listed.get("included_dataset_columns"), dataset_type)
    late = _late(source, chosen_at_epoch_s)
    return [
        field
        for field in source.schema.fields
        if field.name.upper() in ALWAYS
        or (field.name.upper() not in excluded | late and (included is None or field.name.upper() in included))
    ]


def trained_table(table: MetadataTable, fields: Iterable[Field]) -> MetadataTable:
    """Give a table with the columns of some fields only."""
    kept = {field.name for field in fields}
    return replace(table, columns={name: values for name, values in table.columns.items() if name in kept})


def _names(listed: Mapping[str, Iterable[str]] | None, dataset_type: str) -> frozenset[str] | None:
    """Give the columns named for a type of dataset, in capitals; None when the type is not named."""
    found = [names for key, names in (listed or {}).items() if key.upper() == dataset_type.upper()]
    return frozenset(name.upper() for names in found for name in names) if found else None


def _late(source: Source, chosen_at_epoch_s: float | None) -> frozenset[str]:
    if chosen_at_epoch_s is None:
        return frozenset()
    added = source.added_columns.items()
    return frozenset(name.upper() for name, moment in added if moment >= chosen_at_epoch_s)
