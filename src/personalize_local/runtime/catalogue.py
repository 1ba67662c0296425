"""The items, or the users, of a dataset group in memory: ids as rows, columns ready to filter; they grow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from personalize_local.runtime.columns import Column, NumericColumn, make_column
from personalize_local.store.tables import MetadataTable
from personalize_spec.schemas import DatasetSchema, Field

CREATION_TIMESTAMP = "CREATION_TIMESTAMP"


class Catalogue:
    """Rows by id. Ids that came without a record have null in every column. Rows are never removed or moved."""

    def __init__(self, fields: Iterable[Field], table: MetadataTable) -> None:
        self.ids: list[str] = table.ids.tolist()
        self.row_of: dict[str, int] = {each: row for row, each in enumerate(self.ids)}
        self._names = {field.name.upper(): field.name for field in fields if field.name in table.columns}
        self._columns: dict[str, Column] = {
            field.name.upper(): make_column(field, table.columns[field.name])
            for field in fields
            if field.name in table.columns
        }

    def __len__(self) -> int:
        return len(self.ids)

    def column(self, name: str) -> Column | None:
        """Find a column by name, in any letter case."""
        return self._columns.get(name.upper())

    def rows(self, ids: Iterable[str]) -> np.ndarray:
        """Give the row of each id, -1 for one that is not there."""
        return np.fromiter((self.row_of.get(each, -1) for each in ids), dtype=np.int32)

    def ensure(self, ids: Sequence[str] | np.ndarray, known: np.ndarray | None = None) -> np.ndarray:
        """Give the row of each id, adding those that are not there.

        Args: known: what `rows` gave for the ids a moment ago, to save the time.
        """
        rows = self.rows(ids) if known is None else known
        for place in np.flatnonzero(rows < 0).tolist():
            rows[place] = self._ensure(ids[place])
        return rows

    def put(self, record_id: str, values: Mapping[str, Any]) -> None:
        """Add a record, or put it in place of the one its id has; columns without a value become null."""
        row = self._ensure(record_id)
        for key, column in self._columns.items():
            column.replace(row, values.get(self._names[key]))

    def record(self, row: int) -> dict[str, str | float]:
        """Give a row's values by the schema's names, numbers as numbers, others as texts; nulls are left out."""
        found: dict[str, str | float] = {}
        for key, column in self._columns.items():
            value = column.value(row)
            if value is not None:
                found[self._names[key]] = value
        return found

    def created_epoch_s(self, rows: np.ndarray) -> np.ndarray:
        """Give when rows were created, infinity where nobody said: such an item counts as new.

        Source: contract §3.4.
        """
        column = self.column(CREATION_TIMESTAMP)
        if not isinstance(column, NumericColumn):
            return np.full(len(rows), np.inf)
        created = column.numbers(rows)
        return np.where(np.isnan(created), np.inf, created)

    def _ensure(self, record_id: str) -> int:
        row = self.row_of.get(record_id)
        if row is None:
            row = self.row_of[record_id] = len(self.ids)
            self.ids.append(record_id)
            for column in self._columns.values():
                column.append(None)
        return row


def catalogue_of(schema: DatasetSchema | None, table: MetadataTable | None) -> Catalogue:
    """Make the catalogue of a dataset; an empty one without columns when the group has no such dataset."""
    if schema is None or table is None:
        return Catalogue((), MetadataTable(np.empty(0, dtype=object), {}))
    return Catalogue(schema.fields, table)
