"""What a dataset group consists of, as Describe gives it.

Resources that failed, or are going, are no part of it; what was left out is told in `notes`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError
from pipeline.gateway import PersonalizeGateway
from pipeline.kinds import KINDS

from personalize_spec.names import did_you_mean

Members = dict[str, Any]

BATCH_KINDS = ("batch-inference-job", "batch-segment-job")
MOST_JOBS = 50  # of a kind that are looked at, the newest first
_GOING = ("CREATE FAILED", "DELETE PENDING", "DELETE IN_PROGRESS")


class GroupNotFoundError(ValueError):
    """There is no dataset group of this name or ARN."""


@dataclass
class Inventory:
    """The parts of a dataset group. Campaigns and batch jobs are by the ARN of their solution, tags by ARN."""

    group: Members
    datasets: list[Members] = field(default_factory=list)
    schemas: dict[str, Members] = field(default_factory=dict)
    import_modes: dict[str, str] = field(default_factory=dict)
    solutions: list[Members] = field(default_factory=list)
    newest_versions: dict[str, str] = field(default_factory=dict)
    campaigns: dict[str, list[Members]] = field(default_factory=dict)
    recommenders: list[Members] = field(default_factory=list)
    filters: list[Members] = field(default_factory=list)
    event_trackers: list[Members] = field(default_factory=list)
    batch_jobs: dict[str, dict[str, list[Members]]] = field(default_factory=dict)
    tags: dict[str, list[Members]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


class Account:
    """Reads dataset groups through a client that only looks."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._gateway = PersonalizeGateway(client)

    def read(self, name_or_arn: str) -> Inventory:
        """Read a dataset group and all that belongs to it.

        Errors: GroupNotFoundError; all of pipeline.errors.
        """
        found = Inventory(self._group(name_or_arn))
        group_arn = found.group["datasetGroupArn"]
        self._tag(found, group_arn)
        found.datasets = list(self._parts(found, "dataset", datasetGroupArn=group_arn))
        for dataset in found.datasets:
            self._read_dataset(found, dataset)
        found.solutions = list(self._parts(found, "solution", datasetGroupArn=group_arn))
        for solution in found.solutions:
            self._read_solution(found, solution["solutionArn"])
        found.recommenders = list(self._parts(found, "recommender", datasetGroupArn=group_arn))
        found.filters = list(self._parts(found, "filter", datasetGroupArn=group_arn))
        found.event_trackers = list(self._parts(found, "event-tracker", datasetGroupArn=group_arn))
        for kind in BATCH_KINDS:
            found.batch_jobs[kind] = self._batch_jobs(kind, [each["solutionArn"] for each in found.solutions])
        return found

    def _group(self, name_or_arn: str) -> Members:
        kind = KINDS["dataset-group"]
        groups = list(self._gateway.summaries(kind))
        found = next((each for each in groups if name_or_arn in (each["name"], each["datasetGroupArn"])), None)
        members = self._gateway.describe(kind, found["datasetGroupArn"]) if found else None
        if members is None:
            names = [each["name"] for each in groups]
            hint = did_you_mean(name_or_arn, names) or f" There are: {', '.join(names) or 'none'}."
            raise GroupNotFoundError(f"There is no dataset group '{name_or_arn}' in this account and region.{hint}")
        return members

    def _parts(self, found: Inventory, kind_name: str, **parent: str) -> Iterator[Members]:
        """Describe all of a kind that are there to stay, and read their tags."""
        kind = KINDS[kind_name]
        for summary in self._gateway.summaries(kind, **parent):
            arn = summary[kind.arn_member]
            members = self._gateway.describe(kind, arn)
            if members is None or members.get("status") in _GOING:
                found.notes.append(f"The {kind.words} {arn} is {(members or {}).get('status', 'gone')}: left out.")
                continue
            self._tag(found, arn)
            yield members

    def _tag(self, found: Inventory, arn: str) -> None:
        try:
            tags = self._client.list_tags_for_resource(resourceArn=arn)["tags"]
        except ClientError as error:
            found.notes.append(f"The tags of {arn} cannot be read ({error.response['Error']['Code']}): left out.")
            return
        own = [tag for tag in tags if not tag["tagKey"].lower().startswith("aws:")]
        if own:
            found.tags[arn] = own

    def _read_dataset(self, found: Inventory, dataset: Members) -> None:
        schema = self._gateway.describe(KINDS["schema"], dataset["schemaArn"])
        if schema is not None:
            found.schemas[dataset["datasetArn"]] = schema
        jobs = list(self._gateway.summaries(KINDS["dataset-import-job"], datasetArn=dataset["datasetArn"]))
        done = [job for job in jobs if job["status"] == "ACTIVE"]
        if done:
            newest = max(done, key=lambda job: job["creationDateTime"])
            found.import_modes[dataset["datasetArn"]] = newest.get("importMode", "FULL")

    def _read_solution(self, found: Inventory, solution_arn: str) -> None:
        found.campaigns[solution_arn] = list(self._parts(found, "campaign", solutionArn=solution_arn))
        versions = [
            version
            for version in self._gateway.summaries(KINDS["solution-version"], solutionArn=solution_arn)
            if version["status"] == "ACTIVE"
        ]
        if versions:
            newest = max(versions, key=lambda version: version["creationDateTime"])
            found.newest_versions[solution_arn] = newest["solutionVersionArn"]

    def _batch_jobs(self, kind_name: str, solution_arns: list[str]) -> dict[str, list[Members]]:
        """The newest finished jobs of each solution. They are listed for the whole region: versions may be gone."""
        kind = KINDS[kind_name]
        jobs = [job for job in self._gateway.summaries(kind) if job["status"] == "ACTIVE"]
        jobs.sort(key=lambda job: job["creationDateTime"], reverse=True)
        by_solution: dict[str, list[Members]] = {}
        for solution_arn in solution_arns:
            own = [job for job in jobs if job.get("solutionVersionArn", "").startswith(f"{solution_arn}/")]
            described = (self._gateway.describe(kind, job[kind.arn_member]) for job in own[:MOST_JOBS])
            by_solution[solution_arn] = [members for members in described if members is not None]
        return by_solution
