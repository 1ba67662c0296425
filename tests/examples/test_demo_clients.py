"""The demo's conversations with the cloud, held with fakes: the workflow followed, backends retired, versions found."""

import io
import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from rich.console import Console

from examples.demo.asking import Question, ask
from examples.demo.conversation import Endpoint, converse
from examples.demo.datasets import MovielensData, campaign_name, group_name, solution_name
from examples.demo.errors import DemoError
from examples.demo.execution import Follower, wait_for_start
from examples.demo.jobs import Job, working_jobs
from examples.demo.journal import Journal
from examples.demo.pipeline import group_arn, retire_other_backends
from examples.demo.quality import newest_version
from examples.demo.screen import Screen
from examples.demo.settings import ROOT, DemoSettings
from examples.demo.shell import Shell
from examples.demo.stacks import read_outputs

START = datetime(2026, 11, 23, 12, tzinfo=UTC)
GROUP = "arn:aws:personalize:us-east-1:000000000000:dataset-group/movielens"
MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:flow"
MOVIELENS = MovielensData(ROOT / "examples/movielens", ROOT / "examples/movielens/params.json")


def make_screen() -> tuple[Screen, io.StringIO]:
    output = io.StringIO()
    return Screen(Console(file=output, force_terminal=False, width=120, highlight=False)), output


class FakePaginator:
    def __init__(self, pages: list[dict]) -> None:
        self.pages = pages

    def paginate(self, **arguments: str) -> list[dict]:
        return self.pages


DEFINITION = {
    "StartAt": "Check",
    "States": {"Check": {"Type": "Task", "Next": "Import"}, "Import": {"Type": "Map", "End": True}},
}


class FakeStates:
    """One execution that gets one event further with every look at it."""

    def __init__(self, end: str) -> None:
        names = [("Task", "Check", "Entered"), ("Task", "Check", "Exited"), ("Map", "Import", "Entered")]
        self.events = [self._event(row, *name) for row, name in enumerate(names)]
        if end == "SUCCEEDED":
            self.events.append(self._event(3, "Map", "Import", "Exited"))
        else:
            details = {"error": "ImportFailed", "cause": "row 3 has no ITEM_ID"}
            self.events.append({"type": "ExecutionFailed", "timestamp": START, "executionFailedEventDetails": details})
        self.end, self.looks = end, 0

    def _event(self, at_s: int, kind: str, name: str, step: str) -> dict:
        moment = START + timedelta(seconds=at_s)
        return {"type": f"{kind}State{step}", "timestamp": moment, f"state{step}EventDetails": {"name": name}}

    def describe_state_machine(self, stateMachineArn: str) -> dict:
        return {"definition": json.dumps(DEFINITION)}

    def describe_execution(self, executionArn: str) -> dict:
        self.looks += 1
        status = self.end if self.looks >= len(self.events) else "RUNNING"
        return {"status": status, "startDate": START, "stopDate": START + timedelta(seconds=9)}

    def get_paginator(self, operation: str) -> FakePaginator:
        shown = self.events[: self.looks]
        return FakePaginator([{"events": shown[:2]}, {"events": shown[2:]}])


def test_a_workflow_is_followed_state_by_state_to_its_end():
    screen, output = make_screen()
    outcome = Follower(screen, FakeStates("SUCCEEDED"), None, GROUP, poll_s=0).follow("arn", MACHINE)
    assert outcome.succeeded and outcome.duration_s == 9
    assert [line.strip() for line in output.getvalue().splitlines()] == ["✔ Check · 1.0 s", "✔ Import · 1.0 s"]


def test_a_failed_workflow_gives_its_cause():
    screen, _ = make_screen()
    outcome = Follower(screen, FakeStates("FAILED"), None, GROUP, poll_s=0).follow("arn", MACHINE)
    assert not outcome.succeeded
    assert (outcome.status, outcome.error, outcome.cause) == ("FAILED", "ImportFailed", "row 3 has no ITEM_ID")


class FakeExecutions:
    def get_paginator(self, operation: str) -> FakePaginator:
        return FakePaginator([{"executions": [{"executionArn": "old"}]}, {"executions": [{"executionArn": "new"}]}])


def test_the_started_execution_is_the_one_that_was_not_there():
    assert wait_for_start(FakeExecutions(), MACHINE, frozenset({"old"})) == "new"


class FakePersonalize:
    def list_datasets(self, datasetGroupArn: str) -> dict:
        return {"datasets": [{"datasetArn": "d", "datasetType": "INTERACTIONS"}]}

    def list_dataset_import_jobs(self, datasetArn: str) -> dict:
        return {"datasetImportJobs": [{"status": "ACTIVE"}, {"status": "CREATE IN_PROGRESS"}]}

    def list_solutions(self, datasetGroupArn: str) -> dict:
        return {"solutions": [{"solutionArn": "s", "name": "movielens-userPersonalization"}]}

    def list_solution_versions(self, solutionArn: str) -> dict:
        days = [("v1", "ACTIVE", 1), ("v2", "ACTIVE", 2), ("v3", "CREATE PENDING", 3)]
        return {
            "solutionVersions": [
                {"solutionVersionArn": arn, "status": status, "creationDateTime": START + timedelta(days=day)}
                for arn, status, day in days
            ]
        }

    def list_campaigns(self, solutionArn: str) -> dict:
        return {"campaigns": [{"name": "movielens-live", "status": "ACTIVE"}]}

    def list_filters(self, datasetGroupArn: str) -> dict:
        return {"Filters": [{"name": "movielens-unread", "status": "CREATE PENDING"}]}


def test_only_unfinished_work_is_listed_without_the_groups_name():
    assert working_jobs(FakePersonalize(), GROUP) == [
        Job("import interactions", "CREATE IN_PROGRESS"),
        Job("train userPersonalization", "CREATE PENDING"),
        Job("filter unread", "CREATE PENDING"),
    ]


def test_the_newest_ready_version_is_compared():
    assert newest_version(FakePersonalize(), GROUP, "movielens-userPersonalization") == "v2"
    with pytest.raises(DemoError, match="The solution other has no version that is ready"):
        newest_version(FakePersonalize(), GROUP, "other")


class FakeSettingsTable:
    def scan(self, TableName: str) -> dict:
        rows = [("movielens", "active"), ("newsroom", "active"), ("older", "inactive")]
        return {"Items": [{"name": {"S": name}, "status": {"S": status}} for name, status in rows]}


class RecordingShell(Shell):
    """Remembers commands instead of running them."""

    def __init__(self, answer: str = "") -> None:
        self.screen, self.output = make_screen()
        self.commands: list[tuple[str, ...]] = []
        self.answer = answer

    def run(self, *arguments: str, echo: bool = True, show: bool = True) -> str:
        self.commands.append(arguments)
        return self.answer


def test_only_other_active_backends_are_retired():
    shell = RecordingShell()
    retire_other_backends(shell, FakeSettingsTable(), "settings", MOVIELENS)
    ((*_, key),) = shell.commands
    assert json.loads(key) == {"name": {"S": "newsroom"}, "status": {"S": "active"}}


def test_outputs_are_read_and_missing_ones_named():
    shell = RecordingShell("ApiId\tabc\nStageName\tv1\n")
    assert read_outputs(shell, "stack", "ApiId", "StageName") == {"ApiId": "abc", "StageName": "v1"}
    with pytest.raises(DemoError, match="The stack stack has no output ApiKeyId"):
        read_outputs(shell, "stack", "ApiKeyId")


def test_names_come_from_the_parameter_file():
    assert group_name(MOVIELENS) == "movielens"
    assert campaign_name(MOVIELENS) == "movielens-userPersonalizationCampaign"
    assert solution_name(MOVIELENS) == "movielens-userPersonalization"
    assert group_arn(MACHINE, MOVIELENS) == GROUP


def test_only_a_cloud_elsewhere_needs_variables_to_be_stopped(tmp_path):
    assert DemoSettings.from_environment({}).own_variables == {}
    elsewhere = DemoSettings.from_environment({"PERSONALIZE_LOCAL_DATA_DIR": str(tmp_path)})
    assert elsewhere.own_variables == {
        "PERSONALIZE_LOCAL_PORT": "4566",
        "PERSONALIZE_LOCAL_DATA_DIR": str(tmp_path),
    }


class AnsweringShell(RecordingShell):
    """Answers the API's question with one list after the other."""

    def __init__(self, *lists: list[str]) -> None:
        super().__init__()
        self.lists = list(lists)

    def has(self, program: str) -> bool:
        return program == "curl"

    def run(self, *arguments: str, echo: bool = True, show: bool = True) -> str:
        super().run(*arguments, echo=echo, show=show)
        works = MOVIELENS.works()
        return json.dumps(
            [
                {
                    "recommendations": [
                        {"content_id": i, "title": works[i].title, "section_meta_title": works[i].section}
                        for i in (self.lists.pop(0) if arguments[0] == "curl" else [])
                    ]
                }
            ]
        )


def test_a_viewer_asks_watches_three_films_and_asks_again(tmp_path):
    shell, journal = AnsweringShell(["1", "3"], ["3", "4"]), Journal(tmp_path / "demo" / "readings.jsonl")
    question = converse(shell, MOVIELENS, Endpoint("http://api", "key", "tracking"), journal, None)
    asked, sent, again = shell.commands
    assert asked == again and asked[0] == "curl"
    events = json.loads(sent[-1])
    assert sent[:3] == ("aws", "personalize-events", "put-events") and len(events) == 3
    assert {event["eventType"] for event in events} == {"watch"}
    assert events[0]["sentAt"] < events[1]["sentAt"] < events[2]["sentAt"]
    assert question.user_id in shell.output.getvalue() and "new" in shell.output.getvalue()


def test_the_next_walk_knows_what_was_watched_and_goes_on(tmp_path):
    journal = Journal(tmp_path / "readings.jsonl")
    events = []
    for _walk in range(2):
        shell = AnsweringShell(["1", "3"], ["3", "4"])
        converse(shell, MOVIELENS, Endpoint("http://api", "key", "tracking"), journal, "341")
        events.append({event["itemId"] for event in json.loads(shell.commands[1][-1])})
    assert not events[0] & events[1]
    assert "history of 43 films" in shell.output.getvalue()


def test_an_api_that_recommends_nothing_ends_the_walk(tmp_path):
    with pytest.raises(DemoError, match="The API recommends nothing"):
        converse(AnsweringShell([]), MOVIELENS, Endpoint("http://api", "key", "tracking"), Journal(tmp_path / "j"), "1")


class OneAnswer(BaseHTTPRequestHandler):
    """Answers a request with a key by the visitor's id, and any other with 403."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        allowed = self.headers["x-api-key"] == "key"
        answer = [{"recommendations": [{"content_id": body["visitor_id"]}]}] if allowed else {"message": "Forbidden"}
        self.send_response(200 if allowed else 403)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def api_url():
    with ThreadingHTTPServer(("127.0.0.1", 0), OneAnswer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class ShellWithoutCurl(RecordingShell):
    def has(self, program: str) -> bool:
        return False


def test_without_curl_the_same_question_is_asked(api_url):
    shell = ShellWithoutCurl()
    question = Question(api_url, "key", "42", "subscribed", "/canada/", "A1")
    assert ask(shell, question) == [{"content_id": "42"}]
    assert shell.commands == [] and "$ curl -s" in shell.output.getvalue()
    assert "curl is not installed here" in shell.output.getvalue()


def test_without_curl_a_refusal_is_shown(api_url):
    with pytest.raises(DemoError, match=r"but with: .*Forbidden"):
        ask(ShellWithoutCurl(), Question(api_url, "wrong", "42", "", "/canada/", "A1"))
