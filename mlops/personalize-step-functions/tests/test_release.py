"""Releases, run whole: the first, the next with the gate and the steps, what fails on the way, and the soak time."""

from __future__ import annotations

from typing import Any

import pytest
from machine_runner import MachineRunner
from newspaper_account import GROUP, NDCG, Newspaper, arn
from release_fixtures import PLAIN, SECOND, campaigns, served, version_of


def test_the_first_release_goes_live_at_once(runner: MachineRunner, newspaper: Newspaper) -> None:
    execution = runner.run("release", newspaper.release(newspaper.train("v1")))

    assert (execution["status"], execution.get("cause")) == ("SUCCEEDED", None)
    assert runner.weights == {GROUP: 100}
    assert set(served(runner).values()) == {"v1"}
    assert runner.tasks["Check gate"] == runner.tasks["Shift traffic"] == 0
    assert runner.runtime.asked.total() > 0
    assert [mail["outcome"] for mail in runner.mails] == ["RELEASED"]
    assert runner.started == []
    assert list(runner.locks_table) == []


def test_a_new_version_is_released_step_by_step(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str]
) -> None:
    shares: list[dict[str, float]] = []
    runner.on_task = lambda state: shares.append(runner.weights) if state == "Shift traffic" else None

    execution = runner.run("release", newspaper.release(newspaper.train("v2")))

    assert (execution["status"], execution.get("cause")) == ("SUCCEEDED", None)
    assert [share[f"{GROUP}-b"] for share in shares] == [0, 10, 10, 50, 50]
    assert runner.weights == {GROUP: 0, f"{GROUP}-b": 100}
    assert set(served(runner).values()) == {"v2"}
    assert campaigns(runner) == {*PLAIN.values(), *SECOND.values()}
    assert [mail["outcome"] for mail in runner.mails] == ["RELEASE_STARTED", "RELEASED"]
    assert runner.tasks["Check gate"] == 3
    assert runner.table.gaps == []


def test_after_the_soak_time_the_version_before_goes(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str]
) -> None:
    runner.run("release", newspaper.release(newspaper.train("v2")))
    runner.waits.clear()

    [retired] = runner.run_started()

    assert (retired["status"], retired.get("cause")) == ("SUCCEEDED", None)
    assert campaigns(runner) == set(SECOND.values())
    assert runner.weights == {f"{GROUP}-b": 100}
    assert sum(runner.waits) >= 3600 + 60
    assert runner.mails[-1]["outcome"] == "RETIRED"
    assert list(runner.locks_table) == []


def test_the_third_version_takes_the_first_slot_again(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str]
) -> None:
    for name in ("v2", "v3"):
        runner.run("release", newspaper.release(newspaper.train(name)), name)
        runner.run_started()

    assert runner.weights == {GROUP: 100}
    assert set(served(runner).values()) == {"v3"}
    assert campaigns(runner) == set(PLAIN.values())


def test_a_release_of_what_is_live_changes_rows_only(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str]
) -> None:
    wanted = newspaper.release(live)
    wanted["filters"][1]["filter"]["name"] = f"{GROUP}-unread-1234abcd"
    before = runner.personalize.count("create_campaign")

    execution = runner.run("release", wanted, "run-2")

    assert execution["status"] == "SUCCEEDED"
    assert runner.personalize.count("create_campaign") == before
    assert runner.personalize.count("update_campaign") == 0
    assert runner.rows[GROUP]["context"]["default"]["filter_name"] == f"{GROUP}-unread-1234abcd"
    assert runner.weights == {GROUP: 100}
    assert runner.started == []


def test_capacity_of_a_live_campaign_is_changed_in_place(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str]
) -> None:
    wanted = newspaper.release(live)
    wanted["releases"][0]["campaign"]["arguments"]["minProvisionedTPS"] = 5

    assert runner.run("release", wanted, "run-2")["status"] == "SUCCEEDED"
    assert runner.personalize.resources[PLAIN["userPersonalization"]]["minProvisionedTPS"] == 5
    assert runner.personalize.count("create_campaign") == 3


def test_a_worse_version_is_stopped_by_the_gate(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str]
) -> None:
    bad = newspaper.train("v2", **{NDCG: 0.05, "coverage": 0.5})

    execution = runner.run("release", newspaper.release(bad))

    assert (execution["status"], execution["error"]) == ("FAILED", "ReleaseRefused")
    assert f"{NDCG} is 0.0500, too low: at least 0.0950 is asked for, the live version has 0.1000" in execution["cause"]
    assert "Step: Check gate (daily-similarItems)" in runner.mails[-1]["message"]
    assert set(served(runner).values()) == {"v1"}
    assert campaigns(runner) == set(PLAIN.values())
    assert runner.runtime.asked.keys() == set(live.values())


def test_one_bad_version_leaves_the_others_to_go_live(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str]
) -> None:
    versions = newspaper.train("v2")
    newspaper.personalize.metrics[versions["similarItems"]] = {NDCG: 0.01, "coverage": 0.5}

    execution = runner.run("release", newspaper.release(versions))

    assert (execution["status"], execution["error"]) == ("FAILED", "ReleaseRefused")
    assert served(runner) == {"campaignArn": "v2", "relatedCampaignArn": "v1", "rankingCampaignArn": "v2"}
    runner.run_started()
    assert campaigns(runner) == {
        SECOND["userPersonalization"],
        PLAIN["similarItems"],
        SECOND["personalizedRanking"],
    }
    assert runner.table.gaps == []


@pytest.mark.parametrize("fault", ["refusing", "silent"])
@pytest.mark.parametrize("used", ["", f"{GROUP}-category", f"{GROUP}-unread"])
def test_a_campaign_that_does_not_answer_is_withdrawn(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str], fault: str, used: str
) -> None:
    getattr(runner.runtime, fault)["userPersonalization/v2"] = used

    execution = runner.run("release", newspaper.release(newspaper.train("v2", ("userPersonalization",))))

    assert (execution["status"], execution["error"]) == ("FAILED", "ReleaseRefused")
    assert "Step: Smoke campaign (daily-userPersonalization)" in execution["cause"]
    assert campaigns(runner) == set(PLAIN.values())
    assert runner.weights == {GROUP: 100}


def test_a_campaign_that_ends_in_failure_is_withdrawn(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str]
) -> None:
    runner.personalize.failures["userPersonalization-b"] = "The capacity is not there."

    execution = runner.run("release", newspaper.release(newspaper.train("v2")))

    assert (execution["status"], execution["error"]) == ("FAILED", "ReleaseFailed")
    assert "The capacity is not there." in execution["cause"]
    assert served(runner) == {"campaignArn": "v1", "relatedCampaignArn": "v2", "rankingCampaignArn": "v2"}
    assert SECOND["userPersonalization"] not in campaigns(runner)


@pytest.mark.parametrize("share", [0, 10, 50])
def test_an_alarm_moves_the_traffic_back(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str], share: int
) -> None:
    traffic = {"steps": [10, 50, 100], "stepMinutes": 2, "soakHours": 1, "alarms": ["too-slow", "too-many-errors"]}
    runner.cloudwatch.alarms = {"too-slow": "OK", "too-many-errors": "INSUFFICIENT_DATA"}

    def ring(state: str) -> None:
        if state == "Shift traffic" and runner.weights.get(f"{GROUP}-b") == share:
            runner.cloudwatch.alarms["too-slow"] = "ALARM"

    runner.on_task = ring
    versions = newspaper.train("v2")

    execution = runner.run("release", newspaper.release(versions, traffic=traffic))

    assert (execution["status"], execution["error"]) == ("FAILED", "ReleaseFailed")
    assert "The alarm too-slow rings." in execution["cause"]
    assert runner.weights == {GROUP: 100}
    assert set(served(runner).values()) == {"v1"}
    assert campaigns(runner) == set(PLAIN.values())
    assert runner.rows[GROUP]["withdrawn"] == list(versions.values())
    assert runner.table.gaps == []
    assert runner.started == []


def test_a_version_that_was_taken_back_is_not_released_again_by_itself(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str]
) -> None:
    traffic = {"stepMinutes": 2, "alarms": ["too-slow"]}
    runner.cloudwatch.alarms = {"too-slow": "ALARM"}
    versions = newspaper.train("v2")
    runner.run("release", newspaper.release(versions, traffic=traffic))
    runner.cloudwatch.alarms = {"too-slow": "OK"}

    again = runner.run("release", newspaper.release(versions, traffic=traffic), "run-2")

    assert again["status"] == "SUCCEEDED"
    assert set(served(runner).values()) == {"v1"}
    assert "was taken back earlier" in runner.mails[-1]["message"]
    forced = runner.run("release", newspaper.release(versions, traffic=traffic, force=True), "run-3")
    assert forced["status"] == "SUCCEEDED"
    assert set(served(runner).values()) == {"v2"}


def test_an_alarm_that_does_not_exist_is_a_mistake_and_not_silence(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str]
) -> None:
    execution = runner.run("release", newspaper.release(newspaper.train("v2"), traffic={"alarms": ["nobody"]}))

    assert execution["status"] == "FAILED"
    assert "There is no CloudWatch alarm called nobody" in execution["cause"]
    assert set(served(runner).values()) == {"v1"}
    assert campaigns(runner) == set(PLAIN.values())
    assert "withdrawn" not in runner.rows[GROUP] or runner.rows[GROUP]["withdrawn"] == []


def test_an_alarm_in_the_soak_time_brings_the_version_before_back(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str]
) -> None:
    traffic = {"stepMinutes": 1, "soakHours": 1, "alarms": ["too-slow"]}
    runner.cloudwatch.alarms = {"too-slow": "OK"}
    versions = newspaper.train("v2")
    runner.run("release", newspaper.release(versions, traffic=traffic))
    runner.cloudwatch.alarms = {"too-slow": "ALARM"}

    [retired] = runner.run_started()

    assert (retired["status"], retired["error"]) == ("FAILED", "RetirementFailed")
    assert "An alarm rang in the soak time: the version before is served again." in runner.mails[-1]["message"]
    assert runner.weights == {GROUP: 100}
    assert set(served(runner).values()) == {"v1"}
    assert campaigns(runner) == set(PLAIN.values())
    assert set(runner.rows[GROUP]["withdrawn"]) == set(versions.values())
    assert runner.table.gaps == []


def test_a_newer_release_overtakes_the_retirement_of_the_one_before(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str]
) -> None:
    runner.run("release", newspaper.release(newspaper.train("v2")), "run-2")
    first = runner.started.pop()
    runner.run("release", newspaper.release(newspaper.train("v3")), "run-3")

    overtaken = runner.run("retire", first[1], "late")

    assert overtaken["status"] == "SUCCEEDED"
    assert set(served(runner).values()) == {"v3"}
    assert campaigns(runner) == {*PLAIN.values(), *SECOND.values()}
    runner.run_started()
    assert campaigns(runner) == set(PLAIN.values())


def test_the_version_before_stays_when_the_live_one_does_not_answer(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str]
) -> None:
    runner.run("release", newspaper.release(newspaper.train("v2")))
    runner.runtime.refusing["similarItems/v2"] = ""

    [retired] = runner.run_started()

    assert (retired["status"], retired["error"]) == ("FAILED", "RetirementFailed")
    assert campaigns(runner) == {*PLAIN.values(), *SECOND.values()}
    assert f"{GROUP}" in runner.rows


def test_a_campaign_that_no_row_names_is_updated_in_place_after_the_gate(
    runner: MachineRunner, newspaper: Newspaper
) -> None:
    def wanted(name: str, **metrics: float) -> dict[str, Any]:
        versions = newspaper.train(name, ("similarItems",), **metrics)
        return {**newspaper.release(versions), "settings": None}

    assert runner.run("release", wanted("v1"), "run-1")["status"] == "SUCCEEDED"
    assert runner.run("release", wanted("v2"), "run-2")["status"] == "SUCCEEDED"
    assert version_of(runner, PLAIN["similarItems"]) == "v2"
    assert runner.run("release", wanted("v3", **{NDCG: 0.01}), "run-3")["error"] == "ReleaseRefused"
    assert version_of(runner, PLAIN["similarItems"]) == "v2"
    runner.runtime.silent["similarItems/v4"] = ""
    assert runner.run("release", wanted("v4"), "run-4")["error"] == "ReleaseRefused"
    runner.personalize.finish()
    assert version_of(runner, PLAIN["similarItems"]) == "v2"
    assert campaigns(runner) == {PLAIN["similarItems"]}


def test_where_quotas_leave_no_room_the_lesser_campaigns_are_updated_in_place(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str]
) -> None:
    """GIVEN the default quota of five campaigns WHEN three have new versions THEN the front page's gets its slot."""
    runner.personalize.campaign_quota = 5

    execution = runner.run("release", newspaper.release(newspaper.train("v2")), "run-2")

    assert (execution["status"], execution.get("cause")) == ("SUCCEEDED", None)
    assert set(served(runner).values()) == {"v2"}
    assert runner.rows[f"{GROUP}-b"]["campaignArn"] == SECOND["userPersonalization"]
    assert len(campaigns(runner)) == 5
    [retired] = runner.run_started()
    assert retired["status"] == "SUCCEEDED"
    assert len(campaigns(runner)) == 3
    assert runner.table.gaps == []


def test_a_live_campaign_updated_in_place_that_does_not_answer_is_put_back(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str]
) -> None:
    runner.personalize.campaign_quota = 4
    runner.runtime.silent["similarItems/v2"] = ""

    execution = runner.run("release", newspaper.release(newspaper.train("v2")), "run-2")

    assert execution["error"] == "ReleaseRefused"
    runner.personalize.finish()
    assert served(runner) == {"campaignArn": "v2", "relatedCampaignArn": "v1", "rankingCampaignArn": "v2"}
    assert runner.rows[f"{GROUP}-b"]["relatedCampaignArn"] == PLAIN["similarItems"]


def test_without_room_for_the_main_campaign_the_release_says_what_to_ask_for(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str]
) -> None:
    runner.personalize.campaign_quota = 3

    execution = runner.run("release", newspaper.release(newspaper.train("v2")), "run-2")

    assert (execution["status"], execution["error"]) == ("FAILED", "ReleaseFailed")
    assert "LimitExceededException" in execution["cause"]
    assert "ask AWS for a higher quota" in execution["cause"]
    assert served(runner)["campaignArn"] == "v1"


def test_a_row_of_the_time_before_releases_is_the_live_arm(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str]
) -> None:
    """GIVEN a row as an older pipeline wrote it THEN a release goes on from there."""
    old = {"name", "status", "campaignArn", "relatedCampaignArn", "rankingCampaignArn", "trafficRatio", "context"}
    [key] = runner.table.items
    runner.table.items[key] = {name: value for name, value in runner.table.items[key].items() if name in old}

    assert runner.run("release", newspaper.release(newspaper.train("v2")))["status"] == "SUCCEEDED"
    assert runner.weights == {GROUP: 0, f"{GROUP}-b": 100}
    [retired] = runner.run_started()
    assert retired["status"] == "SUCCEEDED"
    assert campaigns(runner) == set(SECOND.values())


def test_a_row_that_leads_nowhere_is_replaced_at_once(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str]
) -> None:
    del runner.personalize.resources[PLAIN["userPersonalization"]]

    assert runner.run("release", newspaper.release(newspaper.train("v2")))["status"] == "SUCCEEDED"
    assert set(served(runner).values()) == {"v2"}


def test_another_dataset_groups_row_is_never_written(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str]
) -> None:
    other = {"name": f"{GROUP}-b", "status": "active", "trafficRatio": 1, "campaignArn": arn("campaign", "other")}
    runner.table.put_item(Item=other)

    execution = runner.run("release", newspaper.release(newspaper.train("v2")))

    assert execution["status"] == "FAILED"
    assert "belongs to the dataset group daily-b" in execution["cause"]
    assert runner.rows[f"{GROUP}-b"] == other


def test_a_dataset_group_without_traffic_is_released_without_steps(runner: MachineRunner, newspaper: Newspaper) -> None:
    for name in ("v1", "v2"):
        wanted = newspaper.release(newspaper.train(name))
        wanted["settings"]["trafficRatio"] = 0
        assert runner.run("release", wanted, name)["status"] == "SUCCEEDED"

    assert runner.weights == {GROUP: 0, f"{GROUP}-b": 0}
    assert runner.rows[f"{GROUP}-b"]["releasedAt"]
    runner.run_started()
    assert campaigns(runner) == set(SECOND.values())
