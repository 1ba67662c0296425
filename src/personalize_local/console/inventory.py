"""What exists in Personalize: dataset groups with what is in each."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from personalize_local.console.account import Account

Summary = dict[str, Any]
# What a group holds: the key of its summaries ↔ the operation that lists them and the member that names each.
PARTS = {
    "datasets": ("list_datasets", "datasetArn"),
    "solutions": ("list_solutions", "solutionArn"),
    "recommenders": ("list_recommenders", "recommenderArn"),
    "filters": ("list_filters", "filterArn"),
    "eventTrackers": ("list_event_trackers", "eventTrackerArn"),
}
_KEYS = {"filters": "Filters"}  # botocore's own spelling


@dataclass
class Group:
    """A dataset group's parts, as the list operations summarise them; versions and campaigns of its solutions."""

    arn: str
    name: str
    status: str
    updated_at: datetime
    parts: dict[str, list[Summary]] = field(default_factory=dict)
    versions: list[Summary] = field(default_factory=list)
    campaigns: list[Summary] = field(default_factory=list)

    @property
    def solution_arns(self) -> set[str]:
        return {solution["solutionArn"] for solution in self.parts["solutions"]}


def read_groups(account: Account) -> list[Group]:
    """Give all dataset groups, the one that changed last first. Each campaign carries its own description."""
    found = account.list("personalize", "list_dataset_groups", "datasetGroups")
    groups = [Group(one["datasetGroupArn"], one["name"], one["status"], one["lastUpdatedDateTime"]) for one in found]
    groups.sort(key=lambda group: group.updated_at, reverse=True)
    wanted = [(group, key) for group in groups for key in PARTS]
    answers = account.side_by_side(lambda pair: _part(account, *pair), wanted)
    for (group, key), summaries in zip(wanted, answers, strict=True):
        group.parts[key] = summaries
    if any(group.parts["solutions"] for group in groups):
        _add_models(account, groups)
    return groups


def solution_of(version_arn: str) -> str:
    """Give the ARN of a solution version's solution: the version's without the last piece (documented format)."""
    return version_arn.rpartition("/")[0]


def _part(account: Account, group: Group, key: str) -> list[Summary]:
    return account.list("personalize", PARTS[key][0], _KEYS.get(key, key), datasetGroupArn=group.arn)


def _add_models(account: Account, groups: list[Group]) -> None:
    versions = account.list("personalize", "list_solution_versions", "solutionVersions")
    summaries = account.list("personalize", "list_campaigns", "campaigns")
    arns = [campaign["campaignArn"] for campaign in summaries]
    personalize = account.client("personalize")
    campaigns = account.side_by_side(lambda arn: personalize.describe_campaign(campaignArn=arn)["campaign"], arns)
    for group in groups:
        own = group.solution_arns
        group.versions = [one for one in versions if solution_of(one["solutionVersionArn"]) in own]
        group.versions.sort(key=lambda one: one["creationDateTime"], reverse=True)
        group.campaigns = [one for one in campaigns if solution_of(one["solutionVersionArn"]) in own]
