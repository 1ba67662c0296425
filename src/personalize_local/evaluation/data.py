"""What is evaluated on: interactions, what is known of items and users, and which of it describes items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from personalize_local.evaluation.errors import EvaluationError
from personalize_local.store.tables import InteractionTable, MetadataTable
from personalize_local.training.training_data import catalogue


@dataclass(frozen=True)
class Data:
    """One data set.

    categorical_columns, textual_columns and numeric_columns name the columns of `items` that describe an item;
    context_columns those of `interactions` that a request knows before its answer, such as the device. notes: what a
    reader of the results has to know of how the data was read.
    """

    name: str
    interactions: InteractionTable
    items: MetadataTable | None = None
    users: MetadataTable | None = None
    categorical_columns: tuple[str, ...] = ()
    textual_columns: tuple[str, ...] = ()
    numeric_columns: tuple[str, ...] = ()
    context_columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def item_ids(self) -> np.ndarray:
        """Give every item that has an event or a record: [items] object str, sorted."""
        return catalogue(self.interactions, self.items)

    def contexts(self, events: np.ndarray) -> tuple[dict[str, str], ...]:
        """Give the situation of some events [events], by column; empty without context columns."""
        columns = {name: self.interactions.columns[name][events] for name in self.context_columns}
        if not columns:
            return ()
        return tuple(
            {name: str(values[place]) for name, values in columns.items() if values[place] is not None}
            for place in range(len(events))
        )

    def user_records(self) -> tuple[Mapping[str, object], ...]:
        """Give what is known of each user of the interactions, by column, nulls left out: [users]; empty if nothing."""
        if self.users is None:
            return ()
        row_of = {str(user): row for row, user in enumerate(self.users.ids)}
        rows = [row_of.get(str(user)) for user in self.interactions.user_ids]
        return tuple({} if row is None else _record(self.users, row) for row in rows)


def _record(table: MetadataTable, row: int) -> dict[str, object]:
    """Give one record without its nulls."""
    values = {name: column[row] for name, column in table.columns.items()}
    return {name: value for name, value in values.items() if value is not None and value == value}  # NaN is no value


def data_from_arrays(
    name: str,
    user_ids: Sequence[object] | np.ndarray,
    item_ids: Sequence[object] | np.ndarray,
    epoch_s: Sequence[float] | np.ndarray,
    event_types: Sequence[str] | np.ndarray | None = None,
) -> Data:
    """Make data of columns [events], in any order; events of one user at one time stay in the order given.

    Ids are anything that can be written as text. Errors: EvaluationError for columns of different lengths, or none.
    """
    lengths = {len(column) for column in (user_ids, item_ids, epoch_s)}
    if len(lengths) != 1 or lengths == {0}:
        raise EvaluationError(f"The columns must have one length above 0; they have {sorted(lengths)}.")
    users, user_row = np.unique(_texts(user_ids), return_inverse=True)
    items, item_row = np.unique(_texts(item_ids), return_inverse=True)
    times = np.asarray(epoch_s).astype(np.int64)
    kinds, kind = (), np.full(len(times), -1)
    if event_types is not None:
        names, kind = np.unique(_texts(event_types), return_inverse=True)
        kinds = tuple(names.tolist())
    order = np.lexsort((times, user_row))
    table = InteractionTable(
        user_ids=users.astype(object),
        item_ids=items.astype(object),
        user_row=user_row[order].astype(np.int32),
        item_row=item_row[order].astype(np.int32),
        timestamp_epoch_s=times[order],
        event_type=kind[order].astype(np.int16),
        event_types=kinds,
    )
    return Data(name, table)


def with_context(data: Data, names: Sequence[str]) -> Data:
    """Say which columns of the interactions are context, in any letter case.

    Errors: EvaluationError for a column there is none of, or that is no string.
    """
    found = {name.casefold(): name for name, values in data.interactions.columns.items() if _holds_strings(values)}
    missing = [name for name in names if name.casefold() not in found]
    if missing:
        there = ", ".join(found.values()) or "none"
        raise EvaluationError(f"There is no column of context {', '.join(missing)}; columns of strings: {there}.")
    return replace(data, context_columns=tuple(found[name.casefold()] for name in names))


def _holds_strings(values: np.ndarray) -> bool:
    return all(value is None or isinstance(value, str) for value in values[:1000])


def _texts(column: Sequence[object] | np.ndarray) -> np.ndarray:
    return (column if isinstance(column, np.ndarray) else np.array(list(column))).astype(str)


def take_events(table: InteractionTable, mask: np.ndarray) -> InteractionTable:
    """Keep the events of `mask` [events] bool; users and items stay numbered as they are."""
    return replace(
        table,
        user_row=table.user_row[mask],
        item_row=table.item_row[mask],
        timestamp_epoch_s=table.timestamp_epoch_s[mask],
        event_type=table.event_type[mask],
        event_value=None if table.event_value is None else table.event_value[mask],
        columns={name: values[mask] for name, values in table.columns.items()},
    )


def without_duplicates(data: Data) -> Data:
    """Keep the first of several events by one user on one item in one second, whatever their types."""
    table = data.interactions
    keys = np.stack([table.user_row, table.timestamp_epoch_s, table.item_row], axis=1).astype(np.int64)
    first = np.zeros(len(table), dtype=bool)
    first[np.unique(keys, axis=0, return_index=True)[1]] = True
    note = f"{len(table) - int(first.sum())} events of the same user, item and second left out"
    return replace(data, interactions=take_events(table, first), notes=(*data.notes, note))


def with_enough_events(data: Data, count: int) -> Data:
    """Drop users and items with fewer than `count` events, counted once over all of the data.

    Source: the preprocessing of SASRec's ML-1M file (5 of each).
    """
    table = data.interactions
    users, items = np.bincount(table.user_row)[table.user_row], np.bincount(table.item_row)[table.item_row]
    kept = take_events(table, (users >= count) & (items >= count))
    user_rows, user_row = np.unique(kept.user_row, return_inverse=True)
    item_rows, item_row = np.unique(kept.item_row, return_inverse=True)
    compact = replace(
        kept,
        user_ids=table.user_ids[user_rows],
        item_ids=table.item_ids[item_rows],
        user_row=user_row.astype(np.int32),
        item_row=item_row.astype(np.int32),
    )
    note = f"users and items with fewer than {count} events left out"
    return replace(data, interactions=compact, notes=(*data.notes, note))
