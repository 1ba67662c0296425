"""The plan of a rollback: the versions before the live ones are served again, without a gate and at once.

What was served before stands in the live row (`former`), or in the memory of a group without a row. Where it does not,
each campaign gets the newest version of its solution that is ACTIVE and older than the live one; one that has none
stays as it is. Where the former campaign is still there it has the version already, and nothing needs to be made. A
campaign that was updated in place, or that no row names, goes back in place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from pipeline.arms import COLUMNS, MAIN_COLUMN, Row, other_arm, row_named, version_known, weight_of, with_withdrawn
from pipeline.errors import CallRefusedError
from pipeline.traffic import AT_ONCE
from release_plan import IN_PLACE, KEPT, NEW, Candidate, Surroundings, slots_of

from personalize_spec.arns import parse_arn, solution_arn_of

Version = Mapping[str, Any]
Versions = Callable[[str], Iterable[Version]]  # a solution's versions by its ARN, as DescribeSolutionVersion gives them
Known = Mapping[str, Any]  # the live row, or the memory of a group without one
SERVED_KEYS = ("minProvisionedTPS", "campaignConfig")
_KEPT_COLUMNS = ("inputBucket", "eventTrackerId", "datasetArn", "context")


def plan_rollback(around: Surroundings, versions_of: Versions, smoke_users: int) -> dict[str, Any]:
    """Give the plan, in the form of a release's.

    Errors: CallRefusedError when there is nothing to go back to.
    """
    live = around.live
    known: Known = live or around.known
    if live is None and not known.get("campaigns"):
        raise CallRefusedError(
            f"No row of the settings table serves {around.group}: there is nothing to roll back. Upload the parameter "
            "file to make one."
        )
    before = row_named(around.rows, other_arm(around.group, live["name"])) if live else None
    if live and before and weight_of(before) > 0:
        return _abandon(around.group, live, before)
    candidates = [_candidate(name, known, before, around, versions_of) for name in _served(known)]
    candidates.sort(key=lambda each: each.column != MAIN_COLUMN)
    taken = {each.name: version_known(known, each.name) or each.live_version for each in candidates}
    taken_back = [taken[each.name] for each in candidates if each.version != taken[each.name]]
    if not taken_back:
        raise CallRefusedError(
            f"No solution of {around.group} has an ACTIVE version before the one that is served: there is nothing to "
            "go back to."
        )
    moves = any(each.mode == NEW for each in candidates)
    return {
        "dataset_group": around.group,
        "live_arm": live["name"] if live else "",
        "arm": _arm(around.group, live, moves=moves),
        "moves": moves,
        "row": _row(around.group, live),
        "ratio": weight_of(live) if live else 0,
        "candidates": [asdict(each) for each in candidates],
        "pace": asdict(AT_ONCE),
        "gate": {"smoke_users": smoke_users},
        "bucket": known.get("inputBucket", ""),
        "warnings": [],
        "withdrawn": with_withdrawn({**(before or {}), **known}, taken_back),
    }


def _arm(group: str, live: Row | None, *, moves: bool) -> str:
    if live is None:
        return group
    return other_arm(group, live["name"]) if moves else live["name"]


def _row(group: str, live: Row | None) -> dict[str, Any] | None:
    if live is None:
        return None
    return {**{name: live[name] for name in _KEPT_COLUMNS if name in live}, "datasetGroup": group}


def _abandon(group: str, live: Row, tried: Row) -> dict[str, Any]:
    """The way back from a release that was stopped half way: what was live before is live."""
    return {
        "dataset_group": group,
        "live_arm": live["name"],
        "arm": tried["name"],
        "moves": False,
        "abandon": True,
        "row": None,
        "ratio": weight_of(live) + weight_of(tried),
        "candidates": [],
        "pace": asdict(AT_ONCE),
        "warnings": [
            f"A release was stopped half way: the arm {tried['name']} is given up, {live['name']} serves again."
        ],
    }


def _served(known: Known) -> dict[str, str]:
    """The campaigns that are known by their first slots' names, with their columns ("" for none)."""
    found = {name: entry["column"] for name, entry in known.get("campaigns", {}).items()}
    if found:
        return found
    named = {column: known[column] for column in COLUMNS.values() if known.get(column)}
    return {parse_arn(arn).path: column for column, arn in named.items()}


def _candidate(name: str, known: Known, before: Row | None, around: Surroundings, versions_of: Versions) -> Candidate:
    """The campaign with the version before; KEPT for one that has had no other, or has it back already."""
    column = _served(known)[name]
    some_arn = known.get("campaignArn") or version_known(known, name)
    first = parse_arn(some_arn).scope.arn("campaign", name)
    serving = known[column] if column else first
    members = around.describe(serving) or {}
    live_version = members.get("solutionVersionArn", "")
    former = known.get("former", {}).get(name, "")
    solutions = dict.fromkeys(solution_arn_of(each) for each in (former, live_version) if each)
    versions = [version for solution_arn in solutions for version in versions_of(solution_arn)]
    version = former_version(versions, live_version, former)
    slots = slots_of(first) if column else ()
    mode, arn = _place(serving, slots, before, column) if version else (KEPT, serving)
    arguments = {key: members[key] for key in SERVED_KEYS if members.get(key)}
    wanted = version["solutionVersionArn"] if version else live_version
    return Candidate(
        name=name,
        column=column,
        mode=mode,
        recipe_arn=_recipe_of(versions, wanted),
        definition={
            "kind": "campaign",
            "name": parse_arn(arn).path,
            "arn": arn,
            "arguments": {**arguments, "solutionVersionArn": wanted},
        },
        version=wanted,
        live_version=live_version,
        live_campaign=serving,
        slots=slots,
    )


def _place(serving: str, slots: tuple[str, ...], before: Row | None, column: str) -> tuple[str, str]:
    """In place where the arm before has the same campaign: it was updated in place, for want of room."""
    if not column or (before and before.get(column) == serving):
        return IN_PLACE, serving
    return NEW, next((each for each in reversed(slots) if each != serving), serving)


def _recipe_of(versions: Iterable[Version], version_arn: str) -> str:
    return next((each["recipeArn"] for each in versions if each["solutionVersionArn"] == version_arn), "")


def former_version(versions: list[Version], live_version: str, former: str) -> Version | None:
    """Choose among the ACTIVE versions: the one served before, else the newest that is older than the live one.

    None where there is none, and where the one served before is served already.
    """
    if former and former == live_version:
        return None
    active = [each for each in versions if each["status"] == "ACTIVE" and each["solutionVersionArn"] != live_version]
    for each in active:
        if each["solutionVersionArn"] == former:
            return each
    live = next((each for each in versions if each["solutionVersionArn"] == live_version), None)
    older = [each for each in active if live is None or each["creationDateTime"] < live["creationDateTime"]]
    return max(older, key=lambda each: each["creationDateTime"], default=None)
