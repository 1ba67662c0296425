"""Campaigns that are updated in place, for want of room or because no row names them: they too go back."""

from __future__ import annotations

from typing import Any

import pytest
from machine_runner import MachineRunner
from newspaper_account import GROUP, NDCG, Newspaper
from release_fixtures import PLAIN, SECOND, campaigns, served, version_of

ALARMS = {"steps": [10, 50, 100], "stepMinutes": 1, "soakHours": 1, "alarms": ["too-slow"]}
RANKING = PLAIN["personalizedRanking"]


@pytest.fixture(autouse=True)
def quiet(runner: MachineRunner) -> None:
    runner.cloudwatch.alarms = {"too-slow": "OK"}


@pytest.fixture
def full(runner: MachineRunner) -> MachineRunner:
    """AWS's default quota of five campaigns: the third of three is updated in place."""
    runner.personalize.campaign_quota = 5
    return runner


def alone(newspaper: Newspaper, name: str, **metrics: float) -> dict[str, Any]:
    """The release of a dataset group whose file has no campaign for a row of the settings table."""
    versions = newspaper.train(name, ("similarItems",), **metrics)
    return {**newspaper.release(versions, traffic=ALARMS), "settings": None}


def all_back(runner: MachineRunner) -> None:
    runner.personalize.finish()
    assert set(served(runner).values()) == {"v1"}
    assert version_of(runner, RANKING) == "v1"
    assert runner.table.gaps == []


def test_an_alarm_while_traffic_moves_brings_them_back(
    full: MachineRunner, newspaper: Newspaper, live: dict[str, str]
) -> None:
    full.on_task = lambda state: full.cloudwatch.alarms.update(
        {"too-slow": "ALARM"} if state == "Shift traffic" and full.weights.get(f"{GROUP}-b") == 50 else {}
    )
    versions = newspaper.train("v2")

    execution = full.run("release", newspaper.release(versions, traffic=ALARMS), "run-2")

    assert (execution["status"], execution["error"]) == ("FAILED", "ReleaseFailed")
    assert full.tasks["Ensure version before"] == 2  # the lesser two; the one with a slot has its version already
    all_back(full)
    assert campaigns(full) == set(PLAIN.values())
    assert set(full.rows[GROUP]["withdrawn"]) == set(versions.values())


def test_an_alarm_in_the_soak_time_brings_them_back(
    full: MachineRunner, newspaper: Newspaper, live: dict[str, str]
) -> None:
    full.run("release", newspaper.release(newspaper.train("v2"), traffic=ALARMS), "run-2")
    assert version_of(full, RANKING) == "v2"
    full.cloudwatch.alarms["too-slow"] = "ALARM"

    [retired] = full.run_started()

    assert (retired["status"], retired["error"]) == ("FAILED", "RetirementFailed")
    assert f"Put back by an update: {GROUP}-personalizedRanking" in full.mails[-1]["message"]
    all_back(full)


def test_rollback_brings_them_back_in_place(full: MachineRunner, newspaper: Newspaper, live: dict[str, str]) -> None:
    full.run("release", newspaper.release(newspaper.train("v2"), traffic=ALARMS), "run-2")
    made = full.personalize.count("create_campaign")

    execution = full.run("rollback", {"dataset_group": GROUP})

    assert (execution["status"], execution.get("cause")) == ("SUCCEEDED", None)
    assert full.personalize.count("create_campaign") == made
    all_back(full)
    full.run_started()
    assert campaigns(full) == set(PLAIN.values())


def test_a_rollback_that_does_not_answer_leaves_them_as_they_were(
    full: MachineRunner, newspaper: Newspaper, live: dict[str, str]
) -> None:
    full.run("release", newspaper.release(newspaper.train("v2"), traffic=ALARMS), "run-2")
    full.runtime.refusing["userPersonalization/v1"] = ""
    full.faults["Open arm"] = [("Boom", "It broke.")] * 9

    execution = full.run("rollback", {"dataset_group": GROUP})

    assert execution["error"] == "RollbackFailed"
    full.personalize.finish()
    assert set(served(full).values()) == {"v2"}


def test_rollback_of_a_release_of_one_campaign_leaves_the_others(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str]
) -> None:
    runner.run("release", newspaper.release({**live, **newspaper.train("v2", ("similarItems",))}), "run-2")
    assert served(runner) == {"campaignArn": "v1", "relatedCampaignArn": "v2", "rankingCampaignArn": "v1"}

    execution = runner.run("rollback", {"dataset_group": GROUP})

    assert (execution["status"], execution.get("cause")) == ("SUCCEEDED", None)
    assert set(served(runner).values()) == {"v1"}
    runner.run_started()
    assert campaigns(runner) == set(PLAIN.values())


def test_a_group_without_a_row_is_watched_in_the_soak_time_and_put_back(
    runner: MachineRunner, newspaper: Newspaper
) -> None:
    assert runner.run("release", alone(newspaper, "v1"), "run-1")["status"] == "SUCCEEDED"
    wanted = alone(newspaper, "v2")
    assert runner.run("release", wanted, "run-2")["status"] == "SUCCEEDED"
    assert version_of(runner, PLAIN["similarItems"]) == "v2"
    runner.cloudwatch.alarms["too-slow"] = "ALARM"

    [retired] = runner.run_started()

    assert (retired["status"], retired["error"]) == ("FAILED", "RetirementFailed")
    runner.personalize.finish()
    assert version_of(runner, PLAIN["similarItems"]) == "v1"
    runner.cloudwatch.alarms["too-slow"] = "OK"
    again = runner.run("release", wanted, "run-3")
    assert (again["status"], version_of(runner, PLAIN["similarItems"])) == ("SUCCEEDED", "v1")
    assert "was taken back earlier" in runner.mails[-1]["message"]


def test_a_soak_time_without_an_alarm_ends_quietly(runner: MachineRunner, newspaper: Newspaper) -> None:
    for name in ("v1", "v2"):
        runner.run("release", alone(newspaper, name), name)
    runner.waits.clear()

    [retired] = runner.run_started()

    assert retired["status"] == "SUCCEEDED"
    assert sum(runner.waits) >= 3600
    assert version_of(runner, PLAIN["similarItems"]) == "v2"
    assert campaigns(runner) == {PLAIN["similarItems"]}


def test_a_newer_release_in_place_overtakes_the_soak_time_of_the_one_before(
    runner: MachineRunner, newspaper: Newspaper
) -> None:
    for name in ("v1", "v2"):
        runner.run("release", alone(newspaper, name), name)
    [(_, first)] = runner.started
    runner.run("release", alone(newspaper, "v3"), "run-3")
    runner.cloudwatch.alarms["too-slow"] = "ALARM"

    assert runner.run("retire", first, "late")["status"] == "SUCCEEDED"
    assert version_of(runner, PLAIN["similarItems"]) == "v3"


def test_rollback_of_a_group_without_a_row(runner: MachineRunner, newspaper: Newspaper) -> None:
    for name in ("v1", "v2"):
        runner.run("release", alone(newspaper, name), name)

    execution = runner.run("rollback", {"dataset_group": GROUP})

    assert (execution["status"], execution.get("cause")) == ("SUCCEEDED", None)
    runner.personalize.finish()
    assert version_of(runner, PLAIN["similarItems"]) == "v1"
    assert runner.rows == {}
    nothing = runner.run("release", alone(newspaper, "v3", **{NDCG: 0.2, "coverage": 0.5}), "run-4")
    assert (nothing["status"], version_of(runner, PLAIN["similarItems"])) == ("SUCCEEDED", "v3")


@pytest.mark.parametrize("place", ["before Ensure version before", "after Take back traffic"])
def test_what_was_stopped_before_it_was_put_back_is_put_back_by_the_next_run(
    full: MachineRunner, newspaper: Newspaper, live: dict[str, str], place: str
) -> None:
    wanted = newspaper.release(newspaper.train("v2"), traffic=ALARMS)

    full.on_task = lambda state: full.cloudwatch.alarms.update(
        {"too-slow": "ALARM"} if state == "Shift traffic" and full.weights.get(f"{GROUP}-b") == 50 else {}
    )
    full.stops = {place}
    assert full.run("release", wanted, "run-2")["status"] == "ABORTED"
    full.on_task = lambda state: None
    full.stops = set()
    full.cloudwatch.alarms["too-slow"] = "OK"

    for number in (3, 4):
        again = full.run("release", wanted, f"run-{number}")
        assert (again["status"], again.get("cause")) == ("SUCCEEDED", None)
    full.run_started()
    all_back(full)
    assert not set(SECOND.values()) & {row["campaignArn"] for row in full.rows.values()}


def test_the_mails_say_what_was_updated_in_place(
    full: MachineRunner, newspaper: Newspaper, live: dict[str, str]
) -> None:
    full.run("release", newspaper.release(newspaper.train("v2"), traffic=ALARMS), "run-2")

    for mail in full.mails:
        lines = [line for line in mail["message"].splitlines() if line.startswith("Campaign ")]
        assert [line.rpartition(" (")[2] for line in lines] == [
            "beside the live one)",
            "beside the live one)",
            "updated in place)",
        ]
    assert "for all readers at once" in full.mails[0]["message"]
