"""The queue of work: starts workers, settles what they did, and goes on after a restart.

Rule 1: the resource's status, or its update's, says where its job stands; the job's row only how often it was started.
Rule 2: a job's result and the status ACTIVE are written in one transaction.
Rule 3: work that was interrupted runs again from its start, a few times at most; no resource stays in progress forever.
"""

from __future__ import annotations

import importlib
import logging
import shutil
import sqlite3
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from personalize_local.jobs.context import JobFailedError
from personalize_local.jobs.deployment import follow_solution_version
from personalize_local.jobs.job_metrics import note_end, note_request
from personalize_local.jobs.outcome import Failed, Interrupted, Outcome, Succeeded, read_outcome
from personalize_local.jobs.standing import is_silent, show_status, status_of
from personalize_local.jobs.statuses import (
    ACTIVE,
    CREATE_FAILED,
    CREATE_IN_PROGRESS,
    CREATE_STOPPED,
    CREATE_STOPPING,
    CREATING,
)
from personalize_local.jobs.supervisor import Progress, Worker
from personalize_local.store.jobs import QUEUED, RUNNING, Job

if TYPE_CHECKING:
    from personalize_local.jobs.service import Service

AFTER_INTERRUPTION = "Give the machine more memory or a smaller data set if it ran out of memory, then create it again."

logger = logging.getLogger(__name__)


class JobQueue:
    """Jobs waiting and running. Only the service's own thread, or a test in its place, calls `tick`."""

    def __init__(self, service: Service, modules: Mapping[str, str], on_end: Callable[[], None]) -> None:
        self._service = service
        self._workspace = service.workspace
        self._modules = modules
        self._on_end = on_end
        self._workers: dict[str, Worker] = {}
        self._dwell = timedelta(seconds=service.settings.status_dwell_s)

    def add(self, connection: sqlite3.Connection, kind: str, resource_arn: str, payload: Mapping[str, Any]) -> str:
        """Queue the work that makes a resource, or an update of one, from CREATE PENDING on; give the job's id."""
        job_id = uuid.uuid4().hex
        now = self._service.clock.now()
        job = Job(job_id, kind, resource_arn, dict(payload), QUEUED, 0, now)
        self._workspace.jobs.insert(connection, job)
        if not is_silent(job):
            note_request(self._service.metrics, self._workspace.resources.get(resource_arn, connection))
        return job_id

    def progress(self, resource_arn: str) -> Progress | None:
        """Give how far the work for a resource is; None when it is not running."""
        workers = list(self._workers.values())
        return next((worker.progress for worker in workers if worker.job.resource_arn == resource_arn), None)

    def worker_process_ids(self) -> list[int]:
        """Give the numbers of the worker processes."""
        return [worker.process_id for worker in list(self._workers.values()) if not worker.ended]

    def recover(self) -> None:
        """Take up the jobs that ran when the last server ended: settle those that were done, queue the others."""
        for job in self._workspace.jobs.list(RUNNING):
            folder = self._workspace.job_folder(job.job_id)
            self._settle(job, read_outcome(folder, job.attempt, "the local service was ended"))

    def tick(self) -> None:
        """Settle the workers that ended, end those that must stop, start what is next."""
        for worker in list(self._workers.values()):
            if worker.ended and self._has_dwelt(worker.job):
                self._settle(worker.job, worker.outcome())
                del self._workers[worker.job.job_id]
            elif not worker.ended and self._status(worker.job) in (CREATE_STOPPING, None):
                worker.kill()
        for job in self._workspace.jobs.list(QUEUED):
            if self._has_place(job) and self._has_dwelt(job):
                self._start(job)

    def next_due_at(self) -> datetime | None:
        """Give when `tick` has something to do next that no worker's end announces."""
        ended = [worker.job for worker in self._workers.values() if worker.ended]
        waiting = ended + [job for job in self._workspace.jobs.list(QUEUED) if self._has_place(job)]
        return min((self._dwelt_at(job) for job in waiting), default=None)

    def stop(self) -> None:
        """End the workers. Their jobs run again when the service starts again; this start does not count."""
        for worker in self._workers.values():
            worker.kill()
        for worker in self._workers.values():
            worker.wait()
            if isinstance(worker.outcome(), Interrupted):
                self._move(worker.job, QUEUED, worker.job.attempt - 1)
        self._workers.clear()

    def _start(self, job: Job) -> None:
        """Show CREATE IN_PROGRESS and count the start; then start the worker."""
        now = self._service.clock.now()
        status = self._status(job)
        if status not in CREATING:
            self._finish(job, CREATE_STOPPED, {})
            return
        with self._workspace.database.transaction() as connection:
            show_status(connection, self._workspace.resources, job, CREATE_IN_PROGRESS, now, {})
            self._workspace.jobs.move(connection, job.job_id, RUNNING, job.attempt + 1, now)
        started = replace(job, state=RUNNING, attempt=job.attempt + 1, changed_at=now)
        try:
            self._workers[job.job_id] = self._spawn(started)
        except OSError as error:
            self._settle(started, Interrupted(f"the worker process could not be started ({error})"))

    def _spawn(self, job: Job) -> Worker:
        return Worker(
            job,
            self._modules[job.kind],
            self._workspace.data_dir,
            self._workspace.job_folder(job.job_id),
            self._service.settings,
            self._on_end,
        )

    def _settle(self, job: Job, outcome: Outcome) -> None:
        """Write down how an attempt ended."""
        match outcome:
            case _ if self._status(job) == CREATE_STOPPING:
                self._finish(job, CREATE_STOPPED, {})
            case Succeeded(result):
                self._complete(job, result)
            case Failed(reason):
                self._fail(job, reason)
            case Interrupted(cause) if job.attempt < self._service.settings.job_attempts:
                logger.warning("job %s (%s) was interrupted, %s; it runs again", job.job_id, job.resource_arn, cause)
                self._move(job, QUEUED, job.attempt)
            case Interrupted(cause):
                self._fail(
                    job, f"The work was interrupted {job.attempt} times; the last time, {cause}. {AFTER_INTERRUPTION}"
                )

    def _complete(self, job: Job, result: dict[str, Any]) -> None:
        """Write the result and the status ACTIVE together."""
        commit = getattr(importlib.import_module(self._modules[job.kind]), "commit", None)
        try:
            with self._workspace.database.transaction() as connection:
                if commit is not None:
                    commit(connection, self._service, job, result)
                self._close(connection, job, ACTIVE, result.get("resource", {}))
                if not is_silent(job):
                    follow_solution_version(connection, self._service, job.resource_arn)
        except JobFailedError as error:
            self._fail(job, error.reason)
        except Exception:
            logger.exception("the result of job %s (%s) could not be written", job.job_id, job.resource_arn)
            self._fail(
                job, f"An internal error of the local service kept the result of job {job.job_id} from being written."
            )
        else:
            self._note_end(job)
            shutil.rmtree(self._workspace.job_folder(job.job_id), ignore_errors=True)

    def _fail(self, job: Job, reason: str) -> None:
        level = logging.WARNING if is_silent(job) else logging.INFO  # nothing else tells of a silent one
        logger.log(level, "job %s (%s) failed: %s", job.job_id, job.resource_arn, reason)
        self._finish(job, CREATE_FAILED, {"failure_reason": reason})

    def _finish(self, job: Job, status: str, changes: Mapping[str, Any]) -> None:
        with self._workspace.database.transaction() as connection:
            self._close(connection, job, status, changes)
        self._note_end(job)

    def _close(self, connection: sqlite3.Connection, job: Job, status: str, changes: Mapping[str, Any]) -> None:
        now = self._service.clock.now()
        show_status(connection, self._workspace.resources, job, status, now, changes)
        self._workspace.jobs.delete(connection, job.job_id)

    def _move(self, job: Job, state: str, attempt: int) -> None:
        with self._workspace.database.transaction() as connection:
            self._workspace.jobs.move(connection, job.job_id, state, attempt, self._service.clock.now())

    def _status(self, job: Job) -> str | None:
        return status_of(self._workspace.resources.get(job.resource_arn), job)

    def _note_end(self, job: Job) -> None:
        if not is_silent(job):
            note_end(self._service.metrics, self._workspace.resources.get(job.resource_arn))

    def _has_place(self, job: Job) -> bool:
        """Tell whether a worker may start on a job: not while another works for the same resource."""
        busy = {worker.job.resource_arn for worker in self._workers.values()}
        return len(busy) < self._service.settings.worker_limit and job.resource_arn not in busy

    def _has_dwelt(self, job: Job) -> bool:
        return self._dwelt_at(job) <= self._service.clock.now()

    def _dwelt_at(self, job: Job) -> datetime:
        """Give until when the resource's present status is to be shown."""
        resource = self._workspace.resources.get(job.resource_arn)
        return job.changed_at if resource is None else resource.updated_at + self._dwell
