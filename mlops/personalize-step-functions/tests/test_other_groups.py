"""Dataset groups unlike the newspaper's, whole: names with a prefix of one's own, and a domain's recommenders."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from deletable_personalize import DeletablePersonalize
from machine_runner import MachineRunner
from workflow_runner import WorkflowRunner

from tests.csv_files import csv_text, data_file, good_files, good_rows

GROUP = "tgam-personalize"
VIDEOS = Path(__file__).parents[2] / "examples" / "recommenders.json"


@pytest.fixture
def machines(workflow: WorkflowRunner, monkeypatch: pytest.MonkeyPatch) -> Callable[[], MachineRunner]:
    """Give the interpreter to the other machines, over the same account, when the workflow has run."""

    def take_over() -> MachineRunner:
        workflow.machines.scheduler = workflow.scheduler
        workflow.machines.install(monkeypatch)
        return workflow.machines

    return take_over


def tear_down(machines: MachineRunner, group: str) -> None:
    execution = machines.run("teardown", {"dataset_group": group, "dry_run": False}, "teardown")
    assert (execution["status"], execution.get("cause")) == ("SUCCEEDED", None)
    assert all(":dataset-import-job/" in arn for arn in machines.personalize.resources)  # history, as on AWS
    assert list(machines.locks_table) == []


def names(personalize: DeletablePersonalize, kind: str) -> set[str]:
    return {arn.rsplit("/", 1)[-1] for arn in personalize.resources if f":{kind}/" in arn}


def served(workflow: WorkflowRunner) -> set[str]:
    """The versions that the row with traffic leads to."""
    [row] = [row for row in workflow.machines.rows.values() if row["trafficRatio"] > 0]
    arns = [row[column] for column in ("campaignArn", "relatedCampaignArn", "rankingCampaignArn")]
    return {workflow.personalize.resources[arn]["solutionVersionArn"] for arn in arns}


@pytest.mark.parametrize("prefix", ["news-", ""])
def test_names_with_another_prefix_are_released_rolled_back_and_torn_down(
    workflow: WorkflowRunner,
    machines: Callable[[], MachineRunner],
    parameters: dict[str, Any],
    personalize: DeletablePersonalize,
    prefix: str,
) -> None:
    workflow.file = json.dumps({**parameters, "namePrefix": prefix}).encode()
    assert workflow.run("run-1")["status"] == "SUCCEEDED"
    plain = {f"{prefix}{each['name']}" for each in parameters["campaigns"].values()}
    assert names(personalize, "campaign") == plain
    first = served(workflow)
    workflow.files["Items"] = [data_file("Items/2.csv", csv_text(good_rows(parameters, "Items")[:20]))]

    again = workflow.run("run-2")

    assert (again["status"], again.get("cause")) == ("SUCCEEDED", None)
    assert names(personalize, "campaign") == plain | {f"{name}-b" for name in plain}
    assert not served(workflow) & first
    for arn, members in personalize.resources.items():
        if arn.count("/") == 2 and ":solution/" in arn:
            members["recipeArn"] = personalize.resources[members["solutionArn"]]["recipeArn"]
    runner = machines()
    rolled = runner.run("rollback", {"dataset_group": GROUP}, "back")
    assert (rolled["status"], rolled.get("cause")) == ("SUCCEEDED", None)
    assert served(workflow) == first
    tear_down(runner, GROUP)


def test_a_domains_recommenders_are_made_left_and_torn_down(
    workflow: WorkflowRunner, machines: Callable[[], MachineRunner], personalize: DeletablePersonalize
) -> None:
    parameters = json.loads(VIDEOS.read_text())
    workflow.file, workflow.files = json.dumps(parameters).encode(), good_files(parameters)

    for name in ("run-1", "run-2"):
        execution = workflow.run(name)
        assert (execution["status"], execution.get("cause")) == ("SUCCEEDED", None)

    made = personalize.count("create_recommender")
    assert made == len(names(personalize, "recommender")) == len(parameters["recommenders"])
    assert "Recommender " in workflow.mails[-1]["message"]
    assert len(workflow.scheduler.schedules) == len(parameters.get("schedules", {}))
    tear_down(machines(), parameters["datasetGroup"]["name"])
    assert workflow.scheduler.schedules == {}
