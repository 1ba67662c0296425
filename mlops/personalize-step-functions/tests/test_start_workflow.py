"""Which uploads start an execution, and under which name."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:Deploy"


class FakeStepFunctions:
    """Names can be used once."""

    class exceptions:
        class ExecutionAlreadyExists(Exception):
            pass

    def __init__(self) -> None:
        self.started: dict[str, dict[str, Any]] = {}

    def start_execution(self, *, stateMachineArn: str, name: str, input: str) -> dict[str, str]:
        if name in self.started:
            raise self.exceptions.ExecutionAlreadyExists
        self.started[name] = json.loads(input)
        return {"executionArn": f"{stateMachineArn.replace('stateMachine', 'execution')}:{name}"}


@pytest.fixture
def function(load: Callable[[str], SimpleNamespace]) -> SimpleNamespace:
    return load("start_workflow")


@pytest.fixture
def client(function: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> FakeStepFunctions:
    client = FakeStepFunctions()
    monkeypatch.setattr(function.handler, "boto3", SimpleNamespace(client=lambda name: client))
    monkeypatch.setenv("PARAMETER_FILE", "params.json")
    monkeypatch.setenv("STATE_MACHINE_ARN", MACHINE)
    return client


def with_key(event: dict[str, Any], key: str) -> dict[str, Any]:
    event = copy.deepcopy(event)
    event["Records"][0]["s3"]["object"]["key"] = key
    return event


def test_the_upload_starts_an_execution_with_what_identifies_it(
    function: SimpleNamespace, client: FakeStepFunctions, event: Callable[[str], dict[str, Any]]
) -> None:
    reply = function.handler.handler(event("s3-parameter-file"), None)

    [(name, sent)] = client.started.items()
    assert name.startswith("20260504T090000-")
    assert len(name) == 28
    assert sent["bucket"] == "tgam-personalize-mlops-test-inputbucket-1a2b3c4d5e6f"
    assert (sent["key"], sent["version_id"]) == ("params.json", "096fKKXTRTtl3on89fVO.nfljtsv6qko")
    assert reply["executions"] == [f"{MACHINE.replace('stateMachine', 'execution')}:{name}"]


def test_a_repeated_event_starts_nothing_new(
    function: SimpleNamespace, client: FakeStepFunctions, event: Callable[[str], dict[str, Any]]
) -> None:
    replies = [function.handler.handler(event("s3-parameter-file"), None) for _ in range(2)]

    assert replies[0] == replies[1]
    assert len(client.started) == 1


def test_two_uploads_in_one_second_start_two_executions(
    function: SimpleNamespace, client: FakeStepFunctions, event: Callable[[str], dict[str, Any]]
) -> None:
    both = event("s3-parameter-file")
    both["Records"].append(copy.deepcopy(both["Records"][0]))
    both["Records"][1]["s3"]["object"]["sequencer"] = "0055AED6DCD90281E6"

    function.handler.handler(both, None)

    assert len(client.started) == 2


@pytest.mark.parametrize("key", ["params.json.bak", "params.json/x", "old/params.json", "Params.json"])
def test_other_files_start_nothing(
    function: SimpleNamespace, client: FakeStepFunctions, event: Callable[[str], dict[str, Any]], key: str
) -> None:
    assert function.handler.handler(with_key(event("s3-parameter-file"), key), None) == {"executions": []}
    assert client.started == {}


def test_keys_arrive_url_encoded(
    function: SimpleNamespace,
    client: FakeStepFunctions,
    event: Callable[[str], dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PARAMETER_FILE", "my config (1).json")

    function.handler.handler(with_key(event("s3-parameter-file"), "my+config+%281%29.json"), None)

    assert [sent["key"] for sent in client.started.values()] == ["my config (1).json"]
