"""Run the state machine in this process: the local cloud's interpreter, our functions, a Personalize in memory.

Waits take no time: they move the clock of the fake. A plan of faults makes the task of a state fail; `stop_at` ends
the execution before or after the first task of a state, and nothing happens any more.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from deletable_personalize import DeletablePersonalize
from fake_bucket import FakeBucket
from fake_observers import FakeEvents, FakeMetrics
from fake_scheduler import FakeScheduler
from fake_table import FakeTable
from interpreter import install_interpreter
from machine_runner import MachineRunner
from ministack.services import stepfunctions
from pipeline.events import PipelineEvents
from pipeline.gateway import PersonalizeGateway
from pipeline.lock import Locks
from pipeline.planning.size import size_bytes

from personalize_spec.preflight import DataFile
from tests.csv_files import NOW_EPOCH_S

DEFINITION = Path(__file__).parents[1] / "statemachines" / "deploy.asl.yaml"
_EXECUTION = "arn:aws:states:us-east-1:123456789012:execution:Deploy:{name}"
_MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:Deploy"
_FOLDERS = {
    "CheckParametersFunction": "check_parameters",
    "PlanResourcesFunction": "plan_resources",
    "EnsureResourceFunction": "ensure_resource",
    "DescribeResourceFunction": "describe_resource",
    "SendNotificationFunction": "send_notification",
    "HoldLockFunction": "hold_lock",
    "WriteSchedulesFunction": "write_schedules",
    "RemoveUnusedFunction": "remove_unused",
}


@cache
def read_definition() -> dict[str, Any]:
    """The state machine with the functions' logical names in place of their ARNs."""
    text = DEFINITION.read_text()
    for name in (*_FOLDERS, "ReleaseStateMachine"):
        text = text.replace(f"${{{name}}}", name)
    return yaml.safe_load(text)


class WorkflowRunner:
    """Runs executions; keeps mails, settings rows, waits, and how often each state's task ran."""

    def __init__(self, load: Callable[[str], SimpleNamespace], personalize: DeletablePersonalize) -> None:
        self.personalize = personalize
        self.bucket = FakeBucket()
        self.scheduler = FakeScheduler()
        self.locks = FakeTable("name")
        self.events, self.metrics = FakeEvents(), FakeMetrics()
        self.running: set[str] = set()
        self.mails: list[dict[str, str]] = []
        self.rows: list[dict[str, Any]] = []
        self.waits: list[float] = []
        self.tasks: Counter[str] = Counter()
        self.sizes: dict[str, int] = {}  # of the largest input and result of each state's task
        self.faults: dict[str, list[tuple[str, str]]] = {}
        self.stop_at: tuple[str, str] | None = None  # a state, and "before" or "after"
        self._stopped = False
        self._nested = False
        self.machines = MachineRunner(load, personalize)
        self.machines.events, self.machines.metrics = self.events, self.metrics
        self._state = threading.local()
        self._gateway = PersonalizeGateway(personalize)
        self._functions = {name: load(folder) for name, folder in _FOLDERS.items()}
        self._handlers: dict[str, Callable[[dict[str, Any]], Any]] = {
            "CheckParametersFunction": self._check,
            "PlanResourcesFunction": self._plan,
            "EnsureResourceFunction": self._ensure,
            "DescribeResourceFunction": self._describe,
            "SendNotificationFunction": self._notify,
            "HoldLockFunction": self._hold,
            "WriteSchedulesFunction": self._schedule,
            "RemoveUnusedFunction": self._remove,
        }

    @property
    def file(self) -> bytes:
        """The parameter file in the bucket."""
        return self.bucket.objects.get("params.json", b"")

    @file.setter
    def file(self, body: bytes) -> None:
        self.bucket.objects["params.json"] = body

    @property
    def files(self) -> dict[str, list[DataFile]]:
        """The data in the bucket, by folder."""
        return self.bucket.files

    @files.setter
    def files(self, files: dict[str, list[DataFile]]) -> None:
        self.bucket.files = files

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Put this runner between the interpreter and the world."""
        install_interpreter(monkeypatch, self._state, self._invoke, self._wait)

    def run(self, name: str = "20260504T090000-0123456789ab", **started_with: Any) -> dict[str, Any]:
        """Run one execution to its end; give the interpreter's record of it."""
        arn = _EXECUTION.format(name=name)
        uploaded = {"bucket": "input-bucket", "key": "params.json", **(started_with or {"version_id": "v1"})}
        self.running.add(arn)
        self._stopped = False
        stepfunctions._state_machines[_MACHINE] = {"name": "Deploy", "definition": json.dumps(read_definition())}
        stepfunctions._executions[arn] = {
            "executionArn": arn,
            "stateMachineArn": _MACHINE,
            "name": name,
            "status": "RUNNING",
            "startDate": self.personalize.now.isoformat(),
            "input": json.dumps(uploaded),
            "events": [],
        }
        stepfunctions._run_execution(arn)
        self.running.discard(arn)
        return stepfunctions._executions[arn]

    def _invoke(self, resource: str, payload: dict[str, Any], timeout: float) -> Any:
        state = self._state.name
        if self._nested:
            self.machines._state.name = state
            return self._measured(state, payload, self.machines._invoke(resource, payload, timeout))
        self._stop_if_asked(state, "before")
        self.tasks[state] += 1
        if self.faults.get(state):
            error, message = self.faults[state].pop(0)
            raise stepfunctions._ExecutionError(error, json.dumps({"errorType": error, "errorMessage": message}))
        try:
            handler = self._release if resource.endswith(":startExecution.sync:2") else self._handlers[resource]
            result = json.loads(json.dumps(handler(json.loads(json.dumps(payload)))))
            self._stop_if_asked(state, "after")
            return self._measured(state, payload, result)
        except stepfunctions._ExecutionError:
            raise
        except Exception as error:  # what Lambda makes of any exception
            cause = json.dumps({"errorType": type(error).__name__, "errorMessage": str(error)})
            raise stepfunctions._ExecutionError(type(error).__name__, cause) from error

    def _measured(self, state: str, payload: Any, result: Any) -> Any:
        self.sizes[state] = max(self.sizes.get(state, 0), size_bytes(payload), size_bytes(result))
        return result

    def _stop_if_asked(self, state: str, when: str) -> None:
        self._stopped = self._stopped or self.stop_at == (state, when)
        if self._stopped:
            raise stepfunctions._ExecutionError("Stopped", "The execution was stopped.")

    def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.personalize.now += timedelta(seconds=seconds)

    def _check(self, payload: dict[str, Any]) -> Any:
        assert payload["object"]["key"] == "params.json"
        function = self._functions["CheckParametersFunction"]
        names = partial(function.existing.existing_names, self._gateway)
        version_id = payload["object"].get("version_id") or self.bucket.version_id
        found = function.check.check(
            self.file, lambda prefix: self.files.get(prefix.strip("/"), []), names, NOW_EPOCH_S
        )
        return {**found, "version_id": version_id}

    def _plan(self, payload: dict[str, Any]) -> Any:
        function_arn = "arn:aws:lambda:us-east-1:123456789012:function:plan"
        handler = self._functions["PlanResourcesFunction"].handler
        handler.boto3 = SimpleNamespace(client=lambda name: self.bucket)
        return handler.handler(payload, SimpleNamespace(invoked_function_arn=function_arn))

    def _ensure(self, payload: dict[str, Any]) -> Any:
        handler = self._functions["EnsureResourceFunction"].handler
        return handler.ensure(self._gateway, self._announcer(payload), payload, self.personalize.now)

    def _hold(self, payload: dict[str, Any]) -> Any:
        locks = Locks(self.locks, self.running.__contains__)
        return self._functions["HoldLockFunction"].handler.hold(locks, payload, self.personalize.now)

    def _schedule(self, payload: dict[str, Any]) -> Any:
        handler = self._functions["WriteSchedulesFunction"].handler
        handler.boto3 = SimpleNamespace(client=lambda name: self.scheduler)
        return handler.handler(payload, None)

    def _remove(self, payload: dict[str, Any]) -> Any:
        return self._functions["RemoveUnusedFunction"].handler.act(self._gateway, payload, self.personalize.now)

    def _describe(self, payload: dict[str, Any]) -> Any:
        handler = self._functions["DescribeResourceFunction"].handler
        look, events = handler.look_and_tell, self._announcer(payload)
        return look(self._gateway, events, self.metrics, payload["resource"], self.personalize.now)

    def _announcer(self, payload: dict[str, Any]) -> PipelineEvents:
        return PipelineEvents(self.events, payload["execution"]["Id"])

    def _release(self, payload: dict[str, Any]) -> Any:
        """Run the release as the nested execution it is; remember the row that readers are led by afterwards."""
        self._nested = True
        execution = self.machines.run("release", payload["Input"], f"release-{self.tasks['Release']}")
        self._nested = False
        if execution["status"] != "SUCCEEDED":
            cause = {"Error": execution["error"], "Cause": execution["cause"]}
            raise stepfunctions._ExecutionError("States.TaskFailed", json.dumps(cause))
        serving = [row for row in self.machines.rows.values() if row["trafficRatio"] > 0]
        self.rows += serving
        return {"Output": json.loads(execution["output"])}

    def _notify(self, payload: dict[str, Any]) -> Any:
        function = self._functions["SendNotificationFunction"]
        notification = function.notification.compose(payload, "tgam-dev")
        function.handler.announce(self._announcer(payload), payload, notification)
        self.mails.append({"subject": notification.subject, "message": notification.message})
        return {"error": notification.error, "cause": notification.cause}
