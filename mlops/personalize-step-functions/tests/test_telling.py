"""Programs are told: events of every change, metrics of every version, logs with one correlation id."""

from __future__ import annotations

import json
import logging
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from definition_reading import states
from fake_observers import FakeMetrics
from fake_personalize import SCOPE, FakePersonalize, client_error
from machine_runner import NAMES, MachineRunner, read_machine
from newspaper_account import Newspaper
from pipeline.gateway import PersonalizeGateway
from pipeline.logs import logged
from pipeline.metrics import write_execution_hours, write_offline_metrics
from workflow_runner import WorkflowRunner

FUNCTIONS = Path(__file__).parents[1] / "functions"
EXECUTION = "arn:aws:states:us-east-1:123456789012:execution:Deploy:run-1"
RELEASE = "arn:aws:states:us-east-1:123456789012:execution:release:release-1"
RESOURCE, RUN = "Personalize Resource State Change", "Personalize Pipeline State Change"
VERSION = {"arn": f"{SCOPE}:solution/daily-reco/v-1", "name": "v-1"}


def test_every_change_of_every_resource_is_an_event(workflow: WorkflowRunner, personalize: FakePersonalize) -> None:
    workflow.run("run-1")

    changes = workflow.events.of(RESOURCE)
    assert {change["arn"] for change in changes if change["status"] == "ACTIVE"} == set(personalize.resources)
    version = [each for each in changes if "/tgam-personalize-similarItems/" in each["arn"]]
    assert [(each["previous_status"], each["status"]) for each in version] == [
        ("", "CREATE PENDING"),
        ("CREATE PENDING", "CREATE IN_PROGRESS"),
        ("CREATE IN_PROGRESS", "ACTIVE"),
    ]
    assert {each["execution"] for each in changes if each["kind"] != "campaign"} == {EXECUTION}
    assert {each["execution"] for each in changes if each["kind"] == "campaign"} == {RELEASE}
    assert [each["status"] for each in workflow.events.of(RUN)] == ["STARTED", "SUCCEEDED"]


def test_a_run_that_changes_nothing_has_no_changes(workflow: WorkflowRunner) -> None:
    workflow.run("run-1")
    workflow.events.sent.clear()

    workflow.run("run-2")

    assert workflow.events.of(RESOURCE) == []


def test_failures_are_events_too(workflow: WorkflowRunner, personalize: FakePersonalize) -> None:
    personalize.fails["tgam-personalize-similarItems/"] = "Too few users."

    workflow.run("run-1")

    [failed] = [change for change in workflow.events.of(RESOURCE) if change["status"] == "FAILED"]
    assert failed["kind"] == "solution-version"
    assert "Too few users." in failed["failure_reason"]
    assert workflow.events.of(RUN)[-1]["status"] == "FAILED"
    assert "Too few users." in workflow.events.of(RUN)[-1]["cause"]


def test_what_passes_is_no_failure(workflow: WorkflowRunner, personalize: FakePersonalize) -> None:
    personalize.faults["create_filter"] = [client_error("ThrottlingException", "slow down")]

    workflow.run("run-1")

    assert "FAILED" not in {change["status"] for change in workflow.events.of(RESOURCE)}


@pytest.mark.parametrize("observer", ["events", "metrics"])
def test_an_observer_that_fails_stops_nothing(workflow: WorkflowRunner, observer: str) -> None:
    getattr(workflow, observer).fault = client_error("InternalException", "not now")

    assert workflow.run()["status"] == "SUCCEEDED"


def test_each_versions_offline_metrics_are_written(workflow: WorkflowRunner) -> None:
    workflow.run()

    solutions = {datum["Dimensions"][0]["Value"] for datum in workflow.metrics.written}
    assert solutions == {
        f"tgam-personalize-{key}" for key in ("userPersonalization", "similarItems", "personalizedRanking")
    }
    assert {datum["MetricName"] for datum in workflow.metrics.written} == {"coverage", "precision_at_25"}
    assert all(datum["Dimensions"][1]["Name"] == "version" for datum in workflow.metrics.written)


def test_metrics_that_cannot_be_read_are_left_out(gateway: PersonalizeGateway) -> None:
    metrics = FakeMetrics()

    write_offline_metrics(gateway, metrics, VERSION)

    assert metrics.written == []


def test_the_age_of_a_run_is_written(now: datetime) -> None:
    metrics = FakeMetrics()

    write_execution_hours(metrics, {"StartTime": (now - timedelta(hours=2)).isoformat()}, "deploy", now)

    [datum] = metrics.written
    assert (datum["MetricName"], datum["Value"]) == ("ExecutionHours", 2)


def test_a_line_has_the_executions_name_and_nothing_of_readers(caplog: pytest.LogCaptureFixture) -> None:
    @logged
    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        return {"kind": "filter", "name": "daily-unread", "status": "ACTIVE", "row": {"userId": "u1"}}

    with caplog.at_level(logging.INFO):
        handler({"execution": {"Name": "run-1"}, "userId": "u1"}, SimpleNamespace(function_name="ensure"))

    [record] = caplog.records
    assert (record.execution, record.function, record.resource) == ("run-1", "ensure", "daily-unread")
    assert "u1" not in json.dumps(record.__dict__, default=str)


def test_an_error_is_logged_and_raised(caplog: pytest.LogCaptureFixture) -> None:
    @logged
    def handler(event: dict[str, Any], context: Any) -> None:
        raise ValueError("It broke.")

    with pytest.raises(ValueError, match="It broke"):
        handler({"execution": {"Name": "run-1"}}, None)

    [record] = caplog.records
    assert (record.execution, record.error, record.cause) == ("run-1", "ValueError", "It broke.")


@pytest.mark.parametrize("folder", sorted(path.parent.name for path in FUNCTIONS.glob("*/handler.py")))
def test_every_function_logs_what_it_did(folder: str) -> None:
    text = (FUNCTIONS / folder / "handler.py").read_text()
    starts = folder == "start_workflow"  # it is what gives the execution its name

    assert "\n@logged\ndef handler(" in text or (starts and "logger.info(" in text)


@pytest.mark.parametrize("name", NAMES)
def test_every_task_says_which_run_it_is_of(name: str) -> None:
    for state, task in states(read_machine(name), "Task"):
        if task["Resource"].endswith("Function"):
            assert set(task["Arguments"]["execution"]) == {"Id", "Name", "StartTime"}, state


def test_the_lines_of_a_release_have_the_name_of_its_run(runner: MachineRunner, newspaper: Newspaper) -> None:
    heard: list[str] = []
    runner.on_task = lambda state: None
    answer = runner._answer

    def listen(resource: str, payload: dict[str, Any]) -> Any:
        heard.extend([payload["execution"]["Name"]] if "execution" in payload else [])
        return answer(resource, payload)

    runner._answer = listen
    owner = "arn:aws:states:us-east-1:123456789012:execution:Deploy:run-of-the-day"
    runner._running.add(owner)

    runner.run("release", {**newspaper.release(newspaper.train("v1")), "lock_owner": owner}, "a-release")

    assert set(heard) == {"run-of-the-day"}


@pytest.mark.parametrize("machine", ["Deploy", *(name.capitalize() for name in NAMES)])
@pytest.mark.parametrize("metric", ["ExecutionsFailed", "ExecutionsTimedOut"])
def test_every_machine_has_its_alarms(machine: str, metric: str) -> None:
    alarms = (FUNCTIONS.parent / "template.yaml").read_text().split("Type: AWS::CloudWatch::Alarm\n")[1:]
    about = [each.split("\n\n")[0] for each in alarms if f"MetricName: {metric}\n" in each]

    assert len([each for each in about if f"Value: !Ref {machine}StateMachine\n" in each]) == 1
