"""Add up what bulk interactions bring, per source and window, out of core."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from personalize_local.store.attributions import Total
from personalize_local.store.dataset_files import BulkFile
from personalize_local.store.duck import identifier, literal, open_duckdb

if TYPE_CHECKING:
    import duckdb

_COLUMNS = {
    "ITEM_ID": "VARCHAR",
    "TIMESTAMP": "BIGINT",
    "EVENT_TYPE": "VARCHAR",
    "RECOMMENDATION_ID": "VARCHAR",
    "EVENT_ATTRIBUTION_SOURCE": "VARCHAR",
}
_NUMBERS = "numbers"


@dataclass(frozen=True)
class BulkMetric:
    """A metric to add up: a count, a column of the interactions, or numbers by item id.

    Shapes: item_ids, item_numbers [items].
    """

    name: str
    event_type: str
    function: str
    column: str | None = None
    item_ids: np.ndarray | None = None
    item_numbers: np.ndarray | None = None


@dataclass(frozen=True)
class SourceRule:
    """How a row names its source: by itself, else by the mark at the end of its recommendation id, else `undefined`."""

    name_of_mark: Mapping[str, str]
    mark_length: int
    undefined: str

    @property
    def sql(self) -> str:
        """SQL of a row's source."""
        mark = f"right(RECOMMENDATION_ID, {self.mark_length})"
        branches = [f"WHEN {mark} = {literal(each)} THEN {literal(name)}" for each, name in self.name_of_mark.items()]
        recommended_by = f"CASE {' '.join(branches)} END" if branches else "CAST(NULL AS VARCHAR)"
        return f"coalesce(EVENT_ATTRIBUTION_SOURCE, {recommended_by}, {literal(self.undefined)})"


def read_totals(
    files: Sequence[BulkFile], metrics: Sequence[BulkMetric], sources: SourceRule, window_s: int, spill_folder: Path
) -> list[Total]:
    """Add up the rows of the files. Units: window_s in seconds."""
    with open_duckdb(spill_folder) as database:
        return [total for metric in metrics for total in _totals(database, files, metric, sources, window_s)]


def _totals(
    database: duckdb.DuckDBPyConnection,
    files: Sequence[BulkFile],
    metric: BulkMetric,
    sources: SourceRule,
    window_s: int,
) -> list[Total]:
    columns = ({metric.column.upper(): "DOUBLE"} if metric.column else {}) | _COLUMNS
    selects = (
        f"SELECT {', '.join(item.column(name, kind) for name, kind in columns.items())} FROM {item.source}"
        for item in files
    )
    value, join = _value(database, metric)
    query = (
        f"SELECT {sources.sql} AS source, (TIMESTAMP // {window_s}) * {window_s} AS window_epoch_s,"
        f" count({value}) AS n, sum({value}), min({value}), max({value})"
        f" FROM ({' UNION ALL '.join(selects)}) AS events {join}"
        f" WHERE lower(EVENT_TYPE) = lower({literal(metric.event_type)}) GROUP BY 1, 2 HAVING n > 0 ORDER BY 2, 1"
    )
    return [Total(metric.name, metric.event_type, metric.function, *row) for row in database.execute(query).fetchall()]


def _value(database: duckdb.DuckDBPyConnection, metric: BulkMetric) -> tuple[str, str]:
    """Give SQL of a row's value, and the join it needs."""
    if metric.item_ids is not None and metric.item_numbers is not None:
        known = ~np.isnan(metric.item_numbers)
        table: dict[str, Any] = {"item_id": metric.item_ids[known], "number": metric.item_numbers[known]}
        database.register(_NUMBERS, table)
        return f"{_NUMBERS}.number", f"JOIN {_NUMBERS} ON {_NUMBERS}.item_id = events.ITEM_ID"
    return (f"CAST({identifier(metric.column.upper())} AS DOUBLE)" if metric.column else "CAST(1 AS DOUBLE)"), ""
