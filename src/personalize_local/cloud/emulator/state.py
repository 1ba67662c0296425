"""Save MiniStack's state now and then, not only at a clean end.

Each round asks every service for its state (on the event loop, so that no request changes it meanwhile), and writes the
files of those that changed. The pause grows with what a round costs, so that saving takes at most 1/PAUSE_FACTOR of the
time.
Source: measured; docs/decisions/0002-emulator-state.md.
"""

import asyncio
import hashlib
import json
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime

from personalize_local.cloud.emulator.names import private
from personalize_local.cloud.state_record import StateRecord, StateRecordFile

logger = logging.getLogger(__name__)

PAUSE_S = 15.0
PAUSE_FACTOR = 50
HEARTBEAT_S = 1.0


class StateKeeper:
    """Saves what changed and keeps the record of it."""

    def __init__(self, record_file: StateRecordFile) -> None:
        self._record_file = record_file
        self._digests: dict[str, bytes] = {}

    def begin(self) -> None:
        """Record that the state in memory is the one on disk."""
        self._record_file.write(StateRecord(saved_at=datetime.now(UTC), is_final=False))

    async def keep(self) -> None:
        """Save every `PAUSE_S` until cancelled."""
        self.begin()
        pause_s = PAUSE_S
        while True:
            await asyncio.sleep(pause_s)
            started = time.perf_counter()
            await self.save_changes()
            pause_s = max(PAUSE_S, PAUSE_FACTOR * (time.perf_counter() - started))

    async def save_changes(self) -> list[str]:
        """Write the state of the services that changed since the last round; return their names.

        A service whose state changes under the reader's hands (a running execution's thread) waits for the next round.
        """
        began_at = datetime.now(UTC)
        saved, complete = [], True
        for service, get_state in private("ministack.app:_build_persistence_save_dict")().items():
            try:
                saved += await self._save_service(service, get_state)
            except Exception:
                complete = False
                logger.warning("the state of %s could not be saved this time", service, exc_info=True)
            await asyncio.sleep(0)
        if complete:
            self._record_file.write(StateRecord(saved_at=began_at, is_final=False))
        return saved

    async def _save_service(self, service: str, get_state: Callable[[], dict | None]) -> list[str]:
        state = get_state()
        if state is None:
            return []
        digest = await asyncio.to_thread(_digest, state)
        if digest == self._digests.get(service):
            return []
        await asyncio.to_thread(private("ministack.core.persistence:save_state"), service, state)
        self._digests[service] = digest
        return [service]

    async def beat(self) -> None:
        """Touch the heartbeat every second until cancelled."""
        while True:
            self._record_file.beat()
            await asyncio.sleep(HEARTBEAT_S)

    def finish(self) -> None:
        """Record that MiniStack saved everything at its end."""
        self._record_file.write(StateRecord(saved_at=datetime.now(UTC), is_final=True))


def _digest(state: dict) -> bytes:
    text = json.dumps(state, default=private("ministack.core.persistence:_json_default"))
    return hashlib.sha256(text.encode()).digest()
