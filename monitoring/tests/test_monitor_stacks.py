"""The pipelines and the APIs: which are watched, what alarms, and what their dashboard shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from fake_aws import ACCOUNT, FakeAws
from fortnight import HOME, NORTH


def machine(region: str, name: str) -> str:
    return f"arn:aws:states:{region}:{ACCOUNT}:stateMachine:{name}"


@pytest.fixture
def stacks() -> FakeAws:
    """Two regions with state machines and APIs, of which some are tagged."""
    aws = FakeAws(HOME, NORTH)
    aws.states[HOME].machines = {
        machine(HOME, "Deploy"): {"personalize-monitor": "pipeline"},
        machine(HOME, "Other"): {"team": "billing"},
    }
    aws.states[NORTH].machines = {machine(NORTH, "Deploy"): {"personalize-monitor": "pipeline"}}
    aws.gateways[HOME].apis = {"news": {}, "billing": {}}
    aws.gateways[HOME].stages = {"news": {"personalize-monitor": "api"}}
    return aws


def alarms(aws: FakeAws, region: str) -> set[str]:
    return {name for name, one in aws.cloudwatch[region].alarms.items() if not one["Namespace"].endswith("Monitor")}


def test_what_is_tagged_is_watched_in_its_own_region(stacks: FakeAws, make_monitor_of: Callable[..., Any]) -> None:
    assert make_monitor_of(stacks).run().lacks == []
    assert alarms(stacks, HOME) == {
        "watch_FailedExecution-Deploy", "watch_TimedOutExecution-Deploy", "watch_ApiErrors-news"
    }  # fmt: skip
    assert alarms(stacks, NORTH) == {"watch_FailedExecution-Deploy", "watch_TimedOutExecution-Deploy"}


def test_what_is_named_is_watched_and_no_other(stacks: FakeAws, make_monitor_of: Callable[..., Any]) -> None:
    make_monitor_of(stacks, StateMachineARNs=machine(HOME, "Other"), ApiNames="billing").run()
    assert alarms(stacks, HOME) == {
        "watch_FailedExecution-Other", "watch_TimedOutExecution-Other", "watch_ApiErrors-billing"
    }  # fmt: skip
    assert alarms(stacks, NORTH) == set()


def test_a_list_that_fails_costs_no_alarm(stacks: FakeAws, make_monitor_of: Callable[..., Any], now: Any) -> None:
    """GIVEN alarms of an API WHEN the APIs cannot be listed THEN the run says so and the alarms stay."""
    monitor = make_monitor_of(stacks)
    monitor.run()
    stacks.gateways[HOME].is_broken = True
    assert monitor.run().lacks == [f"{HOME}: state machines and APIs: TooManyRequestsException"]
    assert "watch_ApiErrors-news" in alarms(stacks, HOME)


def test_their_dashboard_shows_each_region(stacks: FakeAws, make_monitor_of: Callable[..., Any]) -> None:
    make_monitor_of(stacks).run()
    body = json.loads(stacks.cloudwatch[HOME].dashboards["watch_pipelines_and_apis_"])
    titles = [(one["properties"]["title"], one["properties"]["region"]) for one in body["widgets"][1:]]
    assert titles == [
        ("Executions", NORTH), ("Time of executions", NORTH), ("Executions", HOME), ("Time of executions", HOME),
        ("Requests to the APIs", HOME), ("Errors of the APIs", HOME), ("Latency of the APIs", HOME),
    ]  # fmt: skip
