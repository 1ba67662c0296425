"""Run the machines of releases in this process: the local cloud's interpreter, our functions, all else in memory.

Waits take no time: they move the clock. A task can be made to fail before or after it has done its work, and an
execution can be stopped there. After every write of the settings table it is checked that the API has a row that
serves, also for a reader who sees one row as it was and the other as it is.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from deletable_personalize import DeletablePersonalize
from fake_observers import FakeEvents, FakeMetrics
from fake_runtime import FakeCloudWatch, FakeRuntime
from fake_scheduler import FakeScheduler
from fake_table import FakeTable
from interpreter import install_interpreter
from ministack.services import stepfunctions
from pipeline.events import PipelineEvents
from pipeline.gateway import PersonalizeGateway
from pipeline.lock import Locks
from pipeline.memory import RELEASES, SCHEMAS, Memory
from pipeline.schedules import Schedules
from pipeline.settings_table import SettingsTable

MACHINES = Path(__file__).parents[1] / "statemachines"
NAMES = ("release", "rollback", "retire", "teardown")
_EXECUTION = "arn:aws:states:us-east-1:123456789012:execution:{machine}:{name}"
_MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:{machine}"
_FOLDERS = {
    "HoldLockFunction": "hold_lock",
    "PlanReleaseFunction": "plan_release",
    "CheckGateFunction": "check_gate",
    "EnsureResourceFunction": "ensure_resource",
    "DescribeResourceFunction": "describe_resource",
    "SmokeCampaignFunction": "smoke_campaign",
    "ShiftTrafficFunction": "shift_traffic",
    "RetireCampaignFunction": "retire_campaign",
    "ListResourcesFunction": "list_resources",
    "DeleteResourceFunction": "delete_resource",
    "SendNotificationFunction": "send_notification",
}
SUBSTITUTIONS = (*_FOLDERS, "RetireStateMachine")


@cache
def read_machine(name: str) -> dict[str, Any]:
    """A state machine with the logical names in place of ARNs."""
    text = (MACHINES / f"{name}.asl.yaml").read_text()
    for each in SUBSTITUTIONS:
        text = text.replace(f"${{{each}}}", each)
    return yaml.safe_load(text)


class Stopped(BaseException):
    """The execution is stopped from outside: no Catch sees it."""


class WatchedTable(FakeTable):
    """The settings table; remembers moments without a row that serves."""

    def __init__(self) -> None:
        super().__init__("name", "status")
        self.served = False
        self.gaps: list[str] = []

    def put_item(self, *, Item: dict[str, Any], **options: Any) -> dict[str, Any]:
        before = [dict(item) for item in self]
        reply = super().put_item(Item=Item, **options)
        self._watch(before)
        return reply

    def delete_item(self, *, Key: dict[str, Any], **options: Any) -> dict[str, Any]:
        before = [dict(item) for item in self]
        reply = super().delete_item(Key=Key, **options)
        self._watch(before)
        return reply

    def _watch(self, before: list[dict[str, Any]]) -> None:
        now = {item["name"]: item for item in self}
        serving = any(item["trafficRatio"] > 0 for item in now.values())
        self.served |= serving
        if self.served and not serving:
            self.gaps.append(f"{before} → {now}")


class MachineRunner:
    """Runs executions of the machines; keeps mails, waits, started executions, and how often each state's task ran."""

    def __init__(self, load: Callable[[str], SimpleNamespace], personalize: DeletablePersonalize) -> None:
        self.personalize = personalize
        self.runtime = FakeRuntime(personalize)
        self.cloudwatch = FakeCloudWatch()
        self.table = WatchedTable()
        self.locks_table = FakeTable("name")
        self.scheduler = FakeScheduler()
        self.events, self.metrics = FakeEvents(), FakeMetrics()
        self.mails: list[dict[str, str]] = []
        self.started: list[tuple[str, dict[str, Any]]] = []
        self.waits: list[float] = []
        self.tasks: Counter[str] = Counter()
        self.faults: dict[str, list[tuple[str, str]]] = {}
        self.lost: dict[str, int] = {}
        self.stops: set[str] = set()
        self.on_task: Callable[[str], None] = lambda state: None
        self._running: set[str] = set()
        self._stopped = False
        self._state = threading.local()
        self._gateway = PersonalizeGateway(personalize)
        self._settings = SettingsTable(self.table)
        self._functions = {name: load(folder) for name, folder in _FOLDERS.items()}

    @property
    def rows(self) -> dict[str, dict[str, Any]]:
        """The settings rows by name."""
        return {item["name"]: item for item in self.table}

    @property
    def weights(self) -> dict[str, float]:
        """The weights of the arms."""
        return {name: float(row["trafficRatio"]) for name, row in self.rows.items()}

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Put this runner between the interpreter and the world."""
        install_interpreter(monkeypatch, self._state, self._invoke, self._wait)

    def run(self, machine: str, wanted: dict[str, Any], name: str = "run-1") -> dict[str, Any]:
        """Run one execution to its end; give the interpreter's record of it, ABORTED when it was stopped."""
        arn, machine_arn = _EXECUTION.format(machine=machine, name=name), _MACHINE.format(machine=machine)
        stepfunctions._state_machines[machine_arn] = {"name": machine, "definition": json.dumps(read_machine(machine))}
        stepfunctions._executions[arn] = {
            "executionArn": arn,
            "stateMachineArn": machine_arn,
            "name": name,
            "status": "RUNNING",
            "startDate": self.personalize.now.isoformat(),
            "input": json.dumps(wanted),
            "events": [],
        }
        self._running.add(arn)
        with suppress(Stopped):
            stepfunctions._run_execution(arn)
        if self._stopped:
            stepfunctions._executions[arn]["status"] = "ABORTED"
        self._running.discard(arn)
        self._stopped = False
        return stepfunctions._executions[arn]

    def run_started(self) -> list[dict[str, Any]]:
        """Run what the executions so far have started."""
        started, self.started = self.started, []
        return [self.run("retire", wanted, f"retire-{index}") for index, (_, wanted) in enumerate(started)]

    def _invoke(self, resource: str, payload: dict[str, Any], timeout: float) -> Any:
        state = self._state.name
        self.on_task(state)
        self._stop_at(f"before {state}")
        self.tasks[state] += 1
        if self.faults.get(state):
            error, message = self.faults[state].pop(0)
            raise stepfunctions._ExecutionError(error, json.dumps({"errorType": error, "errorMessage": message}))
        try:
            result = json.loads(json.dumps(self._answer(resource, json.loads(json.dumps(payload)))))
        except stepfunctions._ExecutionError:
            raise
        except Exception as error:  # what Lambda makes of any exception
            cause = json.dumps({"errorType": type(error).__name__, "errorMessage": str(error)})
            raise stepfunctions._ExecutionError(type(error).__name__, cause) from error
        self._stop_at(f"after {state}")
        if self.lost.get(state, 0) > 0:
            self.lost[state] -= 1
            raise stepfunctions._ExecutionError("Lambda.Unknown", "the function died before it could answer")
        return result

    def _stop_at(self, place: str) -> None:
        if place in self.stops:
            self.stops.discard(place)
            self._stopped = True
        if self._stopped:
            raise Stopped

    def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.personalize.now += timedelta(seconds=seconds)

    def _answer(self, resource: str, payload: dict[str, Any]) -> Any:
        if resource.endswith("startExecution"):
            self.started.append((payload["StateMachineArn"], payload["Input"]))
            return {"ExecutionArn": "arn:started"}
        function = self._functions[resource]
        handlers: dict[str, Callable[[], Any]] = {
            "HoldLockFunction": lambda: function.handler.hold(self._locks(), payload, self.personalize.now),
            "PlanReleaseFunction": lambda: function.handler.make_plan(
                self._gateway, self._settings, self._memory(RELEASES), payload["input"]
            ),
            "CheckGateFunction": lambda: function.handler.judge(
                self._gateway, payload["candidate"], function.handler.Gate(**payload["gate"])
            ),
            "EnsureResourceFunction": lambda: function.handler.ensure(
                self._gateway, self._announcer(payload), payload, self.personalize.now
            ),
            "DescribeResourceFunction": lambda: function.handler.look_and_tell(
                self._gateway, self._announcer(payload), self.metrics, payload["resource"], self.personalize.now
            ),
            "SmokeCampaignFunction": lambda: function.handler.try_out(
                self.runtime, payload, self.runtime.samples(function), self.personalize.now.timestamp()
            ),
            "ShiftTrafficFunction": lambda: function.handler.act(
                self._settings, self._memory(RELEASES), self.cloudwatch, payload, self.personalize.now
            ),
            "RetireCampaignFunction": lambda: function.handler.act(
                self._settings, self._memory(RELEASES), self.cloudwatch, payload
            ),
            "ListResourcesFunction": lambda: function.handler.list_resources(
                self._gateway,
                self._settings,
                self._schedules(),
                {what: self._memory(what) for what in (SCHEMAS, RELEASES)},
                payload,
            ),
            "DeleteResourceFunction": lambda: function.handler.delete(
                self._gateway, self._settings, self._schedules(), payload
            ),
            "SendNotificationFunction": lambda: self._notify(function, payload),
        }
        return handlers[resource]()

    def _announcer(self, payload: dict[str, Any]) -> PipelineEvents:
        return PipelineEvents(self.events, payload["execution"]["Id"])

    def _schedules(self) -> Schedules:
        return Schedules(self.scheduler, "tgam-dev")

    def _memory(self, what: str) -> Memory:
        return Memory(self.locks_table, what)

    def _locks(self) -> Locks:
        return Locks(self.locks_table, self._running.__contains__)

    def _notify(self, function: SimpleNamespace, payload: dict[str, Any]) -> dict[str, str]:
        notification = function.notification.compose(payload, "tgam-dev")
        mail = {"outcome": payload["outcome"], "subject": notification.subject, "message": notification.message}
        self.mails.append(mail)
        return {"error": notification.error, "cause": notification.cause}
