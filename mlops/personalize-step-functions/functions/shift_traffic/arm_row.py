"""The row of the arm that a release writes: its campaigns, and what was served before; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.arms import Row, campaigns_of, row_named

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
    candidates = [each for each in plan["candidates"] if each["name"] in good or each["live_version"]]
    columns = {each["column"]: _arn(each, good) for each in candidates if each["column"]}
    return {
        **plan["row"],
        **columns,
        "name": plan["arm"],
        "campaigns": {
            each["name"]: {
                "column": each["column"],
                "version": each["version"] if each["name"] in good else each["live_version"],
            }
            for each in candidates
        },
        "former": _former(candidates, good, live or {}),
        "withdrawn": plan.get("withdrawn", (live or {}).get("withdrawn", [])),
    }


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


def _good(plan: Plan, good: Good) -> list[Mapping[str, Any]]:
    return [each for each in plan["candidates"] if each["name"] in good]


def _arn(candidate: Mapping[str, Any], good: Good) -> str:
    return good.get(candidate["name"], candidate["live_campaign"])


def _former(candidates: Sequence[Mapping[str, Any]], good: Good, live: Row) -> dict[str, str]:
    """The version each campaign had before: the one that is replaced now, else the one remembered."""
    former = dict(live.get("former", {}))
    changed = [each for each in candidates if each["name"] in good and each["mode"] != KEPT and each["live_version"]]
    former.update({each["name"]: each["live_version"] for each in changed})
    return {each["name"]: former[each["name"]] for each in candidates if each["name"] in former}
