"""Read a dataset's interactions into arrays: ids encoded by DuckDB, only numbers pass into Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from personalize_local.store.csv_columns import sql_type
from personalize_local.store.dataset_files import BulkFile
from personalize_local.store.duck import identifier, open_duckdb
from personalize_local.store.events import StreamedEvent
from personalize_local.store.tables import InteractionTable, empty_interactions
from personalize_spec.schemas import DatasetSchema

_CORE = {
    "USER_ID": "VARCHAR",
    "ITEM_ID": "VARCHAR",
    "TIMESTAMP": "BIGINT",
    "EVENT_TYPE": "VARCHAR",
    "EVENT_VALUE": "FLOAT",
}
_FILE_STRIDE = 40  # bits for the place of a row in its file; the bits above are the file's place

_ENCODE = (
    "CREATE TEMP TABLE users AS SELECT USER_ID, (row_number() OVER (ORDER BY USER_ID) - 1)::INTEGER AS user_row"
    " FROM (SELECT DISTINCT USER_ID FROM raw)",
    "CREATE TEMP TABLE items AS SELECT ITEM_ID, (row_number() OVER (ORDER BY ITEM_ID) - 1)::INTEGER AS item_row"
    " FROM (SELECT DISTINCT ITEM_ID FROM raw)",
    "CREATE TEMP TABLE types AS SELECT EVENT_TYPE, (row_number() OVER (ORDER BY EVENT_TYPE) - 1)::SMALLINT AS type_code"
    " FROM (SELECT DISTINCT EVENT_TYPE FROM raw WHERE EVENT_TYPE IS NOT NULL)",
)
_EVENTS = """
SELECT user_row, item_row, TIMESTAMP AS epoch_s, coalesce(type_code, -1)::SMALLINT AS type_code,
  coalesce(EVENT_VALUE, 'nan'::FLOAT) AS event_value{columns}
FROM raw JOIN users USING (USER_ID) JOIN items USING (ITEM_ID) LEFT JOIN types USING (EVENT_TYPE)
ORDER BY user_row, epoch_s, arrival
"""


def read_interactions(
    files: Sequence[BulkFile],
    events: Sequence[StreamedEvent],
    schema: DatasetSchema,
    columns: Sequence[str],
    spill_folder: Path,
    item_column: str = "ITEM_ID",
) -> InteractionTable:
    """Merge bulk rows and streamed events, identical ones once; `item_column` names what the files' rows are about."""
    types = {item.name: sql_type(item) for item in schema.fields if item.name in columns}
    streamed = _usable(events)
    if not files and not streamed:
        return empty_interactions(tuple(columns))
    with open_duckdb(spill_folder) as database:
        selects = [_file_select(item, place, types, item_column) for place, item in enumerate(files)]
        if streamed:
            database.register("streamed", _streamed_arrays(streamed, types))
            selects.append(_streamed_select(len(files), types))
        database.execute(f"CREATE TEMP VIEW raw AS {' UNION ALL '.join(selects)}")
        for statement in _ENCODE:
            database.execute(statement)
        return _table(database, tuple(columns), has_values=schema.field("EVENT_VALUE") is not None)


def link_sessions(events: Sequence[StreamedEvent]) -> dict[str, str]:
    """Give the user of each session: the first one who appeared in it."""
    user_of: dict[str, str] = {}
    for event in events:
        if event.user_id is not None:
            user_of.setdefault(event.session_id, event.user_id)
    return user_of


def _usable(events: Sequence[StreamedEvent]) -> list[tuple[str, StreamedEvent]]:
    """Give the events that training can use, each with its user."""
    user_of = link_sessions(events)
    owned = [(event.user_id or user_of.get(event.session_id), event) for event in events if event.item_id is not None]
    return [(user_id, event) for user_id, event in owned if user_id is not None]


def _file_select(item: BulkFile, place: int, types: Mapping[str, str], item_column: str) -> str:
    names = {"ITEM_ID": item_column}
    wanted = ", ".join(item.column(names.get(name, name), kind, name) for name, kind in (_CORE | dict(types)).items())
    return f"SELECT {wanted}, ({place}::BIGINT << {_FILE_STRIDE}) | file_row_number AS arrival FROM {item.source}"


def _streamed_select(place: int, types: Mapping[str, str]) -> str:
    names = (_CORE | dict(types)).items()
    wanted = ", ".join(f"TRY_CAST({identifier(name)} AS {kind}) AS {identifier(name)}" for name, kind in names)
    return f"SELECT {wanted}, ({place}::BIGINT << {_FILE_STRIDE}) | arrival AS arrival FROM streamed"


def _streamed_arrays(streamed: Sequence[tuple[str, StreamedEvent]], types: Mapping[str, str]) -> dict[str, np.ndarray]:
    values = [event.event_value for _, event in streamed]
    arrays = {
        "USER_ID": _texts([user_id for user_id, _ in streamed]),
        "ITEM_ID": _texts([event.item_id for _, event in streamed]),
        "TIMESTAMP": np.array([event.sent_at_epoch_s for _, event in streamed], dtype=np.int64),
        "EVENT_TYPE": _texts([event.event_type for _, event in streamed]),
        "EVENT_VALUE": _texts([None if value is None else repr(value) for value in values]),
        "arrival": np.arange(len(streamed), dtype=np.int64),
    }
    for name in types:
        found = [_column_value(event, name) for _, event in streamed]
        arrays[name] = _texts([None if value is None else str(value) for value in found])
    return arrays


def _column_value(event: StreamedEvent, name: str) -> Any:
    own = {"RECOMMENDATION_ID": event.recommendation_id, "IMPRESSION": "|".join(event.impression) or None}
    return own.get(name.upper()) or event.properties.get(name)


def _texts(values: list[Any]) -> np.ndarray:
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def _table(database: duckdb.DuckDBPyConnection, columns: tuple[str, ...], *, has_values: bool) -> InteractionTable:
    wanted = "".join(f", {identifier(name)}" for name in columns)
    events = database.execute(_EVENTS.format(columns=wanted)).fetchnumpy()
    kept = distinct_events(*(events[name] for name in ("user_row", "epoch_s", "item_row", "type_code")))
    names = database.execute("SELECT EVENT_TYPE FROM types ORDER BY type_code").fetchall()
    return InteractionTable(
        user_ids=_ids(database, "SELECT USER_ID FROM users ORDER BY user_row"),
        item_ids=_ids(database, "SELECT ITEM_ID FROM items ORDER BY item_row"),
        user_row=np.asarray(events["user_row"][kept], dtype=np.int32),
        item_row=np.asarray(events["item_row"][kept], dtype=np.int32),
        timestamp_epoch_s=np.asarray(events["epoch_s"][kept], dtype=np.int64),
        event_type=np.asarray(events["type_code"][kept], dtype=np.int16),
        event_types=tuple(name for (name,) in names),
        event_value=np.asarray(events["event_value"][kept], dtype=np.float32) if has_values else None,
        columns={name: objects(events[name])[kept] for name in columns},
    )


def _ids(database: duckdb.DuckDBPyConnection, query: str) -> np.ndarray:
    (array,) = database.execute(query).fetchnumpy().values()
    return objects(array)


def objects(array: np.ndarray) -> np.ndarray:
    """Give a column as an object array, None where it is null."""
    plain = np.ma.getdata(array).astype(object)
    mask = np.ma.getmaskarray(array)
    if mask.any():
        plain[mask] = None
    return plain


def distinct_events(
    user_row: np.ndarray, epoch_s: np.ndarray, item_row: np.ndarray, type_code: np.ndarray
) -> np.ndarray:
    """Mark the first of identical events in arrays sorted by user and time; only equal moments are compared.

    Shapes: all [events]; gives [events] bool.
    """
    kept = np.ones(len(user_row), dtype=bool)
    same = (user_row[1:] == user_row[:-1]) & (epoch_s[1:] == epoch_s[:-1])  # [events - 1]
    shared = np.flatnonzero(np.append(same, False) | np.insert(same, 0, False)) if len(same) else np.empty(0, int)
    keys = [column[shared] for column in (type_code, item_row, epoch_s, user_row)]  # each [shared]
    order = np.lexsort([shared, *keys])  # the last key counts most
    ordered = [key[order] for key in keys]
    repeated = np.logical_and.reduce([key[1:] == key[:-1] for key in ordered])
    kept[shared[order[1:]][repeated]] = False
    return kept
