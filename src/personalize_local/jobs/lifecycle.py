"""How statuses follow each other, and the engine that moves resources along.

Rule 1: every status of a path is shown for the dwell time, so that a client that polls sees what it would see on AWS.
Rule 2: a status and the next transition are written together: after `kill -9` a resource goes on where it stood.

Resources that work is done for (imports, solution versions, recommenders) are moved by the queue instead: see queue.py.
Source: contract §2.1; that a deleted dataset group can still be described once: observed.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from personalize_local.jobs.clock import Clock
from personalize_local.jobs.removal import remove_resource
from personalize_local.jobs.statuses import (
    ACTIVE,
    CREATE_IN_PROGRESS,
    CREATE_PENDING,
    DELETE_IN_PROGRESS,
    DELETE_PENDING,
    INACTIVE,
    START_IN_PROGRESS,
    START_PENDING,
    STOP_IN_PROGRESS,
    STOP_PENDING,
)
from personalize_local.jobs.updates import move_update
from personalize_local.store.resources import Resource
from personalize_local.store.transitions import Transition
from personalize_local.store.workspace import Workspace

CREATE, UPDATE, DELETE, STOP, START = "create", "update", "delete", "stop", "start"
GONE = "gone"
PATHS: Mapping[str, tuple[str, ...]] = {
    CREATE: (CREATE_PENDING, CREATE_IN_PROGRESS, ACTIVE),
    UPDATE: (CREATE_PENDING, CREATE_IN_PROGRESS, ACTIVE),
    DELETE: (DELETE_PENDING, DELETE_IN_PROGRESS, GONE),
    STOP: (STOP_PENDING, STOP_IN_PROGRESS, INACTIVE),
    START: (START_PENDING, START_IN_PROGRESS, ACTIVE),
}
RETRY_S = 5.0

logger = logging.getLogger(__name__)


class LifecycleEngine:
    """Moves resources along the paths; `tick` does all that is due by now."""

    def __init__(self, workspace: Workspace, clock: Clock, dwell_s: float) -> None:
        self._workspace = workspace
        self._clock = clock
        self._dwell = timedelta(seconds=dwell_s)

    def begin(self, connection: sqlite3.Connection, arn: str, path: str) -> None:
        """Put a resource on a path's first status."""
        self._enter(connection, Transition(arn, path, 0, self._clock.now()))

    def tick(self) -> None:
        """Move every resource whose time has come, by one status."""
        for transition in self._workspace.transitions.due(self._clock.now()):
            try:
                with self._workspace.database.transaction() as connection:
                    self._enter(connection, replace(transition, step=transition.step + 1))
                if transition.path == DELETE:
                    self._workspace.datasets.collect()
            except Exception:
                logger.exception("the status of %s could not be moved; trying again", transition.arn)
                self._postpone(transition)

    def next_due_at(self) -> datetime | None:
        """Give when `tick` has something to do next."""
        return self._workspace.transitions.next_due_at()

    def _enter(self, connection: sqlite3.Connection, transition: Transition) -> None:
        """Show the transition's step and plan the next; the last step ends the transition."""
        workspace, statuses, now = self._workspace, PATHS[transition.path], self._clock.now()
        if transition.step + 1 < len(statuses):
            workspace.transitions.put(connection, replace(transition, due_at=now + self._dwell))
        else:
            workspace.transitions.remove(connection, transition.arn)
        resource = workspace.resources.get(transition.arn, connection)
        if resource is not None:
            self._show(connection, resource, transition, statuses[transition.step], now)

    def _show(
        self, connection: sqlite3.Connection, resource: Resource, transition: Transition, status: str, now: datetime
    ) -> None:
        resources = self._workspace.resources
        if status == GONE:
            remove_resource(connection, self._workspace, resource)
        elif transition.path == UPDATE:
            move = move_update(resource, status, now)
            resources.update(
                connection, resource.arn, now, status=move.status, parent_arn=move.parent_arn, changes=move.changes
            )
        else:
            resources.update(connection, resource.arn, now, status=status)

    def _postpone(self, transition: Transition) -> None:
        with self._workspace.database.transaction() as connection:
            later = self._clock.now() + timedelta(seconds=RETRY_S)
            self._workspace.transitions.put(connection, replace(transition, due_at=later))
