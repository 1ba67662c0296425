"""Teardowns: everything goes, in any state, whatever interrupts it; others' things stay; a dry run touches nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from machine_runner import MachineRunner, read_machine
from newspaper_account import GROUP, Newspaper, arn
from pipeline.schedules import Schedules, Target

WANTED = {"dataset_group": GROUP, "dry_run": False}
TASKS = [
    name
    for states in (
        read_machine("teardown")["States"],
        read_machine("teardown")["States"]["Delete stage"]["ItemProcessor"]["States"],
    )
    for name, state in states.items()
    if state["Type"] == "Task" and name != "Notify plan"
]


@pytest.fixture
def messy(runner: MachineRunner, newspaper: Newspaper, live: dict[str, str]) -> MachineRunner:
    """A newspaper in the middle of a release, with a failed version, one in training, and an older schema."""
    personalize = runner.personalize
    runner.run("release", newspaper.release(newspaper.train("v2")))
    solution = arn("solution", f"{GROUP}-similarItems")
    personalize.failures["similarItems/broken"] = "Too few interactions."
    personalize.create_solution_version(solutionArn=solution, name="broken", trainingMode="FULL")
    personalize.finish()
    personalize.create_solution_version(solutionArn=solution, name="training", trainingMode="FULL")
    personalize.create_schema(name="DailyItems-0123abcd", schema="{}")
    return runner


def neighbours(runner: MachineRunner) -> set[str]:
    """Another dataset group, which uses a schema of its own and one of the newspaper's."""
    personalize = runner.personalize
    group = personalize.create_dataset_group(name=f"{GROUP}-b-side")["datasetGroupArn"]
    own = personalize.create_schema(name="DailyItemsOfOthers", schema="{}")["schemaArn"]
    shared = arn("schema", "DailyInteractions")
    for kind, schema in (("Items", own), ("Interactions", shared)):
        personalize.create_dataset(name=kind, schemaArn=schema, datasetGroupArn=group, datasetType=kind)
    personalize.finish()
    return {group, own, shared, arn("dataset", f"{GROUP}-b-side/ITEMS"), arn("dataset", f"{GROUP}-b-side/INTERACTIONS")}


def test_everything_is_deleted(messy: MachineRunner) -> None:
    execution = messy.run("teardown", WANTED)

    assert (execution["status"], execution.get("cause")) == ("SUCCEEDED", None)
    assert messy.personalize.resources == {}
    assert messy.rows == {}
    assert list(messy.locks_table) == []
    assert messy.mails[-1]["outcome"] == "TORN_DOWN"
    assert messy.personalize.count("stop_solution_version_creation") == 1


def test_what_others_use_stays(messy: MachineRunner) -> None:
    others = neighbours(messy)
    messy.table.put_item(Item={"name": "other", "status": "active", "trafficRatio": 1})

    execution = messy.run("teardown", WANTED)

    assert (execution["status"], execution.get("cause")) == ("SUCCEEDED", None)
    assert messy.personalize.resources.keys() == others
    assert list(messy.rows) == ["other"]


def with_schedules_and_jobs(messy: MachineRunner) -> None:
    """Two schedules, and a batch job of each kind, one of another dataset group's solution."""
    target = Target("arn:machine", "arn:role", "arn:queue", "bucket", "params.json")
    wanted = {"import": "rate(1 day)", "train": "rate(7 days)"}
    Schedules(messy.scheduler, "tgam-dev").bring_in_line(GROUP, wanted, target)
    Schedules(messy.scheduler, "tgam-dev").bring_in_line("other", wanted, target)
    version = arn("solution", f"{GROUP}-userPersonalization/v1")
    place = {"s3DataSource": {"path": "s3://bucket/in.json"}}, {"s3DataDestination": {"path": "s3://bucket/out/"}}
    for name, about in (("letter", version), ("other", version.replace(GROUP, "other"))):
        messy.personalize.create_batch_inference_job(
            jobName=name,
            solutionVersionArn=about,
            jobInput=place[0],
            jobOutput=place[1],
            roleArn="arn:aws:iam::1:role/r",
        )
    messy.personalize.finish()


def test_schedules_go_and_batch_jobs_are_reported(messy: MachineRunner) -> None:
    with_schedules_and_jobs(messy)

    dry = messy.run("teardown", {"dataset_group": GROUP}, "dry")
    listed = json.loads(dry["output"])["stages"][0]
    execution = messy.run("teardown", WANTED, "real")

    assert listed["name"] == "schedules"
    assert [each["name"] for each in listed["resources"]] == [f"{GROUP}-import", f"{GROUP}-train"]
    assert (execution["status"], execution.get("cause")) == ("SUCCEEDED", None)
    assert {name for _, name in messy.scheduler.schedules} == {"other-import", "other-train"}
    for mail in messy.mails[-2:]:
        assert "Personalize cannot delete jobs, so these stay as history: 1 batch inference job(s)." in mail["message"]


@pytest.mark.parametrize("wanted", [{"dataset_group": GROUP}, {"dataset_group": GROUP, "dry_run": True}])
def test_a_dry_run_deletes_nothing_and_lists_all(messy: MachineRunner, wanted: dict[str, Any]) -> None:
    before = set(messy.personalize.resources)

    execution = messy.run("teardown", wanted)

    assert execution["status"] == "SUCCEEDED"
    assert set(messy.personalize.resources) == before
    assert {name for name, _ in messy.personalize.calls if name.startswith(("delete", "stop"))} == set()
    mail = messy.mails[-1]
    assert mail["outcome"] == "TEARDOWN_PLANNED"
    told = [each for each in before if each in mail["message"]]
    versions = [each for each in before if each.count("/") == 2 and ":solution/" in each]
    assert set(told) >= before - set(versions)
    assert list(messy.locks_table) == []


def test_the_settings_go_before_what_they_lead_to(messy: MachineRunner) -> None:
    messy.waits.clear()
    rows: list[int] = []
    messy.on_task = lambda state: rows.append(len(messy.rows)) if messy.personalize.count("delete_campaign") else None

    messy.run("teardown", WANTED)

    assert set(rows) == {0}
    assert 60 in messy.waits


def test_tearing_down_nothing_is_done_at_once(runner: MachineRunner) -> None:
    execution = runner.run("teardown", {"dataset_group": "nobody", "dry_run": False})

    assert execution["status"] == "SUCCEEDED"


@pytest.mark.parametrize("state", TASKS)
def test_a_teardown_outlasts_passing_faults_and_lost_answers(messy: MachineRunner, state: str) -> None:
    if state == "Notify failure":
        messy.faults["Look again"] = [("Boom", "first")]
    messy.faults.setdefault(state, []).extend([("Lambda.TooManyRequestsException", "not now")] * 2)
    messy.lost[state] = 2

    execution = messy.run("teardown", WANTED)

    assert execution["status"] == ("FAILED" if state == "Notify failure" else "SUCCEEDED")
    assert messy.personalize.resources == {}


@pytest.mark.parametrize("state", TASKS)
def test_a_teardown_that_fails_is_told_and_the_next_completes_it(messy: MachineRunner, state: str) -> None:
    if state == "Notify failure":
        messy.faults["List resources"] = [("Boom", "first")]
    messy.faults.setdefault(state, []).extend([("Boom", "It broke.")] * 9)

    execution = messy.run("teardown", WANTED, "run-1")

    if state.startswith("Notify"):
        assert execution["error"] == "NotificationFailed"
    elif state != "Free lock":
        assert execution["error"] == "TeardownFailed"
        assert f"Step: {state}" in messy.mails[-1]["message"]
    messy.faults.clear()
    assert messy.run("teardown", WANTED, "run-2")["status"] == "SUCCEEDED"
    assert messy.personalize.resources == {}


@pytest.mark.parametrize("stage", range(9))
@pytest.mark.parametrize("place", ["before", "after"])
def test_a_teardown_stopped_at_any_stage_is_completed_by_the_next(messy: MachineRunner, stage: int, place: str) -> None:
    """Also between the datasets and their schemas, which then nothing but our own note leads to."""
    seen: list[int] = []

    def stop(state: str) -> None:
        if state == "Delete resource" and len(seen) < stage * 3:
            seen.append(stage)
        elif state == "Delete resource":
            messy.stops.add(f"{place} Delete resource")

    messy.on_task = stop
    assert messy.run("teardown", WANTED, "run-1")["status"] == "ABORTED"
    messy.on_task = lambda state: None
    messy.stops.clear()

    assert messy.run("teardown", WANTED, "run-2")["status"] == "SUCCEEDED"
    assert messy.personalize.resources == {}
    assert list(messy.locks_table) == []


def test_a_teardown_stopped_between_datasets_and_schemas_finds_the_schemas_again(messy: MachineRunner) -> None:
    def stop(state: str) -> None:
        kinds = {each.split(":")[5].split("/")[0] for each in messy.personalize.resources}
        if "dataset" not in kinds:
            messy.stops.add(f"before {state}")

    messy.on_task = stop
    assert messy.run("teardown", WANTED, "run-1")["status"] == "ABORTED"
    assert any(":schema/" in each for each in messy.personalize.resources)
    messy.on_task = lambda state: None
    messy.stops.clear()

    assert messy.run("teardown", WANTED, "run-2")["status"] == "SUCCEEDED"
    assert messy.personalize.resources == {}


def test_what_appears_meanwhile_is_told(messy: MachineRunner) -> None:
    def meddle(state: str) -> None:
        if state == "Look again":
            messy.table.put_item(Item={"name": GROUP, "status": "active", "trafficRatio": 1})

    messy.on_task = meddle

    execution = messy.run("teardown", WANTED)

    assert (execution["status"], execution["error"]) == ("FAILED", "TeardownFailed")
    assert "start it again" in messy.mails[-1]["message"]
