"""The pages of runs: what passed, what failed and why, stop and start."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
import yaml

from personalize_local.console.drawing.workflow import draw
from personalize_local.console.history import read_states
from personalize_local.console.links import links_in
from personalize_local.console.remedies import DEFAULT, remedy
from personalize_local.console.scopes import state_places
from tests.console.conftest import MACHINE_ARN, RUN_ARN, Browser, text

Browse = Callable[..., Browser]
MACHINES = Path(__file__).resolve().parents[2] / "mlops" / "personalize-step-functions" / "statemachines"
START = datetime(2026, 1, 1, 12, tzinfo=UTC)
DEFINITION = {
    "StartAt": "Import",
    "States": {
        "Import": {"Type": "Task", "Next": "Train", "Catch": [{"Next": "Tell"}]},
        "Train": {"Type": "Task", "End": True},
        "Tell": {"Type": "Fail"},
    },
}


def entered(number: int, name: str, at_s: float, **more: Any) -> dict[str, Any]:
    details = {"name": name, "input": '{"say": "<b>in</b>"}'}
    return _event(number, "TaskStateEntered", at_s, stateEnteredEventDetails=details, **more)


def exited(number: int, name: str, at_s: float) -> dict[str, Any]:
    return _event(number, "TaskStateExited", at_s, stateExitedEventDetails={"name": name, "output": "{}"})


def failed(number: int, at_s: float, **more: Any) -> dict[str, Any]:
    details = {"error": "NoData", "cause": '{"errorMessage": "The file <x> is empty."}'}
    return _event(number, "TaskFailed", at_s, taskFailedEventDetails=details, **more)


def _event(number: int, kind: str, at_s: float, **more: Any) -> dict[str, Any]:
    return {"id": number, "type": kind, "timestamp": START + timedelta(seconds=at_s)} | more


def add_run(browser: Browser, name: str, status: str, events: list[dict[str, Any]], start_s: float = 0) -> str:
    arn = RUN_ARN + name
    start = START + timedelta(seconds=start_s)
    run = {"executionArn": arn, "stateMachineArn": MACHINE_ARN, "name": name, "status": status, "startDate": start}
    ended = {} if status == "RUNNING" else {"stopDate": start + timedelta(seconds=60)}
    browser.workflows.definition = DEFINITION
    browser.workflows.executions.insert(0, run | ended | {"input": '{"key": 1}'})
    browser.workflows.histories[arn] = events
    return arn


def states_of(browser: Browser, arn: str) -> dict[str, dict[str, Any]]:
    return {state["name"]: state for state in browser.json(f"/_personalize/run.json?arn={arn}")["states"]}


def test_without_a_state_machine_the_page_says_what_to_do(browse: Browse) -> None:
    assert "No state machine yet" in text(browse().get("/_personalize/runs"))


def test_a_run_under_way_shows_what_passed_and_what_runs(browse: Browse) -> None:
    browser = browse()
    arn = add_run(
        browser, "one", "RUNNING", [entered(1, "Import", 0), exited(2, "Import", 30), entered(3, "Train", 30)]
    )
    states = states_of(browser, arn)
    assert [(name, state["tone"]) for name, state in states.items()] == [
        ("Import", "good"), ("Train", "busy"), ("Tell", ""),
    ]  # fmt: skip
    assert states["Import"]["duration_s"] == 30
    page = text(browser.get(f"/_personalize/run?arn={arn}"))
    assert f'data-live="/_personalize/run/events?arn={quote_plus(arn)}"' in page
    assert "&lt;b&gt;in" in page
    assert browser.json("/_personalize/index.json")["running"][0]["run"] == arn


def test_a_failed_run_is_understood_from_the_page(browse: Browse) -> None:
    browser = browse()
    arn = add_run(browser, "one", "FAILED", [entered(1, "Import", 0), failed(2, 5)])
    states = states_of(browser, arn)
    assert (states["Import"]["tone"], states["Import"]["error"]) == ("bad", "NoData")
    page = text(browser.get(f"/_personalize/run?arn={arn}"))
    assert "The file &lt;x&gt; is empty." in page
    assert "data-live" not in page
    assert "What to do:" in page
    (concern,) = browser.json("/_personalize/index.json")["concerns"]
    assert concern["run"] == arn


def test_a_failure_belongs_to_the_state_that_it_came_from() -> None:
    events = [
        entered(1, "Import", 0), entered(2, "Train", 1, previousEventId=1), failed(3, 2, previousEventId=1),
    ]  # fmt: skip
    states = read_states(events, START)
    assert states["Import"].error == "NoData"
    assert states["Train"].error == ""


def test_durations_stand_beside_those_of_earlier_runs(browse: Browse) -> None:
    browser = browse()
    for name, took_s in (("one", 10), ("two", 20)):
        add_run(browser, name, "SUCCEEDED", [entered(1, "Import", 0), exited(2, "Import", took_s)])
    add_run(browser, "lost", "FAILED", [entered(1, "Import", 0), exited(2, "Import", 500)])
    arn = add_run(browser, "now", "RUNNING", [entered(1, "Import", 0), exited(2, "Import", 12)], start_s=100)
    assert states_of(browser, arn)["Import"]["earlier_s"] == 15


def test_the_picture_lights_what_the_run_passed(browse: Browse) -> None:
    browser = browse()
    arn = add_run(browser, "one", "FAILED", [entered(1, "Import", 0), exited(2, "Import", 1), entered(3, "Train", 2)])
    picture = browser.get(f"/_personalize/run/picture?arn={arn}")
    assert picture.content_type == "image/svg+xml"
    assert "script" not in picture.headers["content-security-policy"]
    assert re.search(r'class="task good"[^>]*/>\s*<text[^>]*>Import<', text(picture))
    assert re.search(r'class="task bad"[^>]*/>\s*<text[^>]*>Train<', text(picture))
    assert re.search(r'class="fail"[^>]*/>\s*<text[^>]*>Tell<', text(picture))


@pytest.mark.parametrize(("form", "status"), [("stop", "RUNNING"), ("again", "SUCCEEDED")])
def test_a_run_is_stopped_or_started_once_confirmed(browse: Browse, form: str, status: str) -> None:
    browser = browse()
    arn = add_run(browser, "one", status, [])
    token = re.search(r'name="token" value="([^"]+)"', text(browser.get(f"/_personalize/run?arn={arn}")))[1]
    asked = browser.post(f"/_personalize/run/{form}", token=token, arn=arn)
    assert asked.status == 200
    assert browser.workflows.stopped == browser.workflows.started == []
    assert browser.post(f"/_personalize/run/{form}", token=token, arn=arn, confirmed="yes").status == 303
    if form == "stop":
        assert browser.workflows.stopped == [arn]
    else:
        (request,) = browser.workflows.started
        assert json.loads(request["input"]) == {"key": 1}


def test_a_console_that_only_reads_stops_nothing(browse: Browse) -> None:
    browser = browse(may_change=False)
    arn = add_run(browser, "one", "RUNNING", [])
    assert "run/stop" not in text(browser.get(f"/_personalize/run?arn={arn}"))
    form = {"token": browser.console._guard.token, "arn": arn, "confirmed": "yes"}
    assert browser.post("/_personalize/run/stop", **form).status == 404
    assert browser.workflows.stopped == []


def test_a_run_that_is_not_there(browse: Browse) -> None:
    browser = browse()
    assert browser.get("/_personalize/run").status == 404
    missing = browser.get(f"/_personalize/run?arn={RUN_ARN}none")
    assert missing.status == 502
    assert "ExecutionDoesNotExist" in text(missing)


def test_the_page_holds_the_picture_whose_boxes_lead_to_the_list(browse: Browse) -> None:
    browser = browse()
    arn = add_run(browser, "one", "SUCCEEDED", [entered(1, "Import", 0), exited(2, "Import", 1)])
    page = text(browser.get(f"/_personalize/run?arn={arn}"))
    assert '<a href="#x-Import" aria-label="Import">' in page
    assert re.search(r'<li class="good depth0" id="x-Import">', page)
    assert "<style" not in page
    assert "picture" not in browser.json(f"/_personalize/run.json?arn={arn}")


NESTED = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map", "End": True,
            "ItemProcessor": {
                "StartAt": "Ready?",
                "States": {
                    "Ready?": {"Type": "Choice", "Choices": [{"Next": "Wait"}], "Default": "Inner"},
                    "Wait": {"Type": "Wait", "Next": "Look"},
                    "Look": {"Type": "Task", "Next": "Ready?"},
                    "Inner": {"Type": "Map", "End": True, "ItemProcessor": {
                        "StartAt": "Leaf", "States": {"Leaf": {"Type": "Task", "End": True}}}},
                },
            },
        }
    },
}  # fmt: skip


def test_states_of_nested_maps_stand_after_what_they_are_in() -> None:
    places = [(place.name, place.inside, place.depth) for place in state_places(NESTED)]
    assert places == [
        ("Each", "", 0), ("Ready?", "Each", 1), ("Wait", "Each", 1), ("Look", "Each", 1), ("Inner", "Each", 1),
        ("Leaf", "Inner", 2),
    ]  # fmt: skip


def test_a_loop_back_to_a_state_on_the_way_hides_nothing() -> None:
    machine = {
        "StartAt": "Take lock",
        "States": {
            "Take lock": {"Type": "Task", "Next": "Held?"},
            "Held?": {"Type": "Choice", "Choices": [{"Next": "Plan"}], "Default": "Wait"},
            "Wait": {"Type": "Wait", "Next": "Take lock"},
            "Plan": {"Type": "Task", "End": True},
        },
    }
    picture = draw(machine, "x")
    assert [name for name in machine["States"] if f">{name}<" not in picture] == []


@pytest.mark.parametrize("path", sorted(MACHINES.glob("*.asl.yaml")), ids=lambda path: path.name)
def test_every_state_of_the_pipelines_machines_is_drawn(path: Path) -> None:
    machine = yaml.safe_load(path.read_text(encoding="utf-8"))
    picture = draw(machine, "x").lower()
    assert [one.name for one in state_places(machine) if escape(one.name.lower()) not in picture] == []


def test_a_state_that_is_open_several_times_at_once_runs_until_the_last_is_left() -> None:
    events = [entered(1, "Leaf", 0), entered(2, "Leaf", 10), exited(3, "Leaf", 20)]
    leaf = read_states(events, START + timedelta(seconds=30))["Leaf"]
    assert leaf.is_open
    assert leaf.duration_s == 20 + 20
    assert (leaf.visits, read_states([*events, exited(4, "Leaf", 40)], START)["Leaf"].is_open) == (2, False)


def test_a_task_that_succeeds_when_tried_again_has_not_failed() -> None:
    succeeded = _event(3, "TaskSucceeded", 8, taskSucceededEventDetails={"output": "{}"})
    state = read_states([entered(1, "Import", 0), failed(2, 5), succeeded, exited(4, "Import", 9)], START)["Import"]
    assert (state.error, state.failed_tries) == ("", 1)
    assert state.failed_try.startswith("NoData")


def test_states_that_a_history_does_not_tell_are_folded(browse: Browse) -> None:
    browser = browse()
    arn = add_run(browser, "one", "SUCCEEDED", [entered(1, "Each", 0), exited(2, "Each", 1)])
    browser.workflows.definition = NESTED
    page = text(browser.get(f"/_personalize/run?arn={arn}"))
    assert "4 states within that this history does not tell" in page
    assert "Leaf" in page


@pytest.mark.parametrize(
    ("error", "cause", "says"),
    [
        ("ParametersRefused", "datasets: …", "Correct the parameter file"),
        ("DeploymentFailed", "LimitExceededException: 5 imports", "higher quota"),
        ("States.Timeout", "", "longer than its limit"),
        ("ReleaseRefused", "worse", "the one before goes on serving"),
        ("Whatever", "odd", DEFAULT),
        ("", "", ""),
    ],
)
def test_what_to_do_is_said_of_errors(error: str, cause: str, says: str) -> None:
    assert says in remedy(error, cause)


def test_resources_lead_to_their_pages() -> None:
    version = "arn:aws:personalize:us-east-1:123456789012:solution/front/abc"
    text_of_state = json.dumps({"arn": version, "again": version, "role": "arn:aws:iam::123456789012:role/x"})
    run = "arn:aws:states:us-east-1:123456789012:execution:release:one"
    assert links_in(text_of_state, f'{{"Execution": "{run}"}}') == [
        {"name": "front/abc", "url": f"/_personalize/models?version={version}"},
        {"name": "one", "url": f"/_personalize/run?arn={run}"},
    ]


def test_rolling_back_is_offered_asked_about_and_started(browse: Browse) -> None:
    browser = browse(town=True)
    arn = add_run(browser, "one", "SUCCEEDED", [])
    browser.workflows.executions[0]["input"] = '{"dataset_group": "news"}'
    assert "Roll back" not in text(browser.get(f"/_personalize/run?arn={arn}"))  # nothing here can
    browser.workflows.other_machines = ["stack-RollbackStateMachine-1"]
    assert "Roll back news …" in text(browser.get(f"/_personalize/run?arn={arn}"))
    assert "Roll back" in text(browser.get("/_personalize/"))
    form = {"token": browser.console._guard.token, "dataset_group": "news"}
    assert "Roll back news?" in text(browser.post("/_personalize/rollback", **form))
    assert browser.workflows.started == []
    done = browser.post("/_personalize/rollback", **form, confirmed="yes")
    assert (done.status, done.headers["location"]) == (303, f"/_personalize/run?arn={RUN_ARN}new")
    (started,) = browser.workflows.started
    assert started["stateMachineArn"].endswith("stack-RollbackStateMachine-1")
    assert json.loads(started["input"]) == {"dataset_group": "news"}


@pytest.mark.parametrize("case", ["read-only", "no machine", "no group"])
def test_what_cannot_be_rolled_back_is_not(browse: Browse, case: str) -> None:
    browser = browse(may_change=case != "read-only")
    browser.workflows.other_machines = [] if case == "no machine" else ["Rollback"]
    group = "" if case == "no group" else "news"
    form = {"token": browser.console._guard.token, "dataset_group": group, "confirmed": "yes"}
    assert browser.post("/_personalize/rollback", **form).status == 404
    assert browser.workflows.started == []
