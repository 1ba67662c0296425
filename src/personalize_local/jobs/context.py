"""What a job's code gets, and how it says that it failed.

A job module has `run(context) -> dict` and may have `commit(connection, service, job, result) -> None`:

* `run` works in a process of its own, with the database open to read. It may be killed at any moment and is then run
  again from its start, so it writes to places that it clears first. Its result is JSON; `result["resource"]`, when
  there is one, holds members to set on the resource.
* `commit` runs in the server, in the transaction that makes the resource ACTIVE: what it writes is there if and only
  if the status is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from personalize_local.store.jobs import Job
from personalize_local.store.workspace import Workspace


class JobFailedError(Exception):
    """The work cannot be done with this input; `reason` becomes the resource's failureReason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class JobContext:
    """A running job: its row, its payload, the data folder, and whom to tell about progress.

    `report(text, fraction)` may be called often; fraction is 0 to 1.
    """

    workspace: Workspace
    job: Job
    payload: dict[str, Any]
    report: Callable[[str, float], None]
