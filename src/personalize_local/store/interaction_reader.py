"""Read interactions of a range of users into arrays: ids become rows in DuckDB, only numbers pass into Python.

Rule 1: rows come in the order of their arrival: file by file, then what was streamed. DuckDB keeps the order of
    selections and of UNION ALL, not that of joins: ids are encoded by types of enumerated values, which are no joins.
Rule 2: a file sorted by user and time needs no sorting here; several files and streamed events do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from personalize_local.store.csv_columns import sql_type
from personalize_local.store.dataset_files import BulkFile
from personalize_local.store.duck import identifier
from personalize_local.store.events import StreamedEvent
from personalize_local.store.partitions import within
from personalize_local.store.tables import InteractionTable, empty_interactions
from personalize_spec.schemas import DatasetSchema

if TYPE_CHECKING:
    import duckdb

_CORE = {
    "USER_ID": "VARCHAR",
    "ITEM_ID": "VARCHAR",
    "TIMESTAMP": "BIGINT",
    "EVENT_TYPE": "VARCHAR",
    "EVENT_VALUE": "FLOAT",
}
_ENCODED = ("USER_ID", "ITEM_ID", "EVENT_TYPE")
_EVENTS = """
SELECT enum_code(USER_ID::"type of USER_ID")::INTEGER AS user_row, enum_code(ITEM_ID::"type of ITEM_ID")::INTEGER AS
  item_row, TIMESTAMP AS epoch_s, coalesce(enum_code(EVENT_TYPE::"type of EVENT_TYPE")::SMALLINT, -1) AS type_code,
  coalesce(EVENT_VALUE, 'nan'::FLOAT) AS event_value{columns}
FROM part
"""
_CHUNK = 50_000

OwnedEvent = tuple[str, StreamedEvent]


class InteractionReader:
    """The interactions of one dataset: bulk files and streamed events, each with its user.

    `item_column` names what the files' rows are about.
    """

    def __init__(
        self,
        database: duckdb.DuckDBPyConnection,
        files: Sequence[BulkFile],
        events: Iterable[OwnedEvent],
        schema: DatasetSchema,
        columns: Sequence[str],
        item_column: str = "ITEM_ID",
    ) -> None:
        self._database = database
        self._types = {item.name: sql_type(item) for item in schema.fields if item.name in columns}
        self._columns = tuple(columns)
        self._has_values = schema.field("EVENT_VALUE") is not None
        streamed = self._store(events)
        self.max_count = sum(file.row_count for file in files) + streamed
        selects = [_file_select(file, self._types, item_column) for file in files]
        rows = " UNION ALL ".join([*selects, "SELECT * FROM streamed"])
        database.execute(f"CREATE TEMP VIEW raw AS {rows}")

    def read(self, first_user_id: str, end_user_id: str | None) -> InteractionTable:
        """Read the events of the users of a range, identical ones once."""
        self._select(first_user_id, end_user_id)
        ids = {name: self._encode(name) for name in _ENCODED}
        if not len(ids["USER_ID"]):
            return empty_interactions(self._columns)
        wanted = "".join(f", {identifier(name)}" for name in self._columns)
        events = self._database.execute(_EVENTS.format(columns=wanted)).fetchnumpy()
        kept = _in_order(events)
        return InteractionTable(
            user_ids=ids["USER_ID"],
            item_ids=ids["ITEM_ID"],
            user_row=np.asarray(events["user_row"][kept], dtype=np.int32),
            item_row=np.asarray(events["item_row"][kept], dtype=np.int32),
            timestamp_epoch_s=np.asarray(events["epoch_s"][kept], dtype=np.int64),
            event_type=np.asarray(events["type_code"][kept], dtype=np.int16),
            event_types=tuple(ids["EVENT_TYPE"]),
            event_value=np.asarray(events["event_value"][kept], dtype=np.float32) if self._has_values else None,
            columns={name: objects(events[name])[kept] for name in self._columns},
        )

    def _select(self, first_user_id: str, end_user_id: str | None) -> None:
        condition = within(first_user_id, end_user_id)
        self._database.execute(f"CREATE OR REPLACE TEMP VIEW part AS SELECT * FROM raw WHERE {condition}")

    def _encode(self, name: str) -> np.ndarray:
        """Make a type of a column's values, in ascending order; give them."""
        query = f"SELECT DISTINCT {name} AS id FROM part WHERE {name} IS NOT NULL ORDER BY 1"
        self._database.execute(f'DROP TYPE IF EXISTS "type of {name}"')
        self._database.execute(f'CREATE TYPE "type of {name}" AS ENUM ({query})')
        values = f'SELECT unnest(enum_range(NULL::"type of {name}")) AS id'
        return objects(self._database.execute(values).fetchnumpy()["id"])

    def _store(self, events: Iterable[OwnedEvent]) -> int:
        """Put streamed events into a table, some at a time; give how many."""
        kinds = {**_CORE, **self._types}
        declared = ", ".join(f"{identifier(name)} {kind}" for name, kind in kinds.items())
        self._database.execute(f"CREATE TEMP TABLE streamed ({declared})")
        casts = ", ".join(f"TRY_CAST({identifier(name)} AS {kind})" for name, kind in kinds.items())
        count = 0
        for chunk in _chunks(events):
            self._database.register("chunk", _streamed_arrays(chunk, self._types))
            self._database.execute(f"INSERT INTO streamed SELECT {casts} FROM chunk")
            count += len(chunk)
        return count


def owned_events(events: Iterable[StreamedEvent], user_of: Mapping[str, str]) -> Iterator[OwnedEvent]:
    """Give the events that training can use, each with its user: its own, or the one its session was linked to."""
    for event in events:
        user_id = event.user_id or user_of.get(event.session_id)
        if user_id is not None and event.item_id is not None:
            yield user_id, event


def _chunks(events: Iterable[OwnedEvent]) -> Iterator[list[OwnedEvent]]:
    rest = iter(events)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk


def _file_select(item: BulkFile, types: Mapping[str, str], item_column: str) -> str:
    names = {"ITEM_ID": item_column}
    wanted = ", ".join(item.column(names.get(name, name), kind, name) for name, kind in (_CORE | dict(types)).items())
    return f"SELECT {wanted} FROM {item.source}"


def _streamed_arrays(streamed: Sequence[OwnedEvent], types: Mapping[str, str]) -> dict[str, np.ndarray]:
    values = [event.event_value for _, event in streamed]
    arrays = {
        "USER_ID": _texts([user_id for user_id, _ in streamed]),
        "ITEM_ID": _texts([event.item_id for _, event in streamed]),
        "TIMESTAMP": np.array([event.sent_at_epoch_s for _, event in streamed], dtype=np.int64),
        "EVENT_TYPE": _texts([event.event_type for _, event in streamed]),
        "EVENT_VALUE": _texts([None if value is None else repr(value) for value in values]),
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


def objects(array: np.ndarray) -> np.ndarray:
    """Give a column as an object array, None where it is null."""
    plain = np.ma.getdata(array).astype(object)
    mask = np.ma.getmaskarray(array)
    if mask.any():
        plain[mask] = None
    return plain


def _in_order(events: Mapping[str, np.ndarray]) -> np.ndarray | slice:
    """Give the places of the distinct events by user, then time, then arrival."""
    user_row, epoch_s = events["user_row"], events["epoch_s"]
    later = (user_row[1:] > user_row[:-1]) | ((user_row[1:] == user_row[:-1]) & (epoch_s[1:] >= epoch_s[:-1]))
    keys = [events[name] for name in ("user_row", "epoch_s", "item_row", "type_code")]
    if later.all():
        kept = distinct_events(*keys)
        return slice(None) if kept.all() else np.flatnonzero(kept)
    order = np.lexsort((epoch_s, user_row))  # [events]
    return order[distinct_events(*(key[order] for key in keys))]


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
