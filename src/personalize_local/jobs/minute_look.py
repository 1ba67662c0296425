"""Looking once a minute, on the service's clock, for trainings that the service orders by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from personalize_local.jobs.service import Service

LOOK_AGAIN_AFTER = timedelta(minutes=1)


class MinuteLook:
    """Tells when to look; never where the service is set not to train by itself."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._looks_at: datetime | None = None

    def due(self) -> datetime | None:
        """Give the time when it is time to look, once a minute; None otherwise."""
        now = self._service.clock.now()
        if not self._service.settings.automatic_training or (self._looks_at is not None and now < self._looks_at):
            return None
        self._looks_at = now + LOOK_AGAIN_AFTER
        return now
