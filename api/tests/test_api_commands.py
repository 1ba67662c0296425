"""The commands beside the API, and the functions that are no route: schedules, and the check of a release."""

import base64
import importlib
import importlib.util
import json
from types import ModuleType, SimpleNamespace
from typing import Any

import check_settings
import pytest
import redrive
from recommendations_fakes import FUNCTIONS, FakeEvents, client_error
from test_api_answers import THROTTLED, row

from personalize_spec.api_settings import row_problems


def load_app(folder: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"{folder}_app", FUNCTIONS / folder / "app.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Queue:
    """A queue that hides what was received."""

    def __init__(self, *bodies: dict[str, Any]) -> None:
        self.messages = [
            {"MessageId": str(n), "ReceiptHandle": f"h{n}", "Body": json.dumps(body)} for n, body in enumerate(bodies)
        ]
        self.hidden = 0

    def receive_message(self, *, MaxNumberOfMessages: int, **_: Any) -> dict[str, Any]:
        found = self.messages[self.hidden : self.hidden + MaxNumberOfMessages]
        self.hidden += len(found)
        return {"Messages": found} if found else {}

    def delete_message(self, *, ReceiptHandle: str, **_: Any) -> None:
        self.messages = [message for message in self.messages if message["ReceiptHandle"] != ReceiptHandle]
        self.hidden -= 1


class Kinesis:
    """A shard to read from and a stream to put into."""

    def __init__(self) -> None:
        self.put: list[tuple[str, bytes]] = []

    def put_record(self, *, StreamName: str, Data: bytes, PartitionKey: str) -> None:
        self.put.append((StreamName, Data))

    def get_shard_iterator(self, **asked: str) -> dict[str, str]:
        return {"ShardIterator": asked["StartingSequenceNumber"]}

    def get_records(self, *, ShardIterator: str) -> dict[str, Any]:
        first = int(ShardIterator)
        numbers = range(first, first + 2)
        records = [{"SequenceNumber": str(n), "Data": str(n).encode(), "PartitionKey": "p"} for n in numbers]
        return {"Records": records, "NextShardIterator": str(first + 2)}


CALL = {"operation": "PutEvents", "arguments": {"eventList": [{"itemId": "A-1"}]}, "reason": "ThrottlingException"}
RECORD = {"stream": "news", "record": "no json", "reason": "no JSON in UTF-8"}
BYTES = {"stream": "news", "record_base64": base64.b64encode(b"\xff").decode(), "reason": "no JSON in UTF-8"}
GIVEN_UP = {
    "KinesisBatchInfo": {
        "streamArn": "arn:aws:kinesis:us-east-1:000000000000:stream/news",
        "shardId": "shardId-0",
        "startSequenceNumber": "5",
        "endSequenceNumber": "7",
    }
}


@pytest.fixture
def clients() -> dict[str, Any]:
    return {"sqs": Queue(CALL, CALL, RECORD, BYTES, GIVEN_UP), "personalize-events": FakeEvents(), "kinesis": Kinesis()}


def test_looking_changes_nothing(clients):
    lines = list(redrive.redrive(clients.__getitem__, "q", again=False))
    assert lines[0].split() == ["2", "PutEvents:", "ThrottlingException"] and lines[-1].split() == ["5", "messages"]
    assert len(clients["sqs"].messages) == 5 and clients["kinesis"].put == []


def test_again_delivers_everything_and_empties_the_queue(clients):
    list(redrive.redrive(clients.__getitem__, "q", again=True))
    assert clients["sqs"].messages == []
    assert [operation for operation, _ in clients["personalize-events"].calls] == ["PutEvents"] * 2
    assert clients["kinesis"].put == [("news", data) for data in (b"no json", b"\xff", b"5", b"6", b"7")]


def test_what_fails_again_stays(clients):
    clients["personalize-events"].failures = [THROTTLED]
    lines = list(redrive.redrive(clients.__getitem__, "q", again=True))
    assert any("failed again" in line for line in lines) and len(clients["sqs"].messages) == 1


class Personalize:
    """Describes what is there."""

    def __init__(self, statuses: dict[str, str]) -> None:
        self.statuses = statuses

    def describe_campaign(self, campaignArn: str) -> dict[str, Any]:
        return {"campaign": {"status": self._status(campaignArn)}}

    def describe_filter(self, filterArn: str) -> dict[str, Any]:
        return {"filter": {"status": self._status(filterArn)}}

    def _status(self, arn: str) -> str:
        name = arn.rpartition("/")[2]
        if name not in self.statuses:
            raise client_error("ResourceNotFoundException", "Describe")
        return self.statuses[name]


def test_rows_that_may_go_live():
    personalize = Personalize({"blue": "ACTIVE", "daily-unread": "ACTIVE"})
    assert list(check_settings.problems_of(personalize, [row("blue")])) == []


@pytest.mark.parametrize(
    ("changes", "statuses", "problem"),
    [
        ({}, {"daily-unread": "ACTIVE"}, "campaign/blue is not there"),
        ({}, {"blue": "CREATE PENDING", "daily-unread": "ACTIVE"}, "campaign/blue is CREATE PENDING"),
        ({}, {"blue": "ACTIVE"}, "filter/daily-unread is not there"),
        ({"trafficRatio": 0}, {"blue": "ACTIVE", "daily-unread": "ACTIVE"}, "No active row has traffic"),
        ({"trafficRatio": "x"}, {"blue": "ACTIVE", "daily-unread": "ACTIVE"}, "trafficRatio must be a number"),
        ({"context": {"a": 7}}, {"blue": "ACTIVE"}, "context.a must be a map"),
        ({"context": {"a": {}}}, {"blue": "ACTIVE"}, "context.a.filter_name is missing"),
        ({"campaignArn": "blue"}, {}, "campaignArn must be a campaign ARN"),
    ],
)
def test_rows_that_may_not(changes, statuses, problem):
    found = list(check_settings.problems_of(Personalize(statuses), [row("blue", **changes)]))
    assert any(problem in line for line in found)


def test_a_row_of_before_is_a_row():
    old = {"name": "g", "status": "active", "campaignArn": row("blue")["campaignArn"]}
    assert row_problems(old) == ()


def test_the_schedule_keeps_the_popular_list(shop, monkeypatch):
    app = load_app("refresh_popular")
    monkeypatch.setattr(app, "application", lambda: shop.application)
    assert app.lambda_handler({}, None) == {"articles": 100}
    shop.personalize.broken["main"] = THROTTLED
    with pytest.raises(Exception, match="did not answer"):
        app.lambda_handler({}, None)


def test_the_schedule_measures_the_arms(monkeypatch, capsys):
    app = load_app("measure_results")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "n")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "api")
    counts = {"blue": {"Exposures": 100, "Conversions": 9}, "new": {"Conversions": 1}}
    monkeypatch.setattr(app, "counts_of_metrics", lambda *_: counts)
    monkeypatch.setattr(app, "boto3", SimpleNamespace(client=lambda name: None))
    assert app.lambda_handler({}, None) == {"arms": 2}
    (line,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (line["Arm"], line["ClickThrough"]) == ("blue", [0.09])
    assert line["ClickThroughLow"][0] < 0.09 < line["ClickThroughHigh"][0]


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ({"statusCode": 200}, "Succeeded"),
        ({"statusCode": 503}, "Failed"),
        ({"errorMessage": "x"}, "Failed"),
    ],
)
def test_a_release_that_does_not_answer_is_stopped(monkeypatch, answer, status):
    app, told = load_app("check_release"), []
    payload = SimpleNamespace(read=lambda: json.dumps(answer).encode())
    invoked = {"Payload": payload} | ({"FunctionError": "Unhandled"} if "errorMessage" in answer else {})
    clients = {
        "lambda": SimpleNamespace(invoke=lambda **_: invoked),
        "codedeploy": SimpleNamespace(put_lifecycle_event_hook_execution_status=lambda **call: told.append(call)),
    }
    monkeypatch.setattr(app, "boto3", SimpleNamespace(client=clients.__getitem__))
    monkeypatch.setenv("NEW_VERSION", "arn:version:2")
    app.lambda_handler({"DeploymentId": "d", "LifecycleEventHookExecutionId": "e"}, None)
    assert [(call["status"], call["deploymentId"]) for call in told] == [(status, "d")]


@pytest.mark.parametrize(
    "arguments",
    [
        ["check_settings.py", "nothing"],
        ["redrive.py", "--queue-url", "nowhere"],
        ["ab_results.py", "--service", "none"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_what_aws_refuses_is_told_in_one_line(arguments, monkeypatch):
    def refusing(name: str) -> Any:
        raise client_error("AccessDeniedException", "Anything", "you may not")

    command = importlib.import_module(arguments[0].removesuffix(".py"))
    monkeypatch.setattr(command.boto3, "client", refusing)
    monkeypatch.setattr("sys.argv", arguments)
    with pytest.raises(SystemExit, match=r"^error: An error occurred .AccessDeniedException.*you may not$"):
        command.main()
