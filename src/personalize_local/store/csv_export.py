"""Write a dataset as a CSV file, out of core: bulk data, what was streamed or put, or both.

Rule 1: records that are equal in every field are written once.
Rule 2: both kinds together: of items and users the newest record of each id; interactions all.
Rule 3: one kind alone: all of its records. Of put records this service keeps the newest of each id only.

Columns have the schema's names and order. Events are written with the user that their session was linked to; those that
nobody was linked to, and those without an item, with an empty cell.

Source: contract §3.8, developer guide "Exporting the training data".
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from personalize_local.store.csv_columns import sql_type
from personalize_local.store.dataset_files import BulkFile
from personalize_local.store.duck import identifier, literal, open_duckdb
from personalize_local.store.events import EventLog, StreamedEvent
from personalize_local.store.records import PutRecord, RecordStore
from personalize_spec.schemas import DatasetSchema

BULK, PUT, ALL = "BULK", "PUT", "ALL"
ORDER = ("put_seq", "file", "place")

Row = Sequence[Any]


def export_csv(
    target: Path,
    schema: DatasetSchema,
    files: Sequence[BulkFile],
    put_rows: Iterable[Row] | None,
    id_column: str | None,
    spill_folder: Path,
) -> int:
    """Write the rows of bulk files and of `put_rows` to `target`, under a header; give how many.

    Args: put_rows: cells in the schema's order, then the row's place among the puts; None for no such data.
        id_column: with it, only the newest row of each id is written.
    """
    types = {item.name: sql_type(item) for item in schema.fields}
    with open_duckdb(spill_folder) as database:
        selects = [_file_select(item, place, types) for place, item in enumerate(files)]
        if put_rows is not None:
            put_path = target.with_suffix(".put")
            _write_rows(put_path, put_rows)
            selects.append(_put_select(put_path, types))
        query = _query(types, selects, id_column)
        copied = database.execute(
            f"COPY ({query}) TO {literal(target)} (FORMAT csv, HEADER true, DELIMITER ',', QUOTE '\"', ESCAPE '\"')"
        ).fetchone()
    return int(copied[0]) if copied else 0


def put_event_rows(events: EventLog, dataset_arn: str, schema: DatasetSchema) -> Iterator[Row]:
    """Give the streamed events of a dataset as rows of the schema."""
    user_of = events.session_users(dataset_arn)
    for event in events.each(dataset_arn):
        cells = _event_cells(event, user_of)
        yield [*(cells.get(name.upper(), event.properties.get(name)) for name in schema.columns), event.seq]


def put_record_rows(records: RecordStore, dataset_arn: str, schema: DatasetSchema, id_column: str) -> Iterator[Row]:
    """Give the put records of a dataset as rows of the schema."""
    for record in records.each(dataset_arn):
        yield [*(_record_cell(record, name, id_column) for name in schema.columns), record.seq]


def _record_cell(record: PutRecord, name: str, id_column: str) -> Any:
    return record.record_id if name.upper() == id_column else record.columns.get(name)


def _event_cells(event: StreamedEvent, user_of: Mapping[str, str]) -> dict[str, Any]:
    return {
        "USER_ID": event.user_id or user_of.get(event.session_id),
        "ITEM_ID": event.item_id,
        "TIMESTAMP": event.sent_at_epoch_s,
        "EVENT_TYPE": event.event_type,
        "EVENT_VALUE": event.event_value,
        "RECOMMENDATION_ID": event.recommendation_id,
        "IMPRESSION": "|".join(event.impression),
    }


def _write_rows(path: Path, rows: Iterable[Row]) -> None:
    """Write rows as a CSV of texts for DuckDB; null is an empty cell without quotes."""
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_MINIMAL)
        writer.writerows([_cell(value) for value in row] for row in rows)


def _cell(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _file_select(item: BulkFile, place: int, types: Mapping[str, str]) -> str:
    wanted = ", ".join(item.column(name, kind) for name, kind in types.items())
    return (
        f"SELECT {wanted}, {item.put_seq}::BIGINT AS put_seq, {place}::INTEGER AS file, file_row_number AS place"
        f" FROM {item.source}"
    )


def _put_select(path: Path, types: Mapping[str, str]) -> str:
    columns = ", ".join(f"{literal(f'c{place}')}: 'VARCHAR'" for place in range(len(types) + 1))
    wanted = ", ".join(
        f"TRY_CAST(c{place} AS {kind}) AS {identifier(name)}" for place, (name, kind) in enumerate(types.items())
    )
    return (
        f"SELECT {wanted}, c{len(types)}::BIGINT AS put_seq, -1::INTEGER AS file, 0::BIGINT AS place FROM read_csv("
        f"{literal(path)}, auto_detect = false, header = false, columns = {{{columns}}}, delim = ',', quote = '\"',"
        " escape = '\"', nullstr = '', max_line_size = 4194304)"
    )


def _query(types: Mapping[str, str], selects: Sequence[str], id_column: str | None) -> str:
    names = ", ".join(identifier(name) for name in types)
    if not selects:
        return f"SELECT {', '.join(f'NULL AS {identifier(name)}' for name in types)} WHERE false"
    rows = " UNION ALL ".join(selects)
    if id_column is None:
        return f"SELECT DISTINCT {names} FROM ({rows})"
    order = ", ".join(f"{name} DESC" for name in ORDER)
    return (
        f"SELECT {names} FROM ({rows})"
        f" QUALIFY row_number() OVER (PARTITION BY {identifier(id_column)} ORDER BY {order}) = 1"
    )
