"""Updates of resources: a summary shows the wanted values and its own status; the resource takes them when it is done.

Source: contract §2.1: the main status stays ACTIVE, main members switch only when the update turns ACTIVE; a dataset
alone shows UPDATE PENDING and UPDATE IN_PROGRESS as its own status (observed).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from personalize_local.jobs.statuses import (
    ACTIVE,
    CREATE_FAILED,
    CREATE_IN_PROGRESS,
    CREATE_PENDING,
    CREATING,
    UPDATE_IN_PROGRESS,
    UPDATE_PENDING,
)
from personalize_local.store.resources import Resource
from personalize_spec.arns import solution_arn_of

SUMMARY_MEMBERS: Mapping[str, str] = {
    "campaign": "latest_campaign_update",
    "dataset": "latest_dataset_update",
    "recommender": "latest_recommender_update",
    "solution": "latest_solution_update",
}
_DATASET_STATUSES = {CREATE_PENDING: UPDATE_PENDING, CREATE_IN_PROGRESS: UPDATE_IN_PROGRESS}
_OF_THE_SUMMARY = frozenset({"status", "creation_date_time", "last_updated_date_time"})


def start_update(wanted: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Give the summary of an update that begins now."""
    times = {"creation_date_time": now.timestamp(), "last_updated_date_time": now.timestamp()}
    return {**wanted, "status": CREATE_PENDING, **times}


def is_updating(resource: Resource) -> bool:
    """Tell whether an update of the resource is still on its way."""
    summary = resource.body.get(SUMMARY_MEMBERS.get(resource.kind, ""), {})
    return summary.get("status") in CREATING


@dataclass(frozen=True)
class Move:
    """What an update's next status makes of the resource; without `parent_arn` its parent stays."""

    status: str
    changes: dict[str, Any]
    parent_arn: str | None = None


def move_update(resource: Resource, status: str, now: datetime) -> Move:
    """Give what the update's next status makes of the resource."""
    member = SUMMARY_MEMBERS[resource.kind]
    summary = resource.body[member] | {"status": status, "last_updated_date_time": now.timestamp()}
    taken = _taken_over(resource, summary) if status == ACTIVE else {}
    own = _DATASET_STATUSES.get(status, ACTIVE) if resource.kind == "dataset" else ACTIVE
    moved = resource.kind == "campaign" and status == ACTIVE
    return Move(own, {member: summary, **taken}, solution_arn_of(summary["solution_version_arn"]) if moved else None)


def fail_update(resource: Resource, reason: Mapping[str, Any], now: datetime) -> Move:
    """Give what a failed update makes of the resource: a reason in the summary, nothing else changes."""
    move = move_update(resource, CREATE_FAILED, now)
    member = SUMMARY_MEMBERS[resource.kind]
    return Move(move.status, {member: move.changes[member] | dict(reason)})


def _taken_over(resource: Resource, summary: Mapping[str, Any]) -> dict[str, Any]:
    """Give the members that a finished update sets on the resource itself."""
    taken = {key: value for key, value in summary.items() if key not in _OF_THE_SUMMARY}
    if (config := taken.pop("solution_update_config", None)) is not None:
        taken["solution_config"] = resource.body.get("solution_config", {}) | config
    return taken
