"""The log of a local cloud that `up` started, kept from growing without end.

Rule 1: several processes write to the file through one open description, in append mode: it is copied and cut to
nothing, never renamed under them.
Rule 2: one generation is kept beside it, `cloud.log.1`. Lines written between the copy and the cut, microseconds apart,
are lost.
"""

import asyncio
import contextlib
import logging
import os
import shutil
import sys
from pathlib import Path

LIMIT_BYTES = 10 * 1024 * 1024
LOOK_S = 5.0

logger = logging.getLogger(__name__)


class LogFile:
    """A part of the gateway: looks at the log now and then, when it is where this process's standard error goes."""

    def __init__(self, path: Path, limit_bytes: int = LIMIT_BYTES) -> None:
        self._path = path
        self._limit_bytes = limit_bytes
        self._watcher: asyncio.Task[None] | None = None

    async def start(self) -> None:
        if is_written_to(self._path, sys.stderr.fileno()):
            self._watcher = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        if self._watcher is not None:
            self._watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watcher

    async def _watch(self) -> None:
        while True:
            try:
                await asyncio.to_thread(rotate, self._path, self._limit_bytes)
            except OSError:
                logger.exception("the log could not be shortened; trying again")
            await asyncio.sleep(LOOK_S)


def rotate(path: Path, limit_bytes: int) -> bool:
    """Move the content of a log that is larger than the limit into `<name>.1`; return whether it was."""
    if path.stat().st_size <= limit_bytes:
        return False
    unfinished = path.with_name(f"{path.name}.part")
    shutil.copyfile(path, unfinished)
    os.truncate(path, 0)
    os.replace(unfinished, path.with_name(f"{path.name}.1"))
    return True


def is_written_to(path: Path, descriptor: int) -> bool:
    """Whether a descriptor is of the file at `path`."""
    return path.exists() and os.path.samestat(path.stat(), os.fstat(descriptor))
