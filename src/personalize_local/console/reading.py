"""What readers did, by the imported data: who they are, what they read, and why an article may suit one of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from personalize_local.console.bulk import GroupData

RECENT_S = 24 * 3600.0

_FIND = """
SELECT USER_ID AS user_id, count(*) AS events, max(at_s) AS last_s FROM interactions
WHERE contains(lower(USER_ID), lower($text)) GROUP BY 1 ORDER BY events DESC, user_id LIMIT $limit
"""
_HISTORY = """
SELECT *, at_s AS read_s FROM interactions WHERE USER_ID = $user ORDER BY at_s DESC LIMIT $limit
"""
# Per article: readers of the last day of the data, its rank among them, and who read it as well as the given one.
_FACTS = """
WITH recent AS (
  SELECT ITEM_ID, count(DISTINCT USER_ID) AS readers, rank() OVER (ORDER BY count(DISTINCT USER_ID) DESC) AS place
  FROM interactions WHERE at_s > (SELECT max(at_s) FROM interactions) - $recent_s GROUP BY 1),
together AS (
  SELECT ITEM_ID, count(DISTINCT USER_ID) AS readers FROM interactions
  WHERE USER_ID IN (SELECT USER_ID FROM interactions WHERE ITEM_ID = $last) GROUP BY 1),
own AS (SELECT ITEM_ID, count(*) AS times FROM interactions WHERE USER_ID = $user GROUP BY 1)
SELECT wanted.ITEM_ID AS item_id, recent.readers AS recent_readers, recent.place AS recent_place,
  together.readers AS shared_readers, own.times AS own_times
FROM (SELECT unnest($items) AS ITEM_ID) wanted
LEFT JOIN recent USING (ITEM_ID) LEFT JOIN together USING (ITEM_ID) LEFT JOIN own USING (ITEM_ID)
"""


def find_readers(data: GroupData, text: str, limit: int = 12) -> list[dict[str, Any]]:
    """Give readers whose id contains a text, those with the most events first."""
    found = data.ask(_FIND, text=text, limit=limit)
    return [{"user_id": one["user_id"], "events": one["events"], "last_at": _moment(one["last_s"])} for one in found]


def history(data: GroupData, user_id: str, limit: int = 25) -> list[dict[str, Any]]:
    """Give what a reader did, newest first."""
    return [
        {"item_id": row["ITEM_ID"], "at": _moment(row["read_s"]), "event_type": row.get("EVENT_TYPE") or ""}
        for row in data.ask(_HISTORY, user=user_id, limit=limit)
    ]


def main_event_type(data: GroupData) -> str:
    """Name the most frequent event type; `click` where the data has none."""
    if "EVENT_TYPE" not in data.columns["interactions"]:
        return "click"
    found = data.ask("SELECT EVENT_TYPE AS name FROM interactions GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")
    return found[0]["name"] or "click" if found else "click"


def frequent_values(data: GroupData, column: str, limit: int = 12) -> list[str]:
    """Give the values that are most frequent in a column of the interactions."""
    quoted = '"' + column.replace('"', '""') + '"'
    sql = f"SELECT {quoted} AS value FROM interactions WHERE value <> '' GROUP BY 1 ORDER BY count(*) DESC LIMIT $limit"
    return [row["value"] for row in data.ask(sql, limit=limit)]


def facts(data: GroupData, user_id: str, last_item_id: str, item_ids: list[str]) -> dict[str, dict[str, Any]]:
    """Give what the data says of articles for a reader whose last read is `last_item_id`, empty if there is none.

    Units: recent means the last day that the data has.
    """
    if not item_ids:
        return {}
    rows = data.ask(_FACTS, user=user_id, last=last_item_id, items=item_ids, recent_s=RECENT_S)
    return {row.pop("item_id"): row for row in rows}


def _moment(epoch_s: float | None) -> datetime:
    return datetime.fromtimestamp(epoch_s or 0.0, UTC)
