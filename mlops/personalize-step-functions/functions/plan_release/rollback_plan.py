"""The plan of a rollback: the versions before the live ones are served again, without a gate and at once.

What was served before stands in the live row (`former`). Where it does not, each campaign gets the newest version of
its solution that is ACTIVE and older than the live one. Where the former campaign is still there it has the version
already, and nothing needs to be made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from pipeline.arms import COLUMNS, Row, other_arm, row_named, weight_of, with_withdrawn
from pipeline.errors import CallRefusedError
from pipeline.traffic import AT_ONCE
from release_plan import IN_PLACE, MAIN_COLUMN, NEW, Candidate, Surroundings, slots_of

from personalize_spec.arns import parse_arn, solution_arn_of

Version = Mapping[str, Any]
Versions = Callable[[str], Iterable[Version]]  # a solution's versions by its ARN, as DescribeSolutionVersion gives them
SERVED_KEYS = ("minProvisionedTPS", "campaignConfig")


def plan_rollback(around: Surroundings, versions_of: Versions, smoke_users: int) -> dict[str, Any]:
    """Give the plan, in the form of a release's.

    Errors: CallRefusedError when there is nothing to go back to.
    """
    live = around.live
    if live is None:
        raise CallRefusedError(
            f"No row of the settings table serves {around.group}: there is nothing to roll back. Upload the parameter "
            "file to make one."
        )
    before = row_named(around.rows, other_arm(around.group, live["name"]))
    if before and weight_of(before) > 0:
        return _abandon(around.group, live, before)
    candidates = [each for name in _served(live) if (each := _candidate(name, live, around, versions_of))]
    candidates.sort(key=lambda each: each.column != MAIN_COLUMN)
    if not candidates:
        raise CallRefusedError(
            f"No solution of {around.group} has an ACTIVE version before the one that is served: there is nothing to "
            "go back to."
        )
    kept = ("inputBucket", "eventTrackerId", "datasetArn", "context")
    return {
        "dataset_group": around.group,
        "live_arm": live["name"],
        "arm": other_arm(around.group, live["name"]),
        "moves": any(each.mode == NEW for each in candidates),
        "row": {**{name: live[name] for name in kept if name in live}, "datasetGroup": around.group},
        "ratio": weight_of(live),
        "candidates": [asdict(each) for each in candidates],
        "pace": asdict(AT_ONCE),
        "gate": {"smoke_users": smoke_users},
        "bucket": live.get("inputBucket", ""),
        "warnings": [],
        "withdrawn": with_withdrawn({**(before or {}), **live}, [each.live_version for each in candidates]),
    }


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


def _served(live: Row) -> dict[str, str]:
    """The campaigns of the live arm by their first slots' names, with their columns ("" for none)."""
    known = {name: entry["column"] for name, entry in live.get("campaigns", {}).items()}
    if known:
        return known
    named = {column: live[column] for column in COLUMNS.values() if live.get(column)}
    return {parse_arn(arn).path: column for column, arn in named.items()}


def _candidate(name: str, live: Row, around: Surroundings, versions_of: Versions) -> Candidate | None:
    """The campaign with the version before; None for one that has had no other."""
    column = _served(live)[name]
    first = parse_arn(live["campaignArn"]).scope.arn("campaign", name)
    serving = live[column] if column else first
    members = around.describe(serving) or {}
    live_version = members.get("solutionVersionArn", "")
    former = live.get("former", {}).get(name, "")
    solutions = dict.fromkeys(solution_arn_of(each) for each in (former, live_version) if each)
    known = [version for solution_arn in solutions for version in versions_of(solution_arn)]
    version = former_version(known, live_version, former)
    if version is None:
        return None
    slots = slots_of(first) if column else ()
    arn = next((each for each in reversed(slots) if each != serving), serving)
    arguments = {key: members[key] for key in SERVED_KEYS if members.get(key)}
    return Candidate(
        name=name,
        column=column,
        mode=NEW if column else IN_PLACE,
        recipe_arn=version["recipeArn"],
        definition={
            "kind": "campaign",
            "name": parse_arn(arn).path,
            "arn": arn,
            "arguments": {**arguments, "solutionVersionArn": version["solutionVersionArn"]},
        },
        version=version["solutionVersionArn"],
        live_version=live_version,
        live_campaign=serving,
        slots=slots,
    )


def former_version(versions: list[Version], live_version: str, former: str) -> Version | None:
    """Choose among the ACTIVE versions: the one served before, else the newest that is older than the live one."""
    active = [each for each in versions if each["status"] == "ACTIVE" and each["solutionVersionArn"] != live_version]
    for each in active:
        if each["solutionVersionArn"] == former:
            return each
    live = next((each for each in versions if each["solutionVersionArn"] == live_version), None)
    older = [each for each in active if live is None or each["creationDateTime"] < live["creationDateTime"]]
    return max(older, key=lambda each: each["creationDateTime"], default=None)
