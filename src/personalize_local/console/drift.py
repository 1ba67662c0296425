"""How the newest interactions differ from those before: since the import before the last, or in their last seventh.

The population stability index of a column compares the shares of its values: below 0.1 hardly moved, above 0.25 much.
Source: the index and its customary marks are the credit industry's; smoothed so that new values count and stay finite.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from personalize_local.console.bulk import GroupData

SMALL, LARGE = 0.1, 0.25
MOST_VALUES = 20
LAST_SHARE = 1 / 7
SMOOTHING = 0.5
OWN_COLUMNS = frozenset({"USER_ID", "ITEM_ID", "TIMESTAMP", "IMPRESSION", "RECOMMENDATION_ID", "EVENT_VALUE"})

_SPAN = "SELECT min(at_s) AS first_s, max(at_s) AS last_s FROM interactions"
_SIDES = """
SELECT count(*) FILTER (at_s >= $cut) AS after, count(*) FILTER (at_s < $cut) AS before FROM interactions
"""
_NEW = """
WITH old AS (SELECT DISTINCT {column} AS id FROM interactions WHERE at_s < $cut)
SELECT avg(CASE WHEN old.id IS NULL THEN 1.0 ELSE 0.0 END) AS share
FROM (SELECT {column} AS id FROM interactions WHERE at_s >= $cut) new LEFT JOIN old USING (id)
"""
_SHARES = """
SELECT coalesce(value, '') AS value, count(*) FILTER (at_s < $cut) AS before, count(*) FILTER (at_s >= $cut) AS after
FROM (SELECT {column} AS value, at_s FROM {source}) WHERE at_s IS NOT NULL GROUP BY 1
"""
# The records of the items, the first of each: a repeated one would count its events twice.
_JOINED = """
interactions JOIN (SELECT * FROM items QUALIFY row_number() OVER (PARTITION BY ITEM_ID) = 1) i USING (ITEM_ID)
"""


def drift_of(data: GroupData) -> dict[str, Any] | None:
    """Give when the new part begins, how much of it is of new readers and items, and each column's index.

    None without enough of either part. Units: cut_s in epoch seconds.
    """
    cut_s, why = _cut(data)
    if cut_s is None:
        return None
    (sides,) = data.ask(_SIDES, cut=cut_s)
    if not sides["before"] or not sides["after"]:
        return None
    new = {
        name: data.ask(_NEW.format(column=column), cut=cut_s)[0]["share"]
        for name, column in (("users", "USER_ID"), ("items", "ITEM_ID"))
    }
    columns = [_column(data, name, source, column, cut_s) for name, source, column in _compared(data)]
    columns.sort(key=lambda one: -one["index"])
    return {"cut_s": cut_s, "why": why, **sides, "new_shares": new, "columns": columns}


def stability_index(counts: Mapping[str, tuple[int, int]]) -> float:
    """Give the index of values' counts before and after; the rare values count as one."""
    ordered = sorted(counts.values(), key=lambda pair: -sum(pair))
    rest = ordered[MOST_VALUES:]
    pairs = [*ordered[:MOST_VALUES], *([(sum(a for a, _ in rest), sum(b for _, b in rest))] if rest else [])]
    total = SMOOTHING * len(pairs)
    before, after = sum(a for a, _ in pairs) + total, sum(b for _, b in pairs) + total
    shares = [((a + SMOOTHING) / before, (b + SMOOTHING) / after) for a, b in pairs]
    return sum((new - old) * math.log(new / old) for old, new in shares)


def _cut(data: GroupData) -> tuple[float | None, str]:
    """Choose the moment that parts old from new: the import before, where the data has events on both sides of it."""
    (span,) = data.ask(_SPAN)
    first, last = span["first_s"], span["last_s"]
    if first is None or first >= last:
        return None, ""
    imported = data.imported.get("Interactions")
    before = imported.before["creationDateTime"].timestamp() if imported and imported.before else None
    if before is not None and first < before < last:
        return before, "the import before the last"
    return last - (last - first) * LAST_SHARE, "the last seventh of the time"


def _compared(data: GroupData) -> list[tuple[str, str, str]]:
    """Give the columns worth comparing: name, where from, and the SQL of the value."""
    own = [name for name in data.columns["interactions"] if name.upper() not in OWN_COLUMNS]
    found = [(name, "interactions", '"' + name.replace('"', '""') + '"') for name in own]
    found.append(("hour of the day (UTC)", "interactions", "(floor(at_s / 3600) % 24)::INT"))
    for name in data.columns["items"]:
        column = '"' + name.replace('"', '""') + '"'
        (few,) = data.ask(f"SELECT count(DISTINCT {column}) AS n, count(*) AS total FROM items")
        if name != "ITEM_ID" and 1 < few["n"] <= max(50, few["total"] / 20):
            found.append((f"{name} of the items", _JOINED, f"i.{column}"))
    return found


def _column(data: GroupData, name: str, source: str, column: str, cut_s: float) -> dict[str, Any]:
    rows = data.ask(_SHARES.format(column=f"CAST({column} AS VARCHAR)", source=source), cut=cut_s)
    counts = {row["value"]: (row["before"], row["after"]) for row in rows}
    before, after = (max(sum(pair[side] for pair in counts.values()), 1) for side in (0, 1))
    moved = max(counts, key=lambda value: abs(counts[value][1] / after - counts[value][0] / before), default="")
    old, new = counts.get(moved, (0, 0))
    index = stability_index(counts) if counts else 0.0
    return {"name": name, "index": index, "grade": "much" if index > LARGE else "some" if index > SMALL else "hardly",
            "moved": moved[:60], "before_share": old / before, "after_share": new / after}  # fmt: skip
