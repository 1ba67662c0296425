"""Read the newest record of every item or user into arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from personalize_local.store.csv_columns import sql_type
from personalize_local.store.dataset_files import BulkFile
from personalize_local.store.duck import identifier, open_duckdb
from personalize_local.store.interaction_reader import objects
from personalize_local.store.records import PutRecord
from personalize_local.store.tables import MetadataTable
from personalize_spec.schemas import DatasetSchema

if TYPE_CHECKING:
    import duckdb

NUMERIC = frozenset({"BIGINT", "DOUBLE"})


def read_metadata(
    files: Sequence[BulkFile],
    records: Sequence[PutRecord],
    schema: DatasetSchema,
    id_column: str,
    spill_folder: Path,
) -> MetadataTable:
    """Merge bulk rows and put records; the newest record of an id replaces the older ones whole."""
    key = schema.field(id_column).name
    types = {item.name: sql_type(item) for item in schema.fields if item.name != key}
    if not files and not records:
        return MetadataTable(
            np.empty(0, dtype=object), {name: _column(np.empty(0), kind) for name, kind in types.items()}
        )
    with open_duckdb(spill_folder) as database:
        selects = [_file_select(item, place, key, types) for place, item in enumerate(files)]
        if records:
            database.register("put", _record_arrays(records, types))
            selects.append(_record_select(key, types))
        database.execute(_newest(key, types, " UNION ALL ".join(selects)))
        return _table(database, key, types)


def _newest(key: str, types: Mapping[str, str], rows: str) -> str:
    """SQL of the newest row of each id. `put_seq` dates a row; a bulk row is newer than the record of its number."""
    columns = ", ".join(identifier(name) for name in (key, *types))
    return (
        f"CREATE TEMP TABLE newest AS SELECT {columns} FROM ({rows})"
        f" QUALIFY row_number() OVER (PARTITION BY {identifier(key)} ORDER BY put_seq DESC, file DESC, place DESC) = 1"
    )


def _file_select(item: BulkFile, place: int, key: str, types: Mapping[str, str]) -> str:
    wanted = ", ".join(item.column(name, kind) for name, kind in ({key: "VARCHAR"} | dict(types)).items())
    order = f"{item.put_seq}::BIGINT AS put_seq, {place}::INTEGER AS file, file_row_number AS place"
    return f"SELECT {wanted}, {order} FROM {item.source}"


def _record_select(key: str, types: Mapping[str, str]) -> str:
    values = ", ".join(f"TRY_CAST({identifier(name)} AS {kind}) AS {identifier(name)}" for name, kind in types.items())
    wanted = ", ".join(part for part in (f"record_id AS {identifier(key)}", values) if part)
    return f"SELECT {wanted}, put_seq, -1::INTEGER AS file, 0::BIGINT AS place FROM put"


def _record_arrays(records: Sequence[PutRecord], types: Mapping[str, str]) -> dict[str, np.ndarray]:
    arrays = {
        "record_id": np.array([record.record_id for record in records], dtype=object),
        "put_seq": np.array([record.seq for record in records], dtype=np.int64),
    }
    for name in types:
        texts = np.empty(len(records), dtype=object)
        texts[:] = [_text(record.columns.get(name)) for record in records]
        arrays[name] = texts
    return arrays


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _table(database: duckdb.DuckDBPyConnection, key: str, types: Mapping[str, str]) -> MetadataTable:
    """Fetch column by column: only one column's strings are in memory twice."""

    def fetch(name: str) -> np.ndarray:
        query = f"SELECT {identifier(name)} FROM newest ORDER BY {identifier(key)}"
        (array,) = database.execute(query).fetchnumpy().values()
        return array

    return MetadataTable(objects(fetch(key)), {name: _column(fetch(name), kind) for name, kind in types.items()})


def _column(array: np.ndarray, kind: str) -> np.ndarray:
    if kind in NUMERIC:
        return np.ma.filled(np.ma.asarray(array, dtype=np.float64), np.nan)
    if kind == "BOOLEAN":
        return np.array([_truth(value) for value in objects(array)], dtype=object)
    pool: dict[Any, Any] = {}
    shared = np.empty(len(array), dtype=object)
    shared[:] = [pool.setdefault(value, value) for value in objects(array)]
    return shared


def _truth(value: Any) -> str | None:
    return None if value is None else str(bool(value)).lower()
