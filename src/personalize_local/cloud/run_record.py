"""Who uses a data folder: a lock that the system frees, and a record that tells a clean end from a kill."""

import fcntl
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

LOCK_POLL_S = 0.1


class DataFolderInUseError(RuntimeError):
    """Another local cloud has the data folder."""


@dataclass(frozen=True)
class RunRecord:
    """A running local cloud, or one that was killed: the record goes away at a clean end only."""

    process_id: int
    port: int
    socket_dir: str
    alone: bool = False  # without the emulator, whose end may lose something


def write_run_record(path: Path, record: RunRecord) -> None:
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(asdict(record)))
    os.replace(unfinished, path)


def read_run_record(path: Path) -> RunRecord | None:
    """Return the record; None when the last local cloud of the folder ended cleanly."""
    try:
        return RunRecord(**json.loads(path.read_text()))
    except FileNotFoundError:
        return None


def acquire_lock(path: Path, *, wait_s: float) -> int:
    """Take the data folder; return the lock's descriptor, which the emulator's process holds as well.

    A local cloud that was killed keeps the lock until its emulator has saved its state: wait for that.
    Errors: DataFolderInUseError after `wait_s`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    deadline = time.monotonic() + wait_s
    while not _try_lock(descriptor):
        if time.monotonic() >= deadline:
            os.close(descriptor)
            raise DataFolderInUseError(f"The data folder {path.parent} is in use by another local cloud.")
        time.sleep(LOCK_POLL_S)
    return descriptor


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_locked(path: Path) -> bool:
    """Whether a local cloud has the folder now."""
    try:
        descriptor = acquire_lock(path, wait_s=0)
    except DataFolderInUseError:
        return True
    os.close(descriptor)
    return False
