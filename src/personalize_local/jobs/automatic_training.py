"""Solutions that train by themselves: a version on a schedule, when there is new data.

Source: contract §4.3.
"""

from __future__ import annotations

import logging
import sqlite3
from datetime import datetime
from typing import TYPE_CHECKING

from personalize_local.jobs.minute_look import MinuteLook
from personalize_local.jobs.statuses import ACTIVE, CREATE_STOPPING, CREATING
from personalize_local.jobs.training_order import (
    AUTOMATIC,
    DATA_MARK,
    KIND,
    data_mark,
    has_data,
    new_version,
    queue_training,
)
from personalize_local.jobs.training_schedule import due_at, trains_by_itself
from personalize_local.store.resources import Resource
from personalize_spec.limits import RUNNING_SOLUTION_VERSIONS_PER_REGION
from personalize_spec.recipes.auto_ml import recipes_of, trainable

if TYPE_CHECKING:
    from personalize_local.jobs.service import Service

FULL = "FULL"

logger = logging.getLogger(__name__)


class AutomaticTraining:
    """Looks once a minute, on the service's clock, for solutions that are to be trained."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._look = MinuteLook(service)

    def tick(self) -> None:
        """Order the trainings that are due."""
        now = self._look.due()
        if now is None:
            return
        for solution in self._service.workspace.resources.list("solution"):
            if trains_by_itself(solution):
                self._train(solution.arn, now)

    def _train(self, solution_arn: str, now: datetime) -> None:
        """Order a training of a solution if it is due; look and order in one transaction."""
        with self._service.workspace.database.transaction() as connection:
            solution = self._service.workspace.resources.get(solution_arn, connection)
            if solution is None or solution.status != ACTIVE or not self._is_due(connection, solution, now):
                return
            version = new_version(
                connection, self._service, solution, version_id=None, training_mode=FULL, training_type=AUTOMATIC
            )
            self._service.workspace.resources.insert(connection, version)
            queue_training(connection, self._service, version)
        logger.info("the schedule of %s ordered %s", solution_arn, version.arn)

    def _is_due(self, connection: sqlite3.Connection, solution: Resource, now: datetime) -> bool:
        resources = self._service.workspace.resources
        versions = resources.list(KIND, parent_arn=solution.arn, connection=connection)
        if due_at(solution, versions) > now or any(
            version.status in CREATING | {CREATE_STOPPING} for version in versions
        ):
            return False
        mark = data_mark(self._service, solution, connection)
        is_new = has_data(mark) and (not versions or versions[-1].body.get(DATA_MARK) != mark)
        return is_new and self._has_datasets(connection, solution) and self._has_room(connection, solution)

    def _has_datasets(self, connection: sqlite3.Connection, solution: Resource) -> bool:
        """Tell whether the datasets that a recipe needs are still there: one may have been deleted since."""
        group_arn = solution.body["dataset_group_arn"]
        datasets = self._service.workspace.resources.list("dataset", parent_arn=group_arn, connection=connection)
        ready = {dataset.body["dataset_type"] for dataset in datasets if dataset.status == ACTIVE}
        return bool(trainable(recipes_of(solution.body), ready))

    def _has_room(self, connection: sqlite3.Connection, solution: Resource) -> bool:
        """Tell whether the quota of running trainings leaves room; without it the training waits."""
        versions = self._service.workspace.resources.list(KIND, solution.scope, connection=connection)
        return sum(version.status in CREATING for version in versions) < RUNNING_SOLUTION_VERSIONS_PER_REGION
