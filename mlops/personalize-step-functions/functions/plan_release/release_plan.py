"""The plan of a release: which campaigns change, in which slot each new version goes, and the arm that will name them.

Rule 1: what the live arm names is not touched, but for what an update changes without a gap (capacity, exploration).
Rule 2: a new version goes to the slot that the live arm does not name. What is in that slot serves nobody.
Rule 3: a campaign that no row names is updated in place: nobody can move its traffic but its callers.
Rule 4: a version that was taken back, by hand or by an alarm, is not released again unless that is asked for. Where it
        serves all the same, as a run was stopped before it could put the campaign back, the campaign is put back.
Rule 5: what the gate has refused is not judged again as long as the gate and the live version are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.arms import COLUMNS, MAIN_COLUMN, Row, live_row, other_arm, own_rows, version_known
from pipeline.errors import ResourceBusyError
from pipeline.refusals import refusal_of
from pipeline.traffic import Pace

from personalize_spec.arns import parse_arn
from personalize_spec.parameters.reading import gate_of, traffic_of
from personalize_spec.parameters.resource_names import second_slot

NEW, IN_PLACE, KEPT = "NEW", "IN PLACE", "KEPT"
_CURE = 'Train a new version, or start the release with "force": true.'
Describe = Callable[[str], Mapping[str, Any] | None]  # a campaign's members by its ARN; None where there is none


@dataclass(frozen=True)
class Candidate:
    """A campaign with the version it is to have.

    `name` is the campaign's first slot; `column` that of the settings row, "" for campaigns that no row names;
    `live_version` what it serves now, "" for nothing; `mode` is NEW (in the free slot), IN PLACE or KEPT. `slots` are
    the ARNs of both slots where the campaign has two: one that no row names is not needed.
    """

    name: str
    column: str
    mode: str
    recipe_arn: str
    definition: Mapping[str, Any]
    version: str
    live_version: str = ""
    live_campaign: str = ""
    gated: bool = False
    slots: tuple[str, ...] = ()


@dataclass(frozen=True)
class Surroundings:
    """What a release meets: the rows of both arms, the campaigns, and what is remembered of earlier releases."""

    group: str
    rows: Sequence[Row]
    describe: Describe
    known: Mapping[str, Any]

    @property
    def live(self) -> Row | None:
        """The live arm, if its campaign is there: a row that points to nothing serves nobody."""
        row = live_row(self.group, own_rows(self.group, self.rows))
        return row if row and self.describe(row["campaignArn"]) else None

    def version_in(self, campaign_arn: str) -> str:
        """Give the version a campaign has, "" when there is no such campaign.

        Errors: ResourceBusyError while it is being deleted.
        """
        members = self.describe(campaign_arn)
        if members and str(members.get("status", "")).startswith("DELETE"):
            raise ResourceBusyError(f"The campaign {campaign_arn} is being deleted: its name is free when it is gone.")
        return members.get("solutionVersionArn", "") if members else ""


def plan_release(event: Mapping[str, Any], around: Surroundings) -> dict[str, Any]:
    """Give the plan for a release's input.

    Errors: ResourceBusyError while a campaign is being deleted; ResourceConflictError.
    """
    group, live = around.group, around.live
    settings = event.get("settings")
    rules = _Rules.of(event, live or around.known, around.known.get("refused", {}))
    candidates, taken = [], set()
    for release in event["releases"]:
        column = COLUMNS.get(release["type"], "") if settings else ""
        column = "" if column in taken else column
        taken.add(column)
        candidates.append(_candidate(release, column, around, live, rules))
    candidates.sort(key=lambda each: each.column != MAIN_COLUMN)  # a quota may leave no room for the others
    return {
        "dataset_group": group,
        "live_arm": live["name"] if live else "",
        "arm": _arm(group, live, candidates),
        "moves": bool(live) and any(each.mode == NEW for each in candidates),
        "row": _row(event, group) if settings else None,
        "ratio": settings["trafficRatio"] if settings else 0,
        "candidates": [asdict(each) for each in candidates],
        "pace": asdict(Pace.of_file(traffic_of({"traffic": event.get("traffic") or {}}))),
        "gate": rules.gate,
        "bucket": event.get("bucket", ""),
        "warnings": rules.warnings,
    }


@dataclass(frozen=True)
class _Rules:
    """Which versions are not released by themselves: what was taken back by `known`, what the gate has `refused`."""

    known: Mapping[str, Any]
    withdrawn: frozenset[str]
    refused: Mapping[str, Any]
    gate: Mapping[str, Any]
    warnings: list[str]

    @classmethod
    def of(cls, event: Mapping[str, Any], known: Mapping[str, Any], refused: Mapping[str, Any]) -> _Rules:
        gate = asdict(gate_of({"gate": event.get("gate") or {}}))
        if event.get("force"):
            return cls(known, frozenset(), {}, gate, [])
        return cls(known, frozenset(known.get("withdrawn", ())), refused, gate, [])

    def version(self, campaign: str, wanted: str, live_version: str) -> str:
        """Give the version that the campaign is to have; where it is not the wanted one, a warning says why."""
        if wanted in self.withdrawn:
            self.warnings.append(f"{wanted} was taken back earlier, so {campaign} stays as it is. {_CURE}")
            before = version_known(self.known, campaign)
            return before if before and live_version in self.withdrawn else live_version
        if cause := refusal_of(self.refused, wanted, self.gate, live_version):
            text = f"The gate has refused {wanted} before, and nothing has changed since, so {campaign} stays as it is"
            self.warnings.append(f"{text}: {cause.rstrip('.')}. {_CURE}")
            return live_version
        return wanted


def _arm(group: str, live: Row | None, candidates: Sequence[Candidate]) -> str:
    """The arm to write: the other one when something new is to be tried there, else the live one."""
    if live is None:
        return group
    return other_arm(group, live["name"]) if any(each.mode == NEW for each in candidates) else live["name"]


def _candidate(
    release: Mapping[str, Any], column: str, around: Surroundings, live: Row | None, rules: _Rules
) -> Candidate:
    campaign = release["campaign"]
    serving = (live or {}).get(column) if column else campaign["arn"]
    live_version = around.version_in(serving) if serving else ""
    wanted = release["solution_version_arn"]
    version = rules.version(campaign["name"], wanted, live_version) if live_version else wanted
    goes_back = live_version in rules.withdrawn and version != wanted
    if live_version == version or not column or goes_back:
        mode, arn = (KEPT if live_version == version else IN_PLACE), serving or campaign["arn"]
    else:
        mode, arn = NEW, _free_slot(campaign, serving, around)
    return Candidate(
        name=campaign["name"],
        column=column,
        mode=mode,
        recipe_arn=release["recipe_arn"],
        definition={
            "kind": "campaign",
            "name": parse_arn(arn).path,
            "arn": arn,
            "arguments": {**campaign["arguments"], "solutionVersionArn": version},
        },
        version=version,
        live_version=live_version,
        live_campaign=serving if live_version else "",
        gated=bool(live_version) and mode != KEPT and not goes_back,
        slots=slots_of(campaign["arn"]) if column else (),
    )


def _free_slot(campaign: Mapping[str, Any], serving: str | None, around: Surroundings) -> str:
    """The slot that the live arm does not name; asking for its version tells whether it is on its way out."""
    first, second = slots_of(campaign["arn"])
    arn = second if serving == first else first
    around.version_in(arn)
    return arn


def slots_of(first: str) -> tuple[str, str]:
    """Give the ARNs of both slots of a campaign by that of the first."""
    arn = parse_arn(first)
    return first, arn.scope.arn("campaign", second_slot(arn.path))


def _row(event: Mapping[str, Any], group: str) -> dict[str, Any]:
    """The arm's row but for campaigns, weight and history, which depend on what becomes of the candidates."""
    settings, trackers = event["settings"], event.get("event_trackers") or []
    real_names = {entry["planned_name"]: entry["filter"]["name"] for entry in event.get("filters") or []}
    return {
        "datasetGroup": group,
        "inputBucket": event.get("bucket", ""),
        "eventTrackerId": trackers[0]["event_tracker"]["tracking_id"] if trackers else "",
        "datasetArn": settings["datasetArn"],
        "context": {
            name: {**hints, "filter_name": real_names.get(hints["filter_name"], hints["filter_name"])}
            for name, hints in settings["contexts"].items()
        },
    }
