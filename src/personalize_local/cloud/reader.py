"""Personalize as a reader of another server's data folder: what is committed there shows here within a second.

Statuses, versions and bulk data are read from the database with every request; what is streamed is noticed by a
follower, because the engine keeps it in memory.
"""

import asyncio
import logging
import os
import threading
from collections.abc import Callable, Sequence

from personalize_local.cloud.asgi import AsgiApp
from personalize_local.cloud.settings import CloudSettings
from personalize_local.jobs.service import Service
from personalize_local.jobs.settings import Settings
from personalize_local.store.changes import ChangeFeed
from personalize_local.store.workspace import Workspace
from personalize_local.wire.asgi import PersonalizeApp
from personalize_local.wire.guards import Guard, ReadOnly

FOLLOW_S = 0.25

logger = logging.getLogger(__name__)


class PersonalizeReader:
    """Answers the operations that read; the service behind it is never started and moves nothing. It counts its calls.

    Errors: NothingToReadError when no server has written to the data folder yet.
    """

    def __init__(self, settings: CloudSettings, guards: Sequence[Guard], where_to_write: Callable[[], str]) -> None:
        self._workspace = Workspace(settings.data_dir, worker=True)
        self._feed = ChangeFeed(self._workspace.database)
        own = Settings.from_environment()
        self._service = Service(self._workspace, own.clock, own)
        self._app = PersonalizeApp(self._service, [*guards, ReadOnly(where_to_write).check])
        self.app: AsgiApp = self._app
        self._stopping = threading.Event()
        self._follower = threading.Thread(target=self._follow, name="personalize-follower", daemon=True)

    async def start(self) -> None:
        self._follower.start()
        self._service.reporting.start_metrics(os.environ)

    async def stop(self) -> None:
        await asyncio.to_thread(self._stop)

    def _stop(self) -> None:
        self._stopping.set()
        self._follower.join()
        self._app.close()
        self._service.reporting.stop()
        self._workspace.close()

    def _follow(self) -> None:
        while not self._stopping.wait(FOLLOW_S):
            try:
                for dataset_arn in self._feed.poll():
                    self._workspace.events.announce(dataset_arn)
            except Exception:
                logger.exception("what was streamed could not be looked at; trying again")
