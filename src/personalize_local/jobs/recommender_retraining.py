"""Recommenders train by themselves every seven days.

The recommender stays ACTIVE and answers from the model before until the new one is there; no update shows. Without new
data the same model would come out, so that nothing is done.

Source: contract §4.5, documented: "retraining every 7 days". That it shows nowhere is inferred.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from personalize_local.jobs.minute_look import MinuteLook
from personalize_local.jobs.standing import SILENT
from personalize_local.jobs.statuses import ACTIVE
from personalize_local.jobs.training_order import DATA_MARK, data_mark
from personalize_local.jobs.updates import is_updating
from personalize_local.store.resources import Resource

if TYPE_CHECKING:
    from personalize_local.jobs.service import Service

KIND = "recommender"
EVERY = timedelta(days=7)
LOOKED_AT = "retraining_looked_at_s"  # a member that the service keeps for itself: epoch seconds

logger = logging.getLogger(__name__)


class RecommenderRetraining:
    """Looks once a minute, on the service's clock, for recommenders that are to be trained again."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._look = MinuteLook(service)

    def tick(self) -> None:
        """Order the trainings that are due."""
        now = self._look.due()
        if now is None:
            return
        for recommender in self._service.workspace.resources.list(KIND):
            if is_due(recommender, now):
                self._train(recommender.arn, now)

    def _train(self, arn: str, now: datetime) -> None:
        """Order a training if there is new data; look and order in one transaction."""
        service = self._service
        with service.workspace.database.transaction() as connection:
            recommender = service.workspace.resources.get(arn, connection)
            if recommender is None or not is_due(recommender, now):
                return
            mark = data_mark(service, recommender, connection)
            is_new = recommender.body.get(DATA_MARK) != mark
            changes = {LOOKED_AT: now.timestamp(), DATA_MARK: mark}
            service.workspace.resources.update(connection, arn, recommender.updated_at, changes=changes)
            if is_new:
                payload = {"recommender_arn": arn, "recommender_config": recommender.body["recommender_config"]}
                service.queue.add(connection, KIND, arn, payload | {SILENT: True})
                logger.info("the weekly training of %s is ordered", arn)


def is_due(recommender: Resource, now: datetime) -> bool:
    """Tell whether seven days have gone by since the recommender was created, or looked at for this."""
    looked_at_s = recommender.body.get(LOOKED_AT)
    since = recommender.created_at if looked_at_s is None else datetime.fromtimestamp(looked_at_s, UTC)
    return recommender.status == ACTIVE and not is_updating(recommender) and now >= since + EVERY
