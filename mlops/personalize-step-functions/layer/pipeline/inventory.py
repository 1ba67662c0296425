"""Every resource of a dataset group, and what else the pipeline keeps for it, in the order in which it can be deleted.

Jobs cannot be deleted: imports go with their datasets, batch jobs stay as history.

Schemas belong to no dataset group: those are listed that the group's datasets use, or that are their earlier contents
(the same name with a hash), and that no other group uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.gateway import PersonalizeGateway
from pipeline.kinds import KINDS
from pipeline.teardown_kinds import ALL_KINDS, STAGES

Resource = dict[str, str]

BATCH_KINDS = ("batch-inference-job", "batch-segment-job")
_OF_GROUP = ("solution", "recommender", "event-tracker", "metric-attribution", "filter", "dataset")
_VARIANT = re.compile(r"(?P<base>.+?)(?:-[0-9a-f]{8})?")


@dataclass(frozen=True)
class Inventory:
    """What there is: `resources` are deleted one by one, `contained` go with them or stay as history."""

    resources: Sequence[Resource]
    contained: Sequence[Resource]

    def stages(self) -> list[dict[str, Any]]:
        """Give the resources in stages: each may be deleted when those before it are gone."""
        staged = [(name, [each for each in self.resources if each["kind"] in kinds]) for name, kinds in STAGES]
        return [{"name": name, "resources": found} for name, found in staged if found]


@dataclass(frozen=True)
class Beside:
    """What the pipeline keeps for a dataset group outside of Personalize: settings rows and schedules, as read."""

    rows: Sequence[Mapping[str, Any]] = ()
    schedules: Sequence[Mapping[str, Any]] = ()

    def resources(self) -> list[Resource]:
        """Give them as resources."""
        rows = [{"kind": "settings-row", "name": row["name"], "arn": "", "status": row["status"]} for row in self.rows]
        return [*(_schedule(each) for each in self.schedules), *rows]


def take_inventory(
    gateway: PersonalizeGateway, group: str, beside: Beside, remembered: Sequence[str] = ()
) -> Inventory:
    """Look for all there is of a dataset group; `remembered` are ARNs of schemas that an earlier teardown knew.

    Errors: all of pipeline.errors.
    """
    groups = list(gateway.summaries(KINDS["dataset-group"]))
    own = [each for each in groups if each["name"] == group]
    resources = beside.resources()
    contained: list[Resource] = []
    for each in own:
        resources += _of_group(gateway, each["datasetGroupArn"])
        resources.append(_resource("dataset-group", each))
    for each in [each for each in resources if each["kind"] == "solution"]:
        versions = list(_listed(gateway, "solution-version", solutionArn=each["arn"]))
        resources += [version for version in versions if version["status"] != "ACTIVE"]
        resources += _listed(gateway, "campaign", solutionArn=each["arn"])
        contained += versions
    datasets = [each["arn"] for each in resources if each["kind"] == "dataset"]
    others = [each["datasetGroupArn"] for each in groups if each["name"] != group]
    resources += _schemas(gateway, datasets, others, remembered)
    contained += [job for arn in datasets for job in _listed(gateway, "dataset-import-job", datasetArn=arn)]
    solutions = [each["arn"] for each in resources if each["kind"] == "solution"]
    contained += [job for kind in BATCH_KINDS for job in _batch_jobs(gateway, kind, solutions)]
    return Inventory(resources, contained)


def _schedule(found: Mapping[str, Any]) -> Resource:
    return {"kind": "schedule", "name": found["Name"], "arn": found.get("Arn", ""), "status": found.get("State", "")}


def _batch_jobs(gateway: PersonalizeGateway, kind: str, solutions: Sequence[str]) -> Iterator[Resource]:
    """The jobs of the group's solutions: they are listed for the whole region, as their versions may be gone."""
    for summary in gateway.summaries(KINDS[kind]) if solutions else ():
        if summary.get("solutionVersionArn", "").startswith(tuple(f"{arn}/" for arn in solutions)):
            yield _resource(kind, summary)


def _of_group(gateway: PersonalizeGateway, group_arn: str) -> Iterator[Resource]:
    for kind in _OF_GROUP:
        yield from _listed(gateway, kind, datasetGroupArn=group_arn)


def _listed(gateway: PersonalizeGateway, kind: str, **parent: str) -> Iterator[Resource]:
    for summary in gateway.summaries(ALL_KINDS[kind], **parent):
        yield _resource(kind, summary)


def _resource(kind: str, summary: Mapping[str, Any]) -> Resource:
    arn = summary[ALL_KINDS[kind].arn_member]
    name = summary.get("name") or summary.get("jobName") or arn.rsplit("/", 1)[-1]
    return {"kind": kind, "name": name, "arn": arn, "status": summary.get("status", "ACTIVE")}


def _schemas(
    gateway: PersonalizeGateway, datasets: Sequence[str], other_groups: Sequence[str], remembered: Sequence[str]
) -> list[Resource]:
    used = {*_schemas_of(gateway, datasets), *remembered}
    if not used:
        return []
    others = [each["arn"] for arn in other_groups for each in _listed(gateway, "dataset", datasetGroupArn=arn)]
    taken = set(_schemas_of(gateway, others))
    bases = {_base(arn.rsplit("/", 1)[-1]) for arn in used}
    known = _listed(gateway, "schema")
    return [
        each for each in known if each["arn"] not in taken and (each["arn"] in used or _base(each["name"]) in bases)
    ]


def _schemas_of(gateway: PersonalizeGateway, datasets: Sequence[str]) -> Iterator[str]:
    for arn in datasets:
        if members := gateway.describe(KINDS["dataset"], arn):
            yield members["schemaArn"]


def _base(name: str) -> str:
    """A schema's name without the hash of its contents."""
    match = _VARIANT.fullmatch(name)
    return match["base"] if match else name
