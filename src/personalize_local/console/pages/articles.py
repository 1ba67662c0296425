"""Articles: search by what readers read, and one article: who reads it, when, and what is read with it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from personalize_local.console.bulk import GroupData
from personalize_local.console.http import Request
from personalize_local.console.inventory import read_groups
from personalize_local.console.page import Page
from personalize_local.console.pages.readers import choose_group
from personalize_local.console.sources import Sources

LISTED, SHOWN_BINS = 50, 48

_TOP = """
SELECT ITEM_ID AS item_id, count(*) AS events, count(DISTINCT USER_ID) AS readers FROM interactions
WHERE contains(lower(ITEM_ID), lower($text)) GROUP BY 1 ORDER BY readers DESC, item_id LIMIT $limit
"""
_WITH = """
WITH own AS (SELECT DISTINCT USER_ID FROM interactions WHERE ITEM_ID = $item)
SELECT ITEM_ID AS item_id, count(DISTINCT USER_ID) AS readers FROM interactions
WHERE USER_ID IN (SELECT USER_ID FROM own) AND ITEM_ID <> $item
GROUP BY 1 ORDER BY readers DESC, item_id LIMIT 10
"""
_READERS = """
SELECT USER_ID AS user_id, count(*) AS events, max(at_s) AS last_s FROM interactions WHERE ITEM_ID = $item
GROUP BY 1 ORDER BY last_s DESC, user_id LIMIT 10
"""
_TIMES = """
WITH span AS (SELECT min(at_s) AS first_s, max(at_s) + 1 AS end_s FROM interactions WHERE ITEM_ID = $item)
SELECT least($bins - 1, floor((at_s - first_s) / (end_s - first_s) * $bins))::INT AS bin, count(*) AS events
FROM interactions, span WHERE ITEM_ID = $item GROUP BY 1 ORDER BY 1
"""
_SUMMARY = """
SELECT count(*) AS events, count(DISTINCT USER_ID) AS readers, min(at_s) AS first_s, max(at_s) AS last_s
FROM interactions WHERE ITEM_ID = $item
"""
_TYPES = """
SELECT EVENT_TYPE AS name, count(*) AS events FROM interactions WHERE ITEM_ID = $item GROUP BY 1 ORDER BY 2 DESC, 1
"""
# The pieces of IMPRESSION are the articles that were shown together; the one of the row itself was turned to.
_SHOWN = """
SELECT count(*) AS shown, count(*) FILTER (ITEM_ID = $item) AS clicked FROM interactions
WHERE list_contains(string_split(IMPRESSION, '|'), $item)
"""


def articles_page(sources: Sources, request: Request) -> Page:
    """Give the most read articles, those of a search, or one article."""
    groups = [group for group in read_groups(sources.account) if group.parts["datasets"]]
    if not groups:
        return Page("readers_empty.html", "Articles", {}, section="articles")
    group = choose_group(groups, request.query)
    data = sources.bulk.read(group.arn)
    shared = {"group": group.arn, "imported_at": data.imported_at, "is_partial": data.is_partial}
    item_id = request.query.get("item", "")
    if item_id:
        article = _article(sources, data, item_id)
        return Page("article.html", article["title"], shared | {"article": article}, section="articles")
    text = request.query.get("find", "")
    found = data.ask(_TOP, text=text, limit=LISTED)
    titles = sources.content.articles(one["item_id"] for one in found)
    rows = [one | titles[one["item_id"]] for one in found]
    return Page("articles.html", "Articles", shared | {"articles": rows, "find": text}, section="articles")


def _article(sources: Sources, data: GroupData, item_id: str) -> dict[str, Any]:
    (summary,) = data.ask(_SUMMARY, item=item_id)
    together, readers = data.ask(_WITH, item=item_id), data.ask(_READERS, item=item_id)
    titles = sources.content.articles([item_id, *(one["item_id"] for one in together)])
    metadata = data.ask("SELECT * FROM items WHERE ITEM_ID = $item LIMIT 1", item=item_id)
    first_s, last_s = summary.pop("first_s"), summary.pop("last_s")
    return {
        **titles[item_id],
        **summary,
        "first_at": _moment(first_s),
        "last_at": _moment(last_s),
        "together": [one | titles[one["item_id"]] for one in together],
        "recent_readers": [one | {"last_at": _moment(one.pop("last_s"))} for one in readers],
        "metadata": {name: value for name, value in (metadata[0] if metadata else {}).items() if name != "ITEM_ID"},
        "bins": _bins(data, item_id),
        "event_types": data.ask(_TYPES, item=item_id) if "EVENT_TYPE" in data.columns["interactions"] else [],
        "impressions": data.ask(_SHOWN, item=item_id)[0] if "IMPRESSION" in data.columns["interactions"] else None,
    }


def _bins(data: GroupData, item_id: str) -> list[int]:
    """Count the article's events in equal parts of the time from its first to its last."""
    counts = [0] * SHOWN_BINS
    for row in data.ask(_TIMES, item=item_id, bins=SHOWN_BINS):
        counts[row["bin"]] = row["events"]
    return counts


def _moment(epoch_s: float | None) -> datetime | None:
    return None if epoch_s is None else datetime.fromtimestamp(epoch_s, UTC)
