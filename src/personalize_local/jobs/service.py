"""The running service: what every handler gets, and the thread that moves things along."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from personalize_local.jobs.automatic_training import AutomaticTraining
from personalize_local.jobs.clock import Clock
from personalize_local.jobs.kinds import JOB_MODULES
from personalize_local.jobs.lifecycle import LifecycleEngine
from personalize_local.jobs.metrics import MetricBuffer
from personalize_local.jobs.queue import JobQueue
from personalize_local.jobs.recommender_retraining import RecommenderRetraining
from personalize_local.jobs.reporting import Reporting
from personalize_local.jobs.settings import Settings
from personalize_local.jobs.unreadable_models import begin_to_look
from personalize_local.store.workspace import Workspace

IDLE_S = 1.0
SHORTEST_PAUSE_S = 0.005

logger = logging.getLogger(__name__)


class Service:
    """Personalize in a data folder.

    `start()` runs a thread that calls `tick()` whenever something is due; tests with a manual clock call `recover()`
    and `tick()` themselves instead. The service does not close the workspace.
    """

    def __init__(
        self, workspace: Workspace, clock: Clock, settings: Settings, *, job_modules: Mapping[str, str] = JOB_MODULES
    ) -> None:
        self.workspace = workspace
        self.clock = clock
        self.settings = settings
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._looking: threading.Thread | None = None
        self.metrics = MetricBuffer(clock.now)
        self.reporting = Reporting(self)
        self.lifecycle = LifecycleEngine(workspace, clock, settings.status_dwell_s)
        self.queue = JobQueue(self, job_modules, self.wake)
        self.automatic_training = AutomaticTraining(self)
        self.recommender_retraining = RecommenderRetraining(self)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Check and change resources together; what that made due is looked at as soon as it is written."""
        with self.workspace.database.transaction() as connection:
            yield connection
        self.wake()

    def start(self) -> None:
        """Take up what the last run left, and go on by itself."""
        self.queue.recover()
        self.workspace.datasets.clean()
        self._thread = threading.Thread(target=self._run, name="personalize-service", daemon=True)
        self._thread.start()
        self.reporting.start(os.environ)
        self._looking = begin_to_look(self)

    def stop(self) -> None:
        """Stop moving things along and end the workers; everything goes on at the next start."""
        self._stopping.set()
        self.wake()
        for thread in (self._thread, self._looking):
            if thread is not None:
                thread.join()
        self.queue.stop()
        self.reporting.stop()

    def tick(self) -> None:
        """Do all that is due by now."""
        self.lifecycle.tick()
        self.automatic_training.tick()
        self.recommender_retraining.tick()
        self.queue.tick()

    def wake(self) -> None:
        """Have the service's thread look again at what is due."""
        self._woken.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._woken.clear()
            try:
                self.tick()
                pause_s = self._pause_s()
            except Exception:
                logger.exception("the service could not go on; trying again")
                pause_s = IDLE_S
            self._woken.wait(pause_s)

    def _pause_s(self) -> float:
        due = [moment for moment in (self.lifecycle.next_due_at(), self.queue.next_due_at()) if moment is not None]
        if not due:
            return IDLE_S
        remaining_s = (min(due) - self.clock.now()).total_seconds()
        return min(max(remaining_s, SHORTEST_PAUSE_S), IDLE_S)
