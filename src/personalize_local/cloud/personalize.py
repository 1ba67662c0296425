"""Amazon Personalize as a part of the local cloud: opened with its data folder, stopped and closed with it."""

import asyncio
from collections.abc import Sequence

from personalize_local.cloud.asgi import AsgiApp
from personalize_local.cloud.inside import PersonalizeInside
from personalize_local.cloud.settings import CloudSettings
from personalize_local.jobs.service import Service
from personalize_local.jobs.settings import Settings
from personalize_local.runtime.engine import Engine
from personalize_local.store.workspace import Workspace
from personalize_local.wire.asgi import PersonalizeApp
from personalize_local.wire.guards import Guard


class Personalize:
    """The service, its workspace and the ASGI application that answers for it."""

    def __init__(self, settings: CloudSettings, guards: Sequence[Guard] = ()) -> None:
        self._workspace = Workspace(settings.data_dir)
        own = Settings.from_environment()
        self._service = Service(self._workspace, own.clock, own)
        engine = Engine(self._service)
        self._app = PersonalizeApp(self._service, guards, engine)
        self.app: AsgiApp = self._app
        self.inside = PersonalizeInside(engine)

    async def start(self) -> None:
        await asyncio.to_thread(self._service.start)

    async def stop(self) -> None:
        await asyncio.to_thread(self._stop)

    def _stop(self) -> None:
        self._app.close()
        self._service.stop()
        self._workspace.close()
