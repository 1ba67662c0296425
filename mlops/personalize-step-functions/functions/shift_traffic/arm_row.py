"""What a release writes: the row of the arm with its campaigns, and what was served before; pure.

A campaign that was updated in place is one that serves readers on both arms. It has a version before, and goes back to
it by an update.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.arms import MAIN_COLUMN, Row, campaigns_of, row_named, version_known, with_withdrawn

Plan = Mapping[str, Any]
NEW, KEPT = "NEW", "KEPT"


Good = Mapping[str, str]  # a campaign's name → the ARN under which it was prepared well


def succeeded(results: Sequence[Mapping[str, Any]]) -> Good:
    """Give the campaigns that were prepared well."""
    return {each["name"]: each["campaign"]["arn"] for each in results if each["outcome"] == "SUCCEEDED"}


def compose(plan: Plan, good: Good, live: Row | None) -> dict[str, Any]:
    """Compose the row, without its weight.

    A campaign that was not prepared well leaves its column to the one that serves now; its version too.
    """
    candidates = _known(plan, good)
    columns = {each["column"]: _arn(each, good) for each in candidates if each["column"]}
    return {**plan["row"], **columns, "name": plan["arm"], **history(plan, good, live or {})}


def history(plan: Plan, good: Good, before: Mapping[str, Any]) -> dict[str, Any]:
    """Give what is to be known of the campaigns later: their versions, those before, and those taken back.

    `before` is what was known until now: the live row, or the memory of a dataset group without one.
    """
    candidates = _known(plan, good)
    return {
        "campaigns": {
            each["name"]: {
                "column": each["column"],
                "version": each["version"] if each["name"] in good else each["live_version"],
            }
            for each in candidates
        },
        "former": _former(candidates, good, before),
        "withdrawn": plan.get("withdrawn", before.get("withdrawn", [])),
    }


def moved_in_place(plan: Plan, good: Good) -> list[dict[str, str]]:
    """Give the live campaigns that were updated to another version, with the one before."""
    return [
        _move(each)
        for each in _good(plan, good)
        if each["mode"] != KEPT and each["live_version"] and good[each["name"]] == each["live_campaign"]
    ]


def may_have_moved(plan: Plan) -> list[dict[str, str]]:
    """Give the live campaigns that the release may have updated, whatever has become of it: with the version before."""
    return [
        _move(each)
        for each in plan["candidates"]
        if each["mode"] != KEPT and each["live_version"] and each["column"] != MAIN_COLUMN
    ]


def back(moved: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    """Give the definitions by which campaigns get their versions before again; those that have them stay."""
    return [
        {
            "kind": "campaign",
            "name": each["arn"].rsplit("/", 1)[-1],
            "arn": each["arn"],
            "arguments": {"solutionVersionArn": each["before"]},
        }
        for each in moved
    ]


def versions_back(known: Mapping[str, Any], moved: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Give a row, or a memory, whose campaigns have their versions before; the newer ones are taken back."""
    before = {each["name"]: {"version": each["before"]} for each in moved}
    campaigns = {name: {**entry, **before.get(name, {})} for name, entry in known.get("campaigns", {}).items()}
    taken = with_withdrawn(known, [each["version"] for each in moved])
    return {**known, "campaigns": campaigns, "withdrawn": taken}


def others_of(row: Row, kept: Row) -> list[str]:
    """Give the versions of a row's campaigns that another row's campaigns of the same name have not."""
    same = {name: entry["version"] for name, entry in kept.get("campaigns", {}).items()}
    return [each["version"] for name, each in row.get("campaigns", {}).items() if each["version"] != same.get(name)]


def is_new(plan: Plan, good: Good) -> bool:
    """Tell whether a new version is there to be tried, beside the one that serves."""
    return any(
        each["mode"] == NEW and good.get(each["name"], "") != each["live_campaign"] for each in _good(plan, good)
    )


def unused(plan: Plan, rows: Sequence[Row]) -> list[dict[str, str]]:
    """Give the slots of campaigns that none of the rows names, as resources to delete: also those that hold a campaign
    which an interrupted run has left."""
    named = {arn for row in rows for arn in campaigns_of(row)}
    return [
        {"kind": "campaign", "name": arn.rsplit("/", 1)[-1], "arn": arn, "slot_of": each["name"]}
        for each in plan["candidates"]
        for arn in each["slots"]
        if arn not in named
    ]


def only_in(row: Row, other: Row) -> list[dict[str, str]]:
    """Give the campaigns that the first row names and the other does not, as resources to delete."""
    kept = campaigns_of(other)
    found = [arn for arn in campaigns_of(row) if arn not in kept]
    return [{"kind": "campaign", "name": arn.rsplit("/", 1)[-1], "arn": arn} for arn in found]


def serving(plan: Plan, good: Good) -> list[dict[str, str]]:
    """Give the campaigns that the arm will serve with, by what is needed to ask them."""
    named = [each for each in plan["candidates"] if each["column"] and (each["name"] in good or each["live_version"])]
    return [{"name": each["name"], "arn": _arn(each, good), "recipe_arn": each["recipe_arn"]} for each in named]


def both(plan: Plan, rows: Sequence[Row]) -> tuple[Row | None, Row | None]:
    """Give the rows of the arm that is tried and of the live one, which are the same where nothing is tried."""
    return row_named(rows, plan["arm"]), row_named(rows, plan["live_arm"])


def _move(candidate: Mapping[str, Any]) -> dict[str, str]:
    """A live campaign's way from the version before to another."""
    names = {"name": "name", "arn": "live_campaign", "version": "version", "before": "live_version"}
    return {name: candidate[column] for name, column in names.items()}


def _known(plan: Plan, good: Good) -> list[Mapping[str, Any]]:
    return [each for each in plan["candidates"] if each["name"] in good or each["live_version"]]


def _good(plan: Plan, good: Good) -> list[Mapping[str, Any]]:
    return [each for each in plan["candidates"] if each["name"] in good]


def _arn(candidate: Mapping[str, Any], good: Good) -> str:
    return good.get(candidate["name"], candidate["live_campaign"])


def _former(candidates: Sequence[Mapping[str, Any]], good: Good, known: Mapping[str, Any]) -> dict[str, str]:
    """The version each campaign had before: the one that is replaced now, else the one remembered.

    A campaign that has its version already may have it from a run that was stopped: what is known of it is older.
    """
    former = dict(known.get("former", {}))
    for each in [each for each in candidates if each["name"] in good]:
        remembered = version_known(known, each["name"])
        before = remembered if each["mode"] == KEPT else each["live_version"]
        if before not in ("", each["version"], *known.get("withdrawn", [])):
            former[each["name"]] = before
    return {each["name"]: former[each["name"]] for each in candidates if each["name"] in former}
