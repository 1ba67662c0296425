"""Readers: what one reader read, and what two campaigns would show them, side by side."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from personalize_local.console.bulk import GroupData
from personalize_local.console.contributions import PLACE, in_words, moved_up
from personalize_local.console.endpoints import Endpoint, read_endpoints, read_filters
from personalize_local.console.http import Reply, Request, redirect
from personalize_local.console.inventory import Group, read_groups
from personalize_local.console.page import PREFIX, NotFoundError, Page
from personalize_local.console.pages.confirm import confirm_page, is_confirmed
from personalize_local.console.reading import facts, find_readers, frequent_values, history, main_event_type
from personalize_local.console.reasons import explain
from personalize_local.console.recommendations import ask, mark_moves
from personalize_local.console.sources import Sources

DEFAULT_COUNT, MAX_COUNT, SHOWN_READS = 10, 25, 15
SIDES = ("left", "right")
OWN_COLUMNS = frozenset({"USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE", "EVENT_VALUE", "IMPRESSION"})
ANONYMOUS = "anonymous-"


def readers_page(sources: Sources, request: Request) -> Page:
    """Give the explorer; without data to explore, what is missing."""
    groups = [group for group in read_groups(sources.account) if group.campaigns or group.parts["recommenders"]]
    if not groups:
        return Page("readers_empty.html", "Readers", {}, section="readers")
    group = choose_group(groups, request.query)
    endpoints = {one.arn: one for one in read_endpoints(sources.account, group)}
    data = sources.bulk.read(group.arn)
    chosen = _choice(request.query, endpoints, data) | {"group": group.arn}
    filters = read_filters(sources.account, group)
    history_rows = (sources.clicks.of(group.arn, chosen["user"]) + history(data, chosen["user"]))[:SHOWN_READS]
    lists = [_list(sources, endpoints[arn], chosen, filters, history_rows) for arn in _sides(chosen)]
    if len(lists) == 2:
        mark_moves(lists[1]["items"], [one["item_id"] for one in lists[0]["items"]])
    for side, shown in zip(SIDES, lists, strict=False):
        _mark_reaction(shown, request.query.get(f"was_{side}", ""))
    _describe(sources, data, chosen, history_rows, lists)
    page = {
        "chosen": chosen,
        "groups": [{"arn": one.arn, "name": one.name} for one in groups],
        "endpoints": [{"arn": one.arn, "name": one.name, "recipe": one.recipe} for one in endpoints.values()],
        "filters": filters,
        "context_columns": _context(data),
        "found": find_readers(data, request.query.get("find", "")),
        "find": request.query.get("find", ""),
        "anonymous": ANONYMOUS + secrets.token_hex(4),
        "history": history_rows,
        "lists": lists,
        "may_click": sources.may_change and bool(group.parts["eventTrackers"]),
        "records": request.query.get("records") == "yes",
        "clicked": request.query.get("clicked", ""),
        "imported_at": data.imported_at,
        "is_partial": data.is_partial,
        "kept": {name: value for name, value in request.query.items() if not name.startswith(("was_", "clicked"))},
    }
    return Page("readers.html", "Readers", page, section="readers")


def click_article(sources: Sources, request: Request) -> Page | Reply:
    """Send the event of a reader who clicks an article, once confirmed; lead back to see the lists react.

    Errors: NotFoundError for a click that lacks something, a group without event tracker, a console that only reads.
    """
    form = request.form
    if not all(form.get(name) for name in ("group", "user", "item")):
        raise NotFoundError("This click does not say whose it is, or on what.")
    back = PREFIX + "readers?" + form.get("back", "")
    if not is_confirmed(request):
        what = (
            f"The event goes to the event tracker, as if reader {form['user']} had clicked on the site: it changes "
            "what this reader is recommended, and what later trainings learn. Further clicks here are not asked about."
        )
        return confirm_page(request, "Record clicks as this reader’s?", what, "Record this click", back)
    group = next((one for one in read_groups(sources.account) if one.arn == form["group"]), None)
    if group is None or not group.parts["eventTrackers"] or not sources.may_change:
        raise NotFoundError("There is no event tracker that this console may send to.")
    event_type = main_event_type(sources.bulk.read(group.arn))
    _put_event(sources, group, form["user"], form["item"], event_type)
    sources.clicks.add(group.arn, form["user"], form["item"], event_type)
    shown = "".join(f"&was_{side}={form.get(f'was_{side}', '')}" for side in SIDES)
    records = "" if "records=yes" in back else "&records=yes"
    return redirect(f"{back}{records}&clicked={form['item']}{shown}")


def choose_group(groups: list[Group], query: Mapping[str, str]) -> Group:
    """Give the group asked for, the one of the campaign asked for, or the first."""
    wanted, endpoint = query.get("group", ""), query.get("left", "")
    for group in groups:
        arns = {one["campaignArn"] for one in group.campaigns}
        arns |= {one["recommenderArn"] for one in group.parts["recommenders"]}
        if group.arn == wanted or (not wanted and endpoint in arns):
            return group
    return groups[0]


def _choice(query: Mapping[str, str], endpoints: Mapping[str, Endpoint], data: GroupData) -> dict[str, Any]:
    """Read what is asked, with something to look at where nothing is said: the busiest reader, the first two."""
    arns = list(endpoints)
    left = query["left"] if query.get("left") in endpoints else next(iter(arns), "")
    others = sorted((arn for arn in arns if arn != left), key=lambda arn: not _is_alike(endpoints, left, arn))
    right = query["right"] if query.get("right") in {*arns, "none"} else next(iter(others), "none")
    user = query.get("user", "").strip()
    if not user:
        user = next((one["user_id"] for one in find_readers(data, "", limit=1)), ANONYMOUS + "1")
    count = query.get("count", "")
    return {
        "user": user, "left": left, "right": right,
        "filter": query.get("filter", ""),
        "count": min(max(int(count), 1), MAX_COUNT) if count.isascii() and count.isdigit() else DEFAULT_COUNT,
        "values": {name[2:]: value for name, value in query.items() if name.startswith("f.") and value},
        "context": {name[2:]: value for name, value in query.items() if name.startswith("c.") and value},
    }  # fmt: skip


def _is_alike(endpoints: Mapping[str, Endpoint], one: str, other: str) -> bool:
    """Tell whether two serve versions of the same recipe: the likeliest to be compared."""
    return one in endpoints and endpoints[one].recipe == endpoints[other].recipe


def _sides(chosen: Mapping[str, Any]) -> list[str]:
    return [chosen[side] for side in SIDES if chosen[side] not in ("", "none")]


def _list(
    sources: Sources, endpoint: Endpoint, chosen: Mapping[str, Any], filters: list[dict[str, Any]],
    history_rows: list[dict[str, Any]],
) -> dict[str, Any]:  # fmt: skip
    rule = next((one for one in filters if one["arn"] == chosen["filter"]), None)
    started = time.perf_counter()
    answer = ask(
        sources.account,
        endpoint,
        user_id=chosen["user"],
        item_id=history_rows[0]["item_id"] if history_rows else "",
        count=chosen["count"],
        filter_arn=rule["arn"] if rule else "",
        filter_values={name: chosen["values"].get(name, "") for name in rule["asks"]} if rule else {},
        context=chosen["context"],
    )
    took_ms = round((time.perf_counter() - started) * 1000)
    return {
        "arn": endpoint.arn,
        "name": endpoint.name,
        "recipe": endpoint.recipe,
        "serves": endpoint.serves,
        "took_ms": took_ms,
    } | answer


def _mark_reaction(shown: dict[str, Any], was: str) -> None:
    """Say what changed in a list since the click; `was` names its items before, with commas."""
    before = [one for one in was.split(",") if one]
    now = [one["item_id"] for one in shown["items"]]
    shown["reaction"] = None
    if before and not shown["error"]:
        shown["reaction"] = {
            "new": sum(one not in before for one in now),
            "moved": sum(one in before and before.index(one) != place for place, one in enumerate(now)),
        }


def _describe(
    sources: Sources, data: GroupData, chosen: Mapping[str, Any], rows: list[dict[str, Any]],
    lists: list[dict[str, Any]],
) -> None:  # fmt: skip
    """Add titles and reasons to the history and the lists."""
    listed = [one["item_id"] for shown in lists for one in shown["items"]]
    articles = sources.content.articles([*(row["item_id"] for row in rows), *listed])
    for row in rows:
        row |= articles[row["item_id"]]
    sections = Counter(row["category"] for row in rows if row["category"])
    last = rows[0] if rows else {"item_id": "", "title": ""}
    known = facts(data, chosen["user"], last["item_id"], list(dict.fromkeys(listed)))
    for shown in lists:
        told = sources.inside.reasons(
            shown["arn"], chosen["user"], last["item_id"], chosen["context"], [one["item_id"] for one in shown["items"]]
        )
        moved = moved_up([told.get(one["item_id"], {}).get(PLACE) for one in shown["items"]])
        for item, was_moved in zip(shown["items"], moved, strict=True):
            item |= articles[item["item_id"]]
            item["reasons"] = explain(item, known[item["item_id"]], last["title"], sections)
            mine = told.get(item["item_id"], {})
            item |= {"parts": in_words(mine), "place": mine.get(PLACE), "is_moved_up": was_moved}


def _context(data: GroupData) -> list[dict[str, Any]]:
    columns = [name for name in data.columns["interactions"] if name.upper() not in OWN_COLUMNS]
    return [{"name": name, "values": frequent_values(data, name)} for name in columns]


def _put_event(sources: Sources, group: Group, user_id: str, item_id: str, event_type: str) -> None:
    tracker_arn = group.parts["eventTrackers"][0]["eventTrackerArn"]
    described = sources.account.client("personalize").describe_event_tracker(eventTrackerArn=tracker_arn)
    sources.account.client("personalize-events").put_events(
        trackingId=described["eventTracker"]["trackingId"],
        userId=user_id,
        sessionId=f"console-{user_id}"[:256],
        eventList=[{"eventType": event_type, "itemId": item_id, "sentAt": datetime.now(UTC)}],
    )
