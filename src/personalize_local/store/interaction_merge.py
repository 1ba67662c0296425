"""Put the interactions of all partitions of a dataset together to one table.

Only one partition is read at a time. Arrays of many events lie in a file that has no name and is mapped into memory:
the system can drop what is not looked at.

Units: 22 bytes per event (18 without EVENT_VALUE), beside 8 for each further column.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from personalize_local.store.dataset_files import BulkFile
from personalize_local.store.duck import open_duckdb
from personalize_local.store.interaction_reader import InteractionReader, OwnedEvent
from personalize_local.store.partitions import PARTITION_EVENTS, user_ranges
from personalize_local.store.tables import InteractionTable
from personalize_spec.schemas import DatasetSchema

MAPPED_BYTES = 256 * 1024 * 1024


def read_interactions(
    files: Sequence[BulkFile],
    events: Iterable[OwnedEvent],
    schema: DatasetSchema,
    columns: Sequence[str],
    spill_folder: Path,
    item_column: str = "ITEM_ID",
    *,
    partition_events: int = PARTITION_EVENTS,
) -> InteractionTable:
    """Merge bulk rows and streamed events, identical ones once."""
    ranges = user_ranges(files, partition_events, spill_folder)
    with open_duckdb(spill_folder) as database:
        reader = InteractionReader(database, files, events, schema, columns, item_column)
        merged = _Merge(reader.max_count, columns, schema.field("EVENT_VALUE") is not None, spill_folder)
        for first_user_id, end_user_id in ranges:
            merged.add(reader.read(first_user_id, end_user_id))
    return merged.table()


class _Merge:
    """Arrays for all events, filled partition by partition; partitions come in the order of their users."""

    def __init__(self, max_count: int, columns: Sequence[str], has_values: bool, folder: Path) -> None:
        self._arrays = {
            "user_row": _allocate(max_count, np.int32, folder),
            "item_row": _allocate(max_count, np.int32, folder),
            "timestamp_epoch_s": _allocate(max_count, np.int64, folder),
            "event_type": _allocate(max_count, np.int16, folder),
        }
        if has_values:
            self._arrays["event_value"] = _allocate(max_count, np.float32, folder)
        self._columns = {name: np.empty(max_count, dtype=object) for name in columns}
        self._items: dict[str, int] = {}  # item id → its code, in the order in which they come
        self._types: dict[str, int] = {}
        self._user_ids: list[np.ndarray] = []
        self._user_count = 0
        self._count = 0

    def add(self, part: InteractionTable) -> None:
        """Append a partition."""
        place = slice(self._count, self._count + len(part))
        self._arrays["user_row"][place] = part.user_row + np.int32(self._user_count)
        self._arrays["item_row"][place] = _codes(self._items, part.item_ids, np.int32)[part.item_row]
        self._arrays["timestamp_epoch_s"][place] = part.timestamp_epoch_s
        self._arrays["event_type"][place] = _type_codes(self._types, part.event_types)[part.event_type]
        if part.event_value is not None:
            self._arrays["event_value"][place] = part.event_value
        for name, values in part.columns.items():
            self._columns[name][place] = values
        self._user_ids.append(part.user_ids)
        self._user_count += len(part.user_ids)
        self._count += len(part)

    def table(self) -> InteractionTable:
        """Give everything, with items and types in their order."""
        item_ids, item_rows = _sorted(self._items, np.int32)
        event_types, type_codes = _sorted(self._types, np.int16)
        arrays = {name: array[: self._count] for name, array in self._arrays.items()}
        _replace(arrays["item_row"], item_rows)
        _replace(arrays["event_type"], np.append(type_codes, np.int16(-1)))
        return InteractionTable(
            user_ids=np.concatenate(self._user_ids),
            item_ids=item_ids,
            user_row=arrays["user_row"],
            item_row=arrays["item_row"],
            timestamp_epoch_s=arrays["timestamp_epoch_s"],
            event_type=arrays["event_type"],
            event_types=tuple(event_types),
            event_value=arrays.get("event_value"),
            columns={name: values[: self._count] for name, values in self._columns.items()},
        )


def _allocate(count: int, dtype: type[np.generic], folder: Path) -> np.ndarray:
    """Give an array without content: in memory, or mapped when it is large."""
    if count * np.dtype(dtype).itemsize < MAPPED_BYTES:
        return np.empty(count, dtype=dtype)
    with tempfile.TemporaryFile(dir=folder) as file:
        return np.memmap(file, dtype=dtype, shape=(count,), mode="w+")


def _codes(known: dict[str, int], ids: Sequence[str] | np.ndarray, dtype: type[np.generic]) -> np.ndarray:
    """Give the code of each id, a new one for those that are not known yet: [ids]."""
    return np.array([known.setdefault(each, len(known)) for each in ids], dtype=dtype)


def _type_codes(known: dict[str, int], types: Sequence[str]) -> np.ndarray:
    """Give the code of each type, and at the end -1 for what has none: [types + 1] int16."""
    return np.append(_codes(known, types, np.int16), np.int16(-1))


def _sorted(known: dict[str, int], dtype: type[np.generic]) -> tuple[np.ndarray, np.ndarray]:
    """Give the ids in ascending order, and the place of each code among them: both [ids]."""
    ids = np.array(sorted(known), dtype=object)
    places = np.empty(len(ids), dtype=dtype)
    places[[known[each] for each in ids]] = np.arange(len(ids), dtype=dtype)
    return ids, places


def _replace(codes: np.ndarray, places: np.ndarray) -> None:
    """Put places instead of codes, some at a time: no second array of all events."""
    for start in range(0, len(codes), PARTITION_EVENTS):
        codes[start : start + PARTITION_EVENTS] = places[codes[start : start + PARTITION_EVENTS]]
