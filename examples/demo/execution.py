"""Follow the workflow from its start to its end, showing where it is."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Group
from rich.padding import Padding
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from examples.demo.errors import DemoError
from examples.demo.jobs import Job, working_jobs
from examples.demo.screen import INDENT, Screen, seconds
from examples.demo.state_machine import StateRun, coming_states, failure, planned_states, state_runs

START_LIMIT_S = 60
POLL_S = 0.5
JOB_POLL_S = 1.0
COMING_SHOWN = 4


@dataclass(frozen=True)
class Outcome:
    """How an execution ended; `error` and `cause` are empty when it succeeded."""

    status: str
    error: str
    cause: str
    duration_s: float

    @property
    def succeeded(self) -> bool:
        return self.status == "SUCCEEDED"


def execution_arns(states: Any, machine_arn: str) -> frozenset[str]:
    """Give the executions that exist, to tell a new one from them."""
    pages = states.get_paginator("list_executions").paginate(stateMachineArn=machine_arn)
    return frozenset(entry["executionArn"] for page in pages for entry in page["executions"])


def wait_for_start(states: Any, machine_arn: str, known: frozenset[str]) -> str:
    """Wait until the upload has started an execution, and give its ARN.

    Errors: DemoError when none has started after a minute.
    """
    limit = time.monotonic() + START_LIMIT_S
    while time.monotonic() < limit:
        started = execution_arns(states, machine_arn) - known
        if started:
            return max(started)
        time.sleep(POLL_S)
    raise DemoError(f"The upload has not started the workflow within {START_LIMIT_S} seconds.")


class Follower:
    """One execution on the screen: a moving picture in a terminal, a line per finished state elsewhere."""

    def __init__(self, screen: Screen, states: Any, personalize: Any, group_arn: str, poll_s: float = POLL_S) -> None:
        self._screen = screen
        self._states = states
        self._personalize = personalize
        self._group_arn = group_arn
        self._poll_s = poll_s
        self._said: set[str] = set()
        self._jobs: list[Job] = []
        self._jobs_read_at = 0.0
        self._spinner = Spinner("dots", style="blue")

    def follow(self, execution_arn: str, machine_arn: str) -> Outcome:
        """Show the execution until it ends."""
        definition = json.loads(self._states.describe_state_machine(stateMachineArn=machine_arn)["definition"])
        planned = planned_states(definition)
        with self._screen.live() as live:
            while True:
                execution = self._states.describe_execution(executionArn=execution_arn)
                runs = self._runs(execution_arn, definition)
                if execution["status"] != "RUNNING":
                    break
                coming = coming_states(planned, runs)
                if live:
                    live.update(self._picture(runs, coming))
                else:
                    self._say_finished(runs)
                time.sleep(self._poll_s)
        if self._screen.moves:
            self._screen.show(self._table(runs, datetime.now(UTC)))
        else:
            self._say_finished(runs)
        return self._outcome(execution, execution_arn)

    def _history(self, execution_arn: str) -> list[dict[str, Any]]:
        pages = self._states.get_paginator("get_execution_history").paginate(executionArn=execution_arn)
        return [event for page in pages for event in page["events"]]

    def _runs(self, execution_arn: str, definition: dict[str, Any]) -> list[StateRun]:
        return state_runs(self._history(execution_arn), definition["States"])

    def _outcome(self, execution: dict[str, Any], execution_arn: str) -> Outcome:
        duration = (execution["stopDate"] - execution["startDate"]).total_seconds()
        error, cause = failure(self._history(execution_arn)) if execution["status"] != "SUCCEEDED" else ("", "")
        return Outcome(execution["status"], error, cause, duration)

    def _say_finished(self, runs: Sequence[StateRun]) -> None:
        for run in runs:
            if run.left_at and run.name not in self._said:
                self._said.add(run.name)
                self._screen.done(f"{run.name} · {seconds(run.duration_s(run.left_at))}")

    def _picture(self, runs: Sequence[StateRun], coming: Sequence[str]) -> Padding:
        rows: list[Any] = [self._table(runs, datetime.now(UTC))]
        rows += [Text(f"    {job.title} · {job.status}", style="cyan") for job in self._working_jobs()]
        rows += [Text(f"· {name}", style="dim") for name in coming[:COMING_SHOWN]]
        if len(coming) > COMING_SHOWN:
            rows.append(Text(f"· and {len(coming) - COMING_SHOWN} more", style="dim"))
        return Padding(Group(*rows), (0, 0, 0, INDENT))

    def _table(self, runs: Sequence[StateRun], now: datetime) -> Table:
        table = Table.grid(padding=(0, 1, 0, 0))
        table.add_column(width=1)
        table.add_column(min_width=36)
        table.add_column(justify="right")
        for run in runs:
            mark = Text("✔", style="green") if run.left_at else self._spinner
            table.add_row(mark, run.name, Text(seconds(run.duration_s(now)), style="dim"))
        return table

    def _working_jobs(self) -> list[Job]:
        """List what Personalize is at work on, at most once a second; an answer that fails is no reason to stop."""
        if time.monotonic() - self._jobs_read_at >= JOB_POLL_S:
            self._jobs_read_at = time.monotonic()
            try:
                self._jobs = working_jobs(self._personalize, self._group_arn)
            except (BotoCoreError, ClientError):
                self._jobs = []
        return self._jobs
