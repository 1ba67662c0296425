"""A new solution version, queued for training: by a customer, or by the schedule."""

from __future__ import annotations

import sqlite3
import uuid
from typing import TYPE_CHECKING

from personalize_local.jobs.statuses import CREATE_PENDING
from personalize_local.store.resources import Resource

if TYPE_CHECKING:
    from personalize_local.jobs.service import Service

KIND = JOB_KIND = "solution-version"
MANUAL, AUTOMATIC = "MANUAL", "AUTOMATIC"
FROM_THE_SOLUTION = (
    *("perform_hpo", "perform_auto_ml", "perform_incremental_update"),
    *("recipe_arn", "event_type", "dataset_group_arn", "solution_config"),
)
DATA_MARK = "data_mark"


def new_version(
    connection: sqlite3.Connection,
    service: Service,
    solution: Resource,
    *,
    version_id: str | None,
    training_mode: str,
    training_type: str,
) -> Resource:
    """Give a version of a solution that is to be trained, not stored yet.

    A version without a name gets 8 hexadecimal digits (observed). Its `data_mark` tells which data it was ordered on.
    """
    segment = version_id or uuid.uuid4().hex[:8]
    arn = solution.scope.solution_version_arn(solution.name, segment)
    now = service.clock.now()
    body = {member: solution.body[member] for member in FROM_THE_SOLUTION if member in solution.body} | {
        "name": version_id or f"{solution.name}/{segment}",
        "solution_arn": solution.arn,
        "training_mode": training_mode,
        "training_type": training_type,
        DATA_MARK: data_mark(service, solution, connection),
    }
    return Resource(KIND, arn, segment, solution.scope, solution.arn, CREATE_PENDING, body, now, now)


def queue_training(connection: sqlite3.Connection, service: Service, version: Resource) -> None:
    """Queue the training of a stored version."""
    service.queue.add(connection, JOB_KIND, version.arn, {"solution_version_arn": version.arn})


def data_mark(service: Service, solution: Resource, connection: sqlite3.Connection) -> dict[str, list[int]]:
    """Give a mark of the data in the solution's dataset group, which changes when any of it does."""
    group_arn = solution.body["dataset_group_arn"]
    datasets = service.workspace.resources.list("dataset", parent_arn=group_arn, connection=connection)
    return {dataset.arn: service.workspace.datasets.mark(dataset.arn) for dataset in datasets}


def has_data(mark: dict[str, list[int]]) -> bool:
    """Tell whether a mark is of any data at all."""
    return any(any(places) for places in mark.values())
