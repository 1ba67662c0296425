"""What a dataset group's data are like: counts, time, sparsity, the long tail, repeats, nulls, what is cold, drift."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from personalize_local.console.bulk import GroupData
from personalize_local.console.drift import drift_of

SAMPLE_ROWS, MOST_VALUES = 5, 5
FEW_VALUES, FEW_SHARE = 20, 0.1  # of more than these the most frequent say nothing
CURVE = (0.01, 0.05, 0.1, 0.2, 0.5)

_COUNTS = """
SELECT count(*) AS events, count(DISTINCT USER_ID) AS users, count(DISTINCT ITEM_ID) AS items,
  min(at_s) AS first_s, max(at_s) AS last_s, count(*) FILTER (at_s IS NULL) AS without_time FROM interactions
"""
_REPEATS = """
SELECT coalesce(sum(times - 1), 0)::BIGINT AS repeats FROM
  (SELECT count(*) AS times FROM interactions GROUP BY USER_ID, ITEM_ID)
"""
_PER = """
SELECT quantile_cont(events, 0.5) AS median, quantile_cont(events, 0.9) AS ninth, max(events) AS most,
  count(*) FILTER (events = 1) AS once FROM (SELECT count(*) AS events FROM interactions GROUP BY {column})
"""
_TAIL = """
WITH counts AS (SELECT count(*) AS events FROM interactions GROUP BY ITEM_ID),
ranked AS (SELECT events, row_number() OVER (ORDER BY events DESC) AS place, count(*) OVER () AS items,
  sum(events) OVER () AS total FROM counts)
SELECT {sums} FROM ranked
"""
_DAYS = """
SELECT floor(at_s / 86400)::BIGINT AS day, count(*) AS events FROM interactions WHERE at_s IS NOT NULL GROUP BY 1
ORDER BY 1 DESC LIMIT 90
"""
_COLD = """
SELECT count(*) AS items, count(*) FILTER (NOT EXISTS
  (SELECT 1 FROM interactions WHERE interactions.ITEM_ID = items.ITEM_ID)) AS cold FROM
  (SELECT DISTINCT ITEM_ID FROM items) items
"""
_UNKNOWN = """
SELECT count(*) AS items FROM (SELECT DISTINCT ITEM_ID FROM interactions) found
WHERE NOT EXISTS (SELECT 1 FROM items WHERE items.ITEM_ID = found.ITEM_ID)
"""


def profile_of(data: GroupData) -> dict[str, Any]:
    """Give the profile, of what was read: where that is a part, users and items are the part's."""
    return {
        "interactions": _interactions(data) if data.extents["interactions"].file_count else None,
        "columns": {table: _columns(data, table) for table, extent in data.extents.items() if extent.file_count},
        "rows": {table: data.ask(f"SELECT count(*) AS n FROM {table}")[0]["n"] for table in data.extents},
        "duplicates": {table: _duplicates(data, table) for table, extent in data.extents.items() if extent.file_count},
        "samples": {table: _sample(data, table) for table, extent in data.extents.items() if extent.file_count},
        "cold": _cold(data),
        "drift": drift_of(data),
    }


def _interactions(data: GroupData) -> dict[str, Any] | None:
    (counts,) = data.ask(_COUNTS)
    if not counts["events"]:
        return None
    (repeats,) = data.ask(_REPEATS)
    sums = ", ".join(
        f"coalesce(sum(events) FILTER (place <= greatest(1, items * {share})), 0)::DOUBLE / max(total) AS t{number}"
        for number, share in enumerate(CURVE)
    )
    (tail,) = data.ask(_TAIL.format(sums=sums))
    days = data.ask(_DAYS)[::-1]
    return counts | {
        "first_at": moment(counts.pop("first_s")),
        "last_at": moment(counts.pop("last_s")),
        "filled_share": counts["events"] / max(counts["users"] * counts["items"], 1),
        "repeat_rate": repeats["repeats"] / counts["events"],
        "per_user": data.ask(_PER.format(column="USER_ID"))[0],
        "per_item": data.ask(_PER.format(column="ITEM_ID"))[0],
        "tail": [{"items_share": share, "events_share": tail[f"t{n}"]} for n, share in enumerate(CURVE)],
        "days": [{"day": moment(row["day"] * 86400.0), "events": row["events"]} for row in days],
    }


def _columns(data: GroupData, table: str) -> list[dict[str, Any]]:
    """Give each column's nulls, number of values, and most frequent ones."""
    found = []
    for name in data.columns[table]:
        column = quoted(name)
        (counts,) = data.ask(
            f"SELECT count(*) AS total, count(*) FILTER ({column} IS NULL OR {column} = '') AS empty, "
            f"count(DISTINCT {column}) AS distinct_values FROM {table}"
        )
        few = counts["distinct_values"] <= max(FEW_VALUES, counts["total"] * FEW_SHARE)
        top = data.ask(
            f"SELECT {column} AS value, count(*) AS n FROM {table} WHERE {column} <> '' GROUP BY 1 "
            "ORDER BY n DESC, 1 LIMIT $limit", limit=MOST_VALUES,
        ) if few else []  # fmt: skip
        total = max(counts["total"], 1)
        values = [{"value": row["value"][:60], "share": row["n"] / total} for row in top]
        found.append({"name": name, "null_share": counts["empty"] / total, "values": counts["distinct_values"],
                      "top": values})  # fmt: skip
    return found


def _duplicates(data: GroupData, table: str) -> int:
    """Count the rows beyond the first of those that Personalize takes for one."""
    wanted = {"interactions": ("USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE"), "items": ("ITEM_ID",)}
    columns = [name for name in wanted.get(table, ("USER_ID",)) if name in data.columns[table]]
    names = ", ".join(map(quoted, columns))
    (found,) = data.ask(f"SELECT count(*) - count(DISTINCT ({names})) AS repeated FROM {table}")
    return found["repeated"]


def _sample(data: GroupData, table: str) -> list[dict[str, Any]]:
    names = ", ".join(map(quoted, data.columns[table]))
    rows = data.ask(f"SELECT {names} FROM {table} USING SAMPLE reservoir({SAMPLE_ROWS} ROWS) REPEATABLE (7)")
    return [{name: None if value is None else value[:200] for name, value in row.items()} for row in rows]


def _cold(data: GroupData) -> Mapping[str, int] | None:
    """Count items nobody has turned to, and items of interactions that Items does not know."""
    if not data.extents["items"].file_count:
        return None
    (cold,) = data.ask(_COLD)
    (unknown,) = data.ask(_UNKNOWN)
    return {"items": cold["items"], "cold": cold["cold"], "unknown": unknown["items"]}


def quoted(name: str) -> str:
    """Write a column's name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def moment(epoch_s: float | None) -> datetime | None:
    """Give a time; None for none, and for one that no calendar has."""
    try:
        return None if epoch_s is None else datetime.fromtimestamp(epoch_s, UTC)
    except (OverflowError, ValueError, OSError):
        return None
