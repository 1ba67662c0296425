"""The schedules of a dataset group: brought in line with what its parameter file asks for.

They are schedules of EventBridge Scheduler in the stack's own group, one per kind of work, and start the same workflow
as an upload does. EventBridge Scheduler may deliver twice: the input holds the time the schedule meant, of which jobs
and versions are named, so that a second delivery makes nothing twice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from pipeline.planning.definitions import fit
from pipeline.wanted import digest

WORK = ("import", "train", "batch")
NAME_MAX_LENGTH = 64
SCHEDULED_TIME = "<aws.scheduler.scheduled-time>"  # what EventBridge Scheduler puts the time in place of
RETRIES = 10
OLDEST_S = 6 * 3600
_MISSING = "ResourceNotFoundException"


@dataclass(frozen=True)
class Target:
    """What a schedule starts: the workflow, as a role, for a parameter file; failures go to a queue."""

    state_machine_arn: str
    role_arn: str
    dead_letters_arn: str
    bucket: str
    key: str

    def for_work(self, work: str) -> dict[str, Any]:
        """The target of the schedule for a kind of work."""
        started = {"bucket": self.bucket, "key": self.key, "work": [work], "requested_at": SCHEDULED_TIME}
        return {
            "Arn": self.state_machine_arn,
            "RoleArn": self.role_arn,
            "Input": json.dumps(started),
            "DeadLetterConfig": {"Arn": self.dead_letters_arn},
            "RetryPolicy": {"MaximumRetryAttempts": RETRIES, "MaximumEventAgeInSeconds": OLDEST_S},
        }


class Schedules:
    """The schedules in the stack's schedule group."""

    def __init__(self, client: Any, schedule_group: str) -> None:
        self._client = client
        self._group = schedule_group

    def bring_in_line(self, dataset_group: str, wanted: Mapping[str, str], target: Target | None) -> dict[str, str]:
        """Create, change and remove, so that there is a schedule per kind of work in `wanted`, and no other.

        Gives what was done by kind of work; nothing for those that are as wanted. `target` may be None where nothing
        is wanted.
        """
        done = {work: self._one(dataset_group, work, wanted.get(work), target) for work in WORK}
        return {work: what for work, what in done.items() if what}

    def existing(self, dataset_group: str) -> list[dict[str, Any]]:
        """Give the schedules that there are of a dataset group, as GetSchedule does."""
        found = (self._get(schedule_name(dataset_group, work)) for work in WORK)
        return [schedule for schedule in found if schedule]

    def _one(self, dataset_group: str, work: str, expression: str | None, target: Target | None) -> str:
        name = schedule_name(dataset_group, work)
        existing = self._get(name)
        if expression is None or target is None:
            return self.remove(name) if existing else ""
        arguments = {
            "Description": f"{work} of {dataset_group}, as its parameter file asks for",
            "ScheduleExpression": expression,
            "ScheduleExpressionTimezone": "UTC",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "State": "ENABLED",
            "Target": target.for_work(work),
        }
        if existing is None:
            self._client.create_schedule(GroupName=self._group, Name=name, **arguments)
            return "created"
        if all(_same(existing.get(member), value) for member, value in arguments.items()):
            return ""
        self._client.update_schedule(GroupName=self._group, Name=name, **arguments)
        return "changed"

    def _get(self, name: str) -> dict[str, Any] | None:
        try:
            return self._client.get_schedule(GroupName=self._group, Name=name)
        except ClientError as error:
            if error.response["Error"]["Code"] != _MISSING:
                raise
            return None

    def remove(self, name: str) -> str:
        """Delete a schedule; one that is gone already is as wanted."""
        try:
            self._client.delete_schedule(GroupName=self._group, Name=name)
        except ClientError as error:
            if error.response["Error"]["Code"] != _MISSING:
                raise
        return "removed"


def schedule_name(dataset_group: str, work: str) -> str:
    """Name a dataset group's schedule for a kind of work, within EventBridge Scheduler's 64 characters."""
    name = f"{dataset_group}-{work}"
    return name if len(name) <= NAME_MAX_LENGTH else fit(dataset_group, f"{digest([dataset_group])}-{work}", 64)


def _same(existing: Any, wanted: Any) -> bool:
    """Compare; the service may add defaults to a target."""
    if isinstance(wanted, Mapping) and isinstance(existing, Mapping):
        return all(_same(existing.get(key), value) for key, value in wanted.items())
    return existing == wanted
