"""Run the state machine in this process: the local cloud's interpreter, our functions, a Personalize in memory.

Waits take no time: they move the clock of the fake. A plan of faults makes the task of a state fail.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from fake_personalize import FakePersonalize
from ministack.services import stepfunctions
from pipeline.gateway import PersonalizeGateway

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
    "WriteSettingsFunction": "write_settings",
    "SendNotificationFunction": "send_notification",
}


def read_definition() -> dict[str, Any]:
    """The state machine with the functions' logical names in place of their ARNs."""
    text = DEFINITION.read_text()
    for name in _FOLDERS:
        text = text.replace(f"${{{name}}}", name)
    return yaml.safe_load(text)


class WorkflowRunner:
    """Runs executions; keeps mails, settings rows, waits, and how often each state's task ran."""

    def __init__(self, load: Callable[[str], SimpleNamespace], personalize: FakePersonalize) -> None:
        self.personalize = personalize
        self.file: bytes = b""
        self.files: dict[str, list[DataFile]] = {}
        self.mails: list[dict[str, str]] = []
        self.rows: list[dict[str, Any]] = []
        self.waits: list[float] = []
        self.tasks: Counter[str] = Counter()
        self.faults: dict[str, list[tuple[str, str]]] = {}
        self._state = threading.local()
        self._gateway = PersonalizeGateway(personalize)
        self._functions = {name: load(folder) for name, folder in _FOLDERS.items()}
        self._handlers: dict[str, Callable[[dict[str, Any]], Any]] = {
            "CheckParametersFunction": self._check,
            "PlanResourcesFunction": self._plan,
            "EnsureResourceFunction": self._ensure,
            "DescribeResourceFunction": self._describe,
            "WriteSettingsFunction": self._write,
            "SendNotificationFunction": self._notify,
        }

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Put this runner between the interpreter and the world."""
        execute = stepfunctions._execute_task

        def execute_task(state: Any, raw: Any, execution: Any, context: Any) -> Any:
            self._state.name = context["State"]["Name"]
            return execute(state, raw, execution, context)

        monkeypatch.setattr(stepfunctions, "_execute_task", execute_task)
        monkeypatch.setattr(stepfunctions, "_invoke_resource_with_timeout", self._invoke)
        monkeypatch.setattr(stepfunctions, "_scaled_sleep", self._wait)
        monkeypatch.setattr(stepfunctions, "time", SimpleNamespace(sleep=lambda seconds: None, time=time.time))
        monkeypatch.setattr(stepfunctions, "_emit_execution_status_event", lambda execution: None)

    def run(self, name: str = "20260504T090000-0123456789ab") -> dict[str, Any]:
        """Run one execution to its end; give the interpreter's record of it."""
        arn = _EXECUTION.format(name=name)
        uploaded = {"bucket": "input-bucket", "key": "params.json", "version_id": "v1"}
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
        return stepfunctions._executions[arn]

    def _invoke(self, resource: str, payload: dict[str, Any], timeout: float) -> Any:
        state = self._state.name
        self.tasks[state] += 1
        if self.faults.get(state):
            error, message = self.faults[state].pop(0)
            raise stepfunctions._ExecutionError(error, json.dumps({"errorType": error, "errorMessage": message}))
        try:
            return json.loads(json.dumps(self._handlers[resource](json.loads(json.dumps(payload)))))
        except stepfunctions._ExecutionError:
            raise
        except Exception as error:  # what Lambda makes of any exception
            cause = json.dumps({"errorType": type(error).__name__, "errorMessage": str(error)})
            raise stepfunctions._ExecutionError(type(error).__name__, cause) from error

    def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)

    def _check(self, payload: dict[str, Any]) -> Any:
        assert payload["object"]["key"] == "params.json"
        function = self._functions["CheckParametersFunction"]
        names = partial(function.existing.existing_names, self._gateway)
        return function.check.check(self.file, lambda prefix: self.files.get(prefix.strip("/"), []), names, NOW_EPOCH_S)

    def _plan(self, payload: dict[str, Any]) -> Any:
        function_arn = "arn:aws:lambda:us-east-1:123456789012:function:plan"
        handler = self._functions["PlanResourcesFunction"].handler
        return handler.handler(payload, SimpleNamespace(invoked_function_arn=function_arn))

    def _ensure(self, payload: dict[str, Any]) -> Any:
        module = self._functions["EnsureResourceFunction"].ensure_resource
        return module.ensure_resource(self._gateway, module.Wanted.from_event(payload), self.personalize.now)

    def _describe(self, payload: dict[str, Any]) -> Any:
        handler = self._functions["DescribeResourceFunction"].handler
        return handler.look(self._gateway, payload["resource"], self.personalize.now)

    def _write(self, payload: dict[str, Any]) -> Any:
        row = self._functions["WriteSettingsFunction"].settings_row.settings_row(**payload)
        self.rows.append(row)
        return row

    def _notify(self, payload: dict[str, Any]) -> Any:
        notification = self._functions["SendNotificationFunction"].notification.compose(payload, "tgam-dev")
        self.mails.append({"subject": notification.subject, "message": notification.message})
        return {"error": notification.error, "cause": notification.cause}
