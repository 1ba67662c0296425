"""The mails: complete, within SNS's limits, and sent for executions that could not speak for themselves."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from fake_observers import FakeEvents
from fake_personalize import client_error

EXECUTION = {
    "Id": "arn:aws-cn:states:cn-north-1:123456789012:execution:Deploy:run-1",
    "StartTime": "2026-05-04T09:00:00Z",
}


class FakeSns:
    """Keeps what is published; knows SNS's limits."""

    def __init__(self) -> None:
        self.published: list[dict[str, str]] = []
        self.events = FakeEvents()

    def publish(self, **message: str) -> None:
        assert 0 < len(message["Subject"]) <= 100
        assert message["Subject"].isascii()
        assert "\n" not in message["Subject"]
        assert len(message["Message"].encode()) <= 262_144
        self.published.append(message)


@pytest.fixture
def function(load: Callable[[str], SimpleNamespace]) -> SimpleNamespace:
    return load("send_notification")


@pytest.fixture
def sns(function: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> FakeSns:
    client = FakeSns()
    clients = {"sns": client, "events": FakeEvents()}
    monkeypatch.setattr(function.handler, "boto3", SimpleNamespace(client=clients.__getitem__))
    client.events = clients["events"]
    monkeypatch.setenv("LABEL", "tgam-personalize-dev")
    monkeypatch.setenv("TOPIC_ARN", "arn:aws:sns:us-east-1:123456789012:topic")
    return client


def outcome(name: str, **more: Any) -> dict[str, Any]:
    return {"outcome": name, "execution": EXECUTION, "object": {"bucket": "input", "key": "params.json"}, **more}


def failure(error: str, cause: str = "why") -> dict[str, Any]:
    return {
        "state": "Ensure filter",
        "chain": "unread",
        "kind": "event-tracker",
        "error": {"Error": error, "Cause": cause},
    }


def test_a_failure_names_step_cause_and_what_to_do(function: SimpleNamespace, sns: FakeSns) -> None:
    reply = function.handler.handler(
        outcome("FAILED", failures=[failure("QuotaReachedError", "Thirty filters.")]), None
    )

    [mail] = sns.published
    assert mail["Subject"] == "[tgam-personalize-dev] Deployment failed at Ensure filter"
    for line in (
        "Step: Ensure filter (unread, event tracker)",
        "Error: QuotaReachedError",
        "Cause: Thirty filters.",
        "What to do: Delete what is not needed, or ask AWS for a higher quota",
        "Parameter file: s3://input/params.json",
        "Console: https://cn-north-1.console.amazonaws.cn/states/home?region=cn-north-1",
    ):
        assert line in mail["Message"]
    assert reply["error"] == "DeploymentFailed"
    assert "Thirty filters." in reply["cause"]


def test_the_message_is_read_out_of_lambdas_json(function: SimpleNamespace, sns: FakeSns) -> None:
    cause = '{"errorType": "ResourceFailedError", "errorMessage": "The filter is CREATE FAILED.", "stackTrace": ["x"]}'

    function.handler.handler(outcome("FAILED", failures=[failure("ResourceFailedError", cause)]), None)

    assert "Cause: The filter is CREATE FAILED." in sns.published[0]["Message"]
    assert "stackTrace" not in sns.published[0]["Message"]


def test_a_refusal_lists_errors_before_warnings(function: SimpleNamespace, sns: FakeSns) -> None:
    findings = [
        {"path": "eventTracker", "message": "None given.", "severity": "warning"},
        {"path": "", "message": "Not JSON.", "severity": "error"},
    ]

    reply = function.handler.handler(
        outcome("REFUSED", findings=findings, sampled=["Items: 1 file, all 3 KB read, 30 rows checked"]), None
    )

    text = sns.published[0]["Message"]
    assert sns.published[0]["Subject"].endswith("Parameter file refused: 1 mistake")
    assert text.index("the file: Not JSON.") < text.index("eventTracker: None given.") < text.index("all 3 KB read")
    assert reply == {"error": "ParametersRefused", "cause": "the file: Not JSON."}


def test_long_and_foreign_texts_stay_within_the_limits(function: SimpleNamespace, sns: FakeSns) -> None:
    findings = [{"path": f"filters[{n}].é", "message": "é" * 500, "severity": "error"} for n in range(1000)]

    reply = function.handler.handler(
        outcome("REFUSED", findings=findings, sampled=["Items: 1 file, all 3 KB read, 30 rows checked"]), None
    )
    many = [{**failure("Boom"), "state": "Ensure a state of a very long name " * 4}]
    function.handler.handler(outcome("FAILED", failures=many), None)

    assert len(sns.published) == 2
    assert len(reply["cause"]) <= 32_768


def test_an_execution_that_ended_without_a_word_is_told(
    function: SimpleNamespace, sns: FakeSns, event: Callable[[str], dict[str, Any]]
) -> None:
    function.handler.handler(event("execution-timed-out"), None)

    [mail] = sns.published
    assert mail["Subject"] == "[tgam-personalize-dev] Deployment timed out"
    assert "ended with the status TIMED_OUT" in mail["Message"]


@pytest.mark.parametrize(
    ("error", "mails"),
    [("DeploymentFailed", 0), ("ParametersRefused", 0), ("NotificationFailed", 1), ("States.Runtime", 1)],
)
def test_a_failure_that_was_told_is_not_told_twice(
    function: SimpleNamespace, sns: FakeSns, event: Callable[[str], dict[str, Any]], error: str, mails: int
) -> None:
    stopped = event("execution-timed-out")
    stopped["detail"] |= {"status": "FAILED", "error": error, "cause": "why"}

    function.handler.handler(stopped, None)

    assert len(sns.published) == mails


def test_an_alarm_is_told(function: SimpleNamespace, sns: FakeSns, event: Callable[[str], dict[str, Any]]) -> None:
    function.handler.handler(event("alarm"), None)

    [mail] = sns.published
    assert mail["Subject"] == "[tgam-personalize-dev] Alarm: tgam-personalize-dev-run-overdue"
    assert "at work for longer than usual" in mail["Message"]
    assert "Threshold Crossed" in mail["Message"]
    assert sns.events.sent == []


def test_programs_are_told_of_a_runs_state(function: SimpleNamespace, sns: FakeSns) -> None:
    function.handler.handler(outcome("FAILED", failures=[failure("Boom", "It broke.")], dataset_group="daily"), None)

    [(detail_type, detail)] = sns.events.sent
    assert detail_type == "Personalize Pipeline State Change"
    assert (detail["workflow"], detail["dataset_group"], detail["status"]) == ("deploy", "daily", "FAILED")
    assert detail["execution"] == EXECUTION["Id"]
    assert "It broke." in detail["cause"]


def test_a_mail_is_sent_though_the_event_is_not(function: SimpleNamespace, sns: FakeSns) -> None:
    sns.events.fault = client_error("InternalException", "not now")

    reply = function.handler.handler(outcome("FAILED", failures=[failure("Boom")]), None)

    assert len(sns.published) == 1
    assert reply["error"] == "DeploymentFailed"
