"""Whatever fails, in whatever state: the run ends FAILED and tells why, or succeeds; nothing that serves is deleted.

For every task of the machines: a fault that passes, one that does not, a crash after the work is done, and the
execution stopped before and after it and started again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

import pytest
from fake_personalize import client_error
from machine_runner import MachineRunner, read_machine
from newspaper_account import GROUP, NDCG, Newspaper
from release_fixtures import PLAIN, SECOND, campaigns, served

ALARMS = {"stepMinutes": 1, "soakHours": 1, "alarms": ["too-slow"]}
PASSING = ("Lambda.TooManyRequestsException", "TryAgainError", "States.Timeout")


def tasks(machine: str) -> list[str]:
    return [name for name, state in _states(read_machine(machine)) if state["Type"] == "Task"]


def _states(machine: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, state in machine["States"].items():
        yield name, state
        if state["Type"] == "Map":
            yield from _states(state["ItemProcessor"])


Prepare = Callable[[MachineRunner, Newspaper], dict[str, Any]]


def good(runner: MachineRunner, newspaper: Newspaper) -> dict[str, Any]:
    return newspaper.release(newspaper.train("v2"), traffic=ALARMS)


def silent(runner: MachineRunner, newspaper: Newspaper) -> dict[str, Any]:
    runner.runtime.silent["similarItems/v2"] = ""
    return good(runner, newspaper)


def alarmed(runner: MachineRunner, newspaper: Newspaper) -> dict[str, Any]:
    def ring(state: str) -> None:
        if state == "Shift traffic" and runner.weights.get(f"{GROUP}-b", 0) == 10:
            runner.cloudwatch.alarms["too-slow"] = "ALARM"

    runner.on_task = ring
    return good(runner, newspaper)


def in_place(runner: MachineRunner, newspaper: Newspaper) -> dict[str, Any]:
    runner.runtime.silent["similarItems/v2"] = ""
    return {**newspaper.release(newspaper.train("v2", ("similarItems",)), traffic=ALARMS), "settings": None}


def full(runner: MachineRunner, newspaper: Newspaper) -> dict[str, Any]:
    runner.personalize.campaign_quota = 5
    return good(runner, newspaper)


def full_and_alarmed(runner: MachineRunner, newspaper: Newspaper) -> dict[str, Any]:
    runner.personalize.campaign_quota = 5
    return alarmed(runner, newspaper)


SCENES: dict[str, tuple[str, Prepare, str]] = {
    "good": ("release", good, "SUCCEEDED"),
    "silent": ("release", silent, "FAILED"),
    "alarmed": ("release", alarmed, "FAILED"),
    "in place": ("release", in_place, "FAILED"),
    "full": ("release", full, "SUCCEEDED"),
    "full and alarmed": ("release", full_and_alarmed, "FAILED"),
}


def scene_of(state: str) -> str:
    """The scene in which a release comes to a state."""
    return {
        "Notify failure": "silent",
        "Delete campaign": "silent",
        "Take back traffic": "alarmed",
        "Put campaign back": "in place",
        "Update live campaign": "full",
        "Ensure version before": "full and alarmed",
        "Describe version before": "full and alarmed",
    }.get(state, "good")


@pytest.fixture(autouse=True)
def quiet(runner: MachineRunner) -> None:
    runner.cloudwatch.alarms = {"too-slow": "OK"}


def nothing_is_lost(runner: MachineRunner) -> None:
    """Every row that serves leads to campaigns that answer, and there was no moment without one."""
    assert runner.table.gaps == []
    serving = [row for row in runner.rows.values() if row["trafficRatio"] > 0]
    assert serving
    runner.personalize.finish()
    for row in serving:
        for column in ("campaignArn", "relatedCampaignArn", "rankingCampaignArn"):
            assert runner.personalize.resources[row[column]]["status"] == "ACTIVE"
    assert runner.personalize.count("create_solution_version") <= 12


@pytest.mark.parametrize(("state", "error"), list(zip(tasks("release"), cycle(PASSING), strict=False)))
def test_a_passing_fault_changes_nothing(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str], state: str, error: str
) -> None:
    machine, prepare, expected = SCENES[scene_of(state)]
    runner.faults[state] = [(error, "not now")] * 2

    execution = runner.run(machine, prepare(runner, newspaper), "run-2")

    assert (execution["status"], runner.tasks[state] >= 3) == (expected, True)
    assert execution["status"] == "SUCCEEDED" or runner.mails[-1]["outcome"] == "RELEASE_FAILED"
    assert list(runner.locks_table) == []
    nothing_is_lost(runner)


@pytest.mark.parametrize("state", tasks("release"))
def test_a_lost_answer_changes_nothing(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str], state: str
) -> None:
    machine, prepare, expected = SCENES[scene_of(state)]
    runner.lost[state] = 2

    execution = runner.run(machine, prepare(runner, newspaper), "run-2")

    assert execution["status"] == expected
    assert runner.personalize.count("create_campaign") <= 6
    nothing_is_lost(runner)


@pytest.mark.parametrize("state", tasks("release"))
def test_a_lasting_fault_is_told_and_the_next_run_completes(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str], state: str
) -> None:
    machine, prepare, _ = SCENES[scene_of(state)]
    wanted = prepare(runner, newspaper)
    runner.faults[state] = [("Boom", "It broke.")] * 9

    execution = runner.run(machine, wanted, "run-2")

    assert_told(runner, execution, state)
    nothing_is_lost(runner)
    recovers(runner, wanted, newspaper)


def assert_told(runner: MachineRunner, execution: dict[str, Any], state: str) -> None:
    if state in ("Free lock", "Notify start"):
        assert runner.mails[-1]["outcome"] == "RELEASED"  # told all the same; the lock is taken over
    elif state.startswith("Notify"):
        assert (execution["status"], execution["error"]) == ("FAILED", "NotificationFailed")
        assert "The mail could not be sent" in execution["cause"]
    else:
        assert execution["status"] == "FAILED"
        first = "Smoke campaign" if state == "Put campaign back" else state
        assert f"Step: {first}" in runner.mails[-1]["message"]


def recovers(runner: MachineRunner, wanted: dict[str, Any], newspaper: Newspaper) -> None:
    """The next run, with nothing wrong any more, releases; after the soak time only what serves is left."""
    runner.faults.clear()
    runner.runtime.silent.clear()
    runner.on_task = lambda state: None
    runner.cloudwatch.alarms = {"too-slow": "OK"}

    again = runner.run("release", {**wanted, "force": True}, "run-3")

    assert (again["status"], again.get("cause")) == ("SUCCEEDED", None)
    if wanted["settings"] is not None:
        assert set(served(runner).values()) == {"v2"}
        ended = [(each["status"], each.get("cause")) for each in runner.run_started()]
        assert set(ended) <= {("SUCCEEDED", None)}
        [row] = runner.rows.values()
        assert campaigns(runner) == {row[name] for name in ("campaignArn", "relatedCampaignArn", "rankingCampaignArn")}
    nothing_is_lost(runner)


@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize("state", tasks("release"))
def test_a_release_stopped_anywhere_is_completed_by_the_next(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str], state: str, place: str
) -> None:
    machine, prepare, _ = SCENES[scene_of(state)]
    wanted = prepare(runner, newspaper)
    runner.stops = {f"{place} {state}"}

    stopped = runner.run(machine, wanted, "run-2")

    assert stopped["status"] == "ABORTED"
    nothing_is_lost(runner)
    recovers(runner, wanted, newspaper)


@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize("state", tasks("release"))
def test_a_first_release_stopped_anywhere_is_completed_by_the_next(
    runner: MachineRunner, newspaper: Newspaper, state: str, place: str
) -> None:
    wanted = newspaper.release(newspaper.train("v2"), traffic=ALARMS)
    runner.stops = {f"{place} {state}"}
    runner.run("release", wanted, "run-2")
    runner.stops.clear()

    recovers(runner, wanted, newspaper)


PUT_BACK = ("Ensure version before", "Describe version before")


def retirement(runner: MachineRunner, newspaper: Newspaper, state: str = "") -> dict[str, Any]:
    """A release that has gone live; where a state is about campaigns updated in place, one that had to do so."""
    if state in PUT_BACK:
        runner.personalize.campaign_quota = 5
    runner.run("release", good(runner, newspaper), "run-2")
    runner.mails.clear()
    runner.tasks.clear()
    return runner.started.pop()[1]


def retire_scene(runner: MachineRunner, state: str) -> None:
    if state in ("Hand back traffic", *PUT_BACK):
        runner.cloudwatch.alarms["too-slow"] = "ALARM"
    if state == "Notify failure":
        runner.runtime.silent["userPersonalization/v2"] = ""


@pytest.mark.parametrize(("state", "error"), list(zip(tasks("retire"), cycle(PASSING), strict=False)))
def test_a_retirement_outlasts_passing_faults(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str], state: str, error: str
) -> None:
    wanted = retirement(runner, newspaper, state)
    retire_scene(runner, state)
    runner.faults[state] = [(error, "not now")] * 2

    execution = runner.run("retire", wanted, "retire")

    good_end = state not in ("Hand back traffic", "Notify failure", *PUT_BACK)
    assert execution["status"] == ("SUCCEEDED" if good_end else "FAILED")
    nothing_is_lost(runner)
    if good_end:
        assert campaigns(runner) == set(SECOND.values())


@pytest.mark.parametrize("state", tasks("retire"))
def test_a_retirement_that_fails_is_told_and_deletes_nothing_that_serves(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str], state: str
) -> None:
    wanted = retirement(runner, newspaper, state)
    retire_scene(runner, state)
    runner.faults[state] = [("Boom", "It broke.")] * 9

    execution = runner.run("retire", wanted, "retire")

    if state.startswith("Notify"):
        assert execution["error"] == "NotificationFailed"
    elif state == "Free lock":
        assert execution["status"] == "SUCCEEDED"
    else:
        assert execution["error"] == "RetirementFailed"
        assert f"Step: {state}" in runner.mails[-1]["message"]
    nothing_is_lost(runner)


@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize("state", tasks("retire"))
def test_a_retirement_stopped_anywhere_leaves_what_serves_and_the_next_release_goes_on(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str], state: str, place: str
) -> None:
    wanted = retirement(runner, newspaper, state)
    retire_scene(runner, state)
    runner.stops = {f"{place} {state}"}
    assert runner.run("retire", wanted, "retire")["status"] == "ABORTED"
    nothing_is_lost(runner)
    runner.cloudwatch.alarms["too-slow"] = "OK"
    runner.runtime.silent.clear()

    again = runner.run("release", newspaper.release(newspaper.train("v3")), "run-3")

    assert (again["status"], again.get("cause")) == ("SUCCEEDED", None)
    assert set(served(runner).values()) == {"v3"}
    nothing_is_lost(runner)


@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize("state", [*tasks("rollback")])
def test_a_rollback_stopped_anywhere_is_completed_by_the_next(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str], state: str, place: str
) -> None:
    retirement(runner, newspaper)
    runner.stops = {f"{place} {state}"}
    runner.run("rollback", {"dataset_group": GROUP}, "back-1")
    runner.stops.clear()
    nothing_is_lost(runner)
    if set(served_or_shared(runner)) != {"v1"}:
        again = runner.run("rollback", {"dataset_group": GROUP}, "back-2")
        assert (again["status"], again.get("cause")) == ("SUCCEEDED", None)

    nothing_is_lost(runner)


# A rollback finds campaigns that are still there, and comes to these when quotas leave no room: as a release does.
ELSEWHERE = ("Describe campaign", "Put campaign back", "Update live campaign")


def served_or_shared(runner: MachineRunner) -> list[str]:
    with contextlib.suppress(ValueError):
        return list(served(runner).values())
    return []


@pytest.mark.parametrize("state", [each for each in tasks("rollback") if each not in ELSEWHERE])
def test_a_rollback_that_fails_is_told_and_leaves_a_row_that_serves(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str], state: str
) -> None:
    retirement(runner, newspaper, state)
    if state in ("Take back traffic", "Delete campaign", "Notify failure", *PUT_BACK):
        runner.faults["Shift traffic"] = [("Boom", "first")]
    runner.faults.setdefault(state, []).extend([("Boom", "It broke.")] * 9)

    execution = runner.run("rollback", {"dataset_group": GROUP}, "back-1")

    if state.startswith("Notify"):
        assert execution["error"] == "NotificationFailed"
    elif state == "Free lock":
        assert execution["status"] == "SUCCEEDED"
    else:
        assert execution["error"] == "RollbackFailed"
        assert f"Step: {state}" in runner.mails[-1]["message"]
    nothing_is_lost(runner)


@pytest.mark.parametrize("operation", ["create_campaign", "get_solution_metrics"])
@pytest.mark.parametrize("code", ["ThrottlingException", "LimitExceededException", "ResourceInUseException"])
def test_personalize_itself_is_outwaited(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str], operation: str, code: str
) -> None:
    runner.personalize.faults[operation] += [client_error(code, "More than 5 resources.")] * 2

    execution = runner.run("release", good(runner, newspaper), "run-2")

    passes = code == "ThrottlingException" or (operation, code) == ("create_campaign", "ResourceInUseException")
    assert execution["status"] == ("SUCCEEDED" if passes else "FAILED")
    nothing_is_lost(runner)


def test_a_second_release_waits_for_the_first(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str]
) -> None:
    owner = "arn:aws:states:us-east-1:123456789012:execution:release:first"
    runner.locks_table.put_item(Item={"name": GROUP, "owner": owner})
    runner._running.add(owner)

    def free(state: str) -> None:
        if runner.tasks["Take lock"] == 3:
            runner.locks_table.items.clear()

    runner.on_task = free

    assert runner.run("release", good(runner, newspaper), "run-2")["status"] == "SUCCEEDED"
    assert runner.tasks["Take lock"] == 4


def test_a_release_under_the_lock_of_its_deployment_leaves_it_alone(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str]
) -> None:
    owner = "arn:aws:states:us-east-1:123456789012:execution:Deploy:run"
    runner.locks_table.put_item(Item={"name": GROUP, "owner": owner})
    runner._running.add(owner)

    execution = runner.run("release", {**good(runner, newspaper), "lock_owner": owner}, "run-2")

    assert execution["status"] == "SUCCEEDED"
    assert [item["owner"] for item in runner.locks_table] == [owner]


def test_the_gates_metrics_decide_by_their_own(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str]
) -> None:
    """A version as good as the tolerance allows passes; the coverage asked for counts on its own."""
    almost = newspaper.train("v2", **{NDCG: 0.096, "coverage": 0.2})
    wanted = newspaper.release(almost, traffic=ALARMS)

    assert runner.run("release", {**wanted, "gate": {"minimumCoverage": 0.3}}, "run-2")["error"] == "ReleaseRefused"
    assert campaigns(runner) == set(PLAIN.values())
    assert runner.run("release", wanted, "run-3")["status"] == "SUCCEEDED"
