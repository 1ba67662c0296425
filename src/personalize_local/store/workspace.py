"""The data folder, opened: every store of the service in one object.

<data folder>/personalize/
    personalize.db          what exists (see database.py)
    datasets/               bulk data, columnar (see datasets.py)
    solution-versions/      trained models (see artifacts.py)
    jobs/                   results and logs of worker processes
    lock                    held by the one server that uses the folder
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from personalize_local.store.artifacts import ArtifactStore
from personalize_local.store.attributions import AttributionStore
from personalize_local.store.database import Database
from personalize_local.store.datasets import DatasetStore
from personalize_local.store.events import EventLog
from personalize_local.store.jobs import JobStore
from personalize_local.store.records import RecordStore
from personalize_local.store.resources import ResourceStore
from personalize_local.store.tags import TagStore
from personalize_local.store.transitions import TransitionStore
from personalize_local.store.user_deletion import UserDeletion


class WorkspaceInUseError(Exception):
    """Another server holds the data folder."""


class Workspace:
    """Everything the service keeps, below `<data_dir>/personalize`.

    A server opens it alone: a second one is refused. Worker processes open it with `worker=True`, beside the server,
    and read the database only.

    Errors: WorkspaceInUseError when another server has the folder open.
    """

    def __init__(self, data_dir: Path | str, *, worker: bool = False) -> None:
        self.data_dir = Path(data_dir).resolve()
        self.root = self.data_dir / "personalize"
        self._lock = None if worker else _lock(self.root / "lock")
        self.database = Database(self.root / "personalize.db", read_only=worker)
        self.resources = ResourceStore(self.database)
        self.tags = TagStore(self.database)
        self.transitions = TransitionStore(self.database)
        self.jobs = JobStore(self.database)
        self.datasets = DatasetStore(self.database, self.root / "datasets")
        self.events = EventLog(self.database)
        self.records = RecordStore(self.database)
        self.attributions = AttributionStore(self.database)
        self.user_deletion = UserDeletion(self.database)
        self.artifacts = ArtifactStore(self.root / "solution-versions")

    def job_folder(self, job_id: str) -> Path:
        """Give the folder where a job's worker leaves its result and its log."""
        folder = self.root / "jobs" / job_id
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def close(self) -> None:
        """Close the database and let another server have the folder."""
        self.database.close()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _lock(path: Path) -> int:
    """Take the folder's lock, which the system frees when this process ends in any way; give its descriptor."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.read(descriptor, 32).decode() or "unknown"
        os.close(descriptor)
        raise WorkspaceInUseError(
            f"{path.parent} is in use by another server (process {holder}). Stop that one first, or give this one a "
            "data folder of its own (PERSONALIZE_LOCAL_DATA_DIR)."
        ) from error
    os.ftruncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode())
    return descriptor
