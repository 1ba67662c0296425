"""The commands: they start the right machine with the right input, and say how it ended."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from deletable_personalize import DeletablePersonalize
from fake_scheduler import FakeScheduler
from fake_table import FakeTable
from pipeline.gateway import PersonalizeGateway

PROJECT = Path(__file__).parents[1]
sys.path.append(str(PROJECT))

import resources  # noqa: E402
import rollback  # noqa: E402
import teardown  # noqa: E402

ROWS = FakeTable("name", "status")
STAGES = [{"name": "filters", "resources": [{"kind": "filter", "name": "f", "arn": "arn:f", "status": "ACTIVE"}]}]


class FakeAws:
    """A stack with its outputs, and a Step Functions whose executions end at the second look."""

    def __init__(self, status: str = "SUCCEEDED", outputs: tuple[str, ...] = ("Rollback", "Teardown")) -> None:
        self.started: list[dict[str, Any]] = []
        self._status = status
        self._outputs = outputs
        self._looks = 0

    def client(self, service: str) -> FakeAws:
        return self

    def describe_stacks(self, *, StackName: str) -> dict[str, Any]:
        outputs = [{"OutputKey": f"{name}StateMachineArn", "OutputValue": f"arn:{name}"} for name in self._outputs]
        return {"Stacks": [{"Outputs": outputs}]}

    def start_execution(self, *, stateMachineArn: str, input: str) -> dict[str, Any]:
        self.started.append({"machine": stateMachineArn, **json.loads(input)})
        return {"executionArn": "arn:run"}

    def describe_execution(self, *, executionArn: str) -> dict[str, Any]:
        self._looks += 1
        if self._looks == 1:
            return {"status": "RUNNING"}
        ended = {"error": "RollbackFailed", "cause": "It broke."} if self._status == "FAILED" else {}
        return {"status": self._status, "output": json.dumps({"stages": STAGES}), **ended}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> FakeAws:
    fake = FakeAws()
    install(monkeypatch, fake)
    return fake


def install(monkeypatch: pytest.MonkeyPatch, fake: FakeAws) -> None:
    for command in (rollback, teardown):
        monkeypatch.setattr(command, "boto3", fake)
        monkeypatch.setattr(command.time, "sleep", lambda seconds: None)


def test_rollback_is_one_command(aws: FakeAws, capsys: pytest.CaptureFixture[str]) -> None:
    assert rollback.main(["daily", "--stack", "pipeline"]) == 0

    assert aws.started == [{"machine": "arn:Rollback", "dataset_group": "daily"}]
    assert capsys.readouterr().out == "Started arn:run\nDone.\n"


def test_rollback_need_not_be_waited_for(aws: FakeAws) -> None:
    assert rollback.main(["daily", "--stack", "pipeline", "--no-wait"]) == 0


def test_a_rollback_that_fails_says_why(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    install(monkeypatch, FakeAws("FAILED"))

    assert rollback.main(["daily", "--stack", "pipeline"]) == 1
    assert "FAILED: RollbackFailed\nIt broke." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "dry", "said"), [([], True, "would be deleted: add --yes"), (["--yes"], False, "1 resources deleted")]
)
def test_teardown_is_dry_unless_told_otherwise(
    aws: FakeAws, capsys: pytest.CaptureFixture[str], options: list[str], dry: bool, said: str
) -> None:
    assert teardown.main(["daily", "--stack", "pipeline", *options]) == 0

    assert aws.started == [{"machine": "arn:Teardown", "dataset_group": "daily", "dry_run": dry}]
    printed = capsys.readouterr().out
    assert "filters:\n  filter             arn:f  ACTIVE" in printed
    assert said in printed


@pytest.mark.parametrize("command", [rollback, teardown])
def test_a_stack_that_is_not_the_pipelines_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: Any
) -> None:
    install(monkeypatch, FakeAws(outputs=()))

    assert command.main(["daily", "--stack", "other"]) == 2
    assert "The stack other has no output" in capsys.readouterr().err


def test_resources_lists_schedules_and_history_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], now: datetime
) -> None:
    personalize, scheduler = DeletablePersonalize(now), FakeScheduler()
    solution = personalize.create_solution(name="s", datasetGroupArn="arn:g", recipeArn="arn:r")["solutionArn"]
    personalize.resources[solution]["datasetGroupArn"] = personalize.create_dataset_group(name="daily")[
        "datasetGroupArn"
    ]
    place = {"s3DataSource": {"path": "s3://b/in"}}, {"s3DataDestination": {"path": "s3://b/out/"}}
    personalize.create_batch_segment_job(
        jobName="letter", solutionVersionArn=f"{solution}/v", jobInput=place[0], jobOutput=place[1], roleArn="r" * 20
    )
    scheduler.schedules[("news-dev", "daily-train")] = {"State": "ENABLED", "ScheduleExpression": "rate(7 days)"}
    clients = {"scheduler": scheduler, "personalize": personalize}
    fake = SimpleNamespace(client=clients.__getitem__, resource=lambda name: SimpleNamespace(Table=lambda table: ROWS))
    monkeypatch.setattr(resources, "boto3", fake)
    monkeypatch.setattr(resources, "make_gateway", lambda: PersonalizeGateway(personalize))

    assert resources.main(["daily", "--table", "news-dev-api-settings"]) == 1

    printed = capsys.readouterr().out
    assert "schedules:\n  schedule           daily-train  ENABLED" in printed
    assert "history that cannot be deleted:" in printed
    assert "batch-segment-job" in printed
    assert printed.endswith("3 resources\n")
