"""The whole workflow, run: what it makes, what a second run does, and what every failure ends in."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from fake_personalize import FakePersonalize, client_error
from workflow_runner import WorkflowRunner, read_definition

from tests.csv_files import good_files


@pytest.fixture
def workflow(
    load: Callable[[str], SimpleNamespace],
    personalize: FakePersonalize,
    parameters: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> WorkflowRunner:
    monkeypatch.setenv("PERSONALIZE_ROLE_ARN", "arn:aws:iam::123456789012:role/personalize")
    runner = WorkflowRunner(load, personalize)
    runner.file = json.dumps(parameters).encode()
    runner.files = good_files(parameters)
    runner.install(monkeypatch)
    return runner


def tasks() -> list[str]:
    found = []
    for name, state in read_definition()["States"].items():
        if state["Type"] == "Map":
            found += [n for n, inner in state["ItemProcessor"]["States"].items() if inner["Type"] == "Task"]
        elif state["Type"] == "Task":
            found.append(name)
    return found


def test_the_newspapers_file_ends_in_recommendations(workflow: WorkflowRunner, personalize: FakePersonalize) -> None:
    execution = workflow.run()

    assert (execution["status"], execution.get("error")) == ("SUCCEEDED", None)
    created = {name: personalize.count(name) for name, _ in personalize.calls if name.startswith("create_")}
    assert created == {
        "create_dataset_group": 1,
        "create_schema": 2,
        "create_dataset": 2,
        "create_dataset_import_job": 2,
        "create_solution": 3,
        "create_solution_version": 3,
        "create_campaign": 3,
        "create_event_tracker": 1,
        "create_filter": 3,
    }
    assert all(each["performAutoTraining"] is False for each in personalize.arguments("create_solution"))
    assert max(workflow.waits) <= 60


def test_exploration_is_sent_where_the_recipe_explores(workflow: WorkflowRunner, personalize: FakePersonalize) -> None:
    workflow.run()

    configs = {each["name"]: each.get("campaignConfig") for each in personalize.arguments("create_campaign")}
    exploration = {"explorationWeight": "0.3", "explorationItemAgeCutOff": "1"}
    assert configs["tgam-personalize-userPersonalizationCampaign"] == {"itemExplorationConfig": exploration}
    assert configs["tgam-personalize-similarItemsCampaign"] is None


def test_the_api_is_told(workflow: WorkflowRunner) -> None:
    workflow.run()

    [row] = workflow.rows
    account = "arn:aws:personalize:us-east-1:123456789012"
    assert (row["name"], row["status"], row["trafficRatio"]) == ("tgam-personalize", "active", 100)
    assert row["campaignArn"] == f"{account}:campaign/tgam-personalize-userPersonalizationCampaign"
    assert row["eventTrackerId"] == "11111111-2222-3333-4444-555555555555"
    assert row["datasetArn"] == f"{account}:dataset/tgam-personalize/ITEMS"
    assert {context: entry["filter_name"] for context, entry in row["context"].items()} == {
        "art_same_section_mostpopular": "tgam-personalize-category",
        "default": "tgam-personalize-unread",
        "mobile_art_morestories": "tgam-personalize-exclcat",
    }
    assert row["context"]["art_same_section_mostpopular"]["filter_values"] == ["category"]


def test_success_is_told_by_mail(workflow: WorkflowRunner) -> None:
    workflow.run()

    [mail] = workflow.mails
    assert mail["subject"] == "[tgam-dev] Recommendations of tgam-personalize are ready"
    assert "Event tracker tgam-personalize-eventTracker: tracking id 11111111-2222" in mail["message"]
    assert "https://us-east-1.console.aws.amazon.com/states/home?region=us-east-1#/v2/executions" in mail["message"]


def test_the_same_file_again_imports_and_trains_and_reuses_the_rest(
    workflow: WorkflowRunner, personalize: FakePersonalize
) -> None:
    workflow.run("run-1")
    before = dict(personalize.resources)

    execution = workflow.run("run-2")

    assert execution["status"] == "SUCCEEDED"
    new = sorted(arn.split(":", 5)[-1] for arn in personalize.resources.keys() - before.keys())
    assert new == [
        "dataset-import-job/tgam-personalize-interactions-run-2",
        "dataset-import-job/tgam-personalize-items-run-2",
        "solution/tgam-personalize-personalizedRanking/run-2",
        "solution/tgam-personalize-similarItems/run-2",
        "solution/tgam-personalize-userPersonalization/run-2",
    ]
    deployed = [
        members["solutionVersionArn"].rsplit("/", 1)[-1]
        for arn, members in personalize.resources.items()
        if ":campaign/" in arn
    ]
    assert deployed == ["run-2"] * 3


def test_the_smallest_file_needs_interactions_and_one_solution_only(
    workflow: WorkflowRunner, parameters: dict[str, Any], personalize: FakePersonalize
) -> None:
    for section, keep in (("datasets", "Interactions"), ("solutions", "similarItems")):
        parameters[section] = {keep: parameters[section][keep]}
    parameters["campaigns"] = {"similarItemsCampaign": parameters["campaigns"]["similarItemsCampaign"]}
    parameters["filters"] = []
    del parameters["eventTracker"]
    workflow.file = json.dumps(parameters).encode()

    execution = workflow.run()

    assert (execution["status"], execution.get("cause")) == ("SUCCEEDED", None)
    assert personalize.count("create_campaign") == 1
    assert workflow.rows == []
    assert "eventTracker: There is no event tracker" in workflow.mails[0]["message"]


def test_the_older_keys_are_understood(
    workflow: WorkflowRunner, parameters: dict[str, Any], personalize: FakePersonalize
) -> None:
    parameters["solutions"]["sims"] = parameters["solutions"].pop("similarItems")
    parameters["campaigns"]["simsCampaign"] = parameters["campaigns"].pop("similarItemsCampaign")
    for entry in parameters["filters"]:
        del entry["context"]
    workflow.file = json.dumps(parameters).encode()

    assert workflow.run()["status"] == "SUCCEEDED"
    assert personalize.count("create_campaign") == 3
    assert list(workflow.rows[0]["context"]) == ["default"]
    assert workflow.rows[0]["context"]["default"]["filter_name"] == "tgam-personalize-unread"


def test_a_changed_filter_and_schema_get_successors_the_api_uses(
    workflow: WorkflowRunner, parameters: dict[str, Any], personalize: FakePersonalize
) -> None:
    workflow.run("run-1")
    changed = copy.deepcopy(parameters)
    changed["filters"][1]["filterExpression"] = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("page_view")'
    workflow.file = json.dumps(changed).encode()

    assert workflow.run("run-2")["status"] == "SUCCEEDED"
    names = [each["name"] for each in personalize.arguments("create_filter")]
    assert len(names) == 4
    assert workflow.rows[-1]["context"]["default"]["filter_name"] == names[-1]
    assert names[-1].startswith("tgam-personalize-unread-")


def test_a_wrong_file_creates_nothing_and_names_every_mistake(
    workflow: WorkflowRunner, parameters: dict[str, Any], personalize: FakePersonalize
) -> None:
    parameters["solutions"]["similarItems"]["recipeArn"] = "arn:aws:personalize:::recipe/aws-similar"
    parameters["campaigns"]["userPersonalizationCampaign"]["minProvisionedTPS"] = 0
    workflow.file = json.dumps(parameters).encode()

    execution = workflow.run()

    assert (execution["status"], execution["error"]) == ("FAILED", "ParametersRefused")
    assert {name.partition("_")[0] for name, _ in personalize.calls} == {"list"}
    [mail] = workflow.mails
    assert mail["subject"] == "[tgam-dev] Parameter file refused: 2 mistakes"
    for text in ("solutions.similarItems.recipeArn", "campaigns.userPersonalizationCampaign.minProvisionedTPS"):
        assert text in mail["message"]
        assert text in execution["cause"]


def test_a_failed_training_tells_why_and_lets_the_others_finish(
    workflow: WorkflowRunner, personalize: FakePersonalize
) -> None:
    version = "tgam-personalize-similarItems/run-1"
    personalize.failures[version] = "Dataset has fewer than 25 users with at least 2 interactions each."

    execution = workflow.run("run-1")

    assert (execution["status"], execution["error"]) == ("FAILED", "DeploymentFailed")
    assert personalize.count("create_campaign") == 2
    assert personalize.count("create_filter") == 0
    [mail] = workflow.mails
    assert "Step: Describe solution version (similarItems)" in mail["message"]
    assert f"solution/{version} is CREATE FAILED: Dataset has fewer than 25 users" in mail["message"]
    assert "Dataset has fewer than 25 users" in execution["cause"]


def test_failures_of_several_branches_are_all_told(workflow: WorkflowRunner, personalize: FakePersonalize) -> None:
    personalize.failures |= {"interactions-run-1": "No data.", "items-run-1": "Missing columns: [CATEGORY]."}

    workflow.run("run-1")

    [mail] = workflow.mails
    assert "No data." in mail["message"]
    assert "Missing columns: [CATEGORY]." in mail["message"]


@pytest.mark.parametrize("state", tasks())
def test_whatever_task_fails_the_execution_fails_and_the_mail_names_it(workflow: WorkflowRunner, state: str) -> None:
    if state == "Notify refusal":
        workflow.files = {}
    if state == "Notify failure":
        workflow.faults["Check parameters"] = [("Boom", "first")]
    workflow.faults[state] = [("Boom", "It broke.")] * 9

    execution = workflow.run()

    assert execution["status"] == "FAILED"
    if state.startswith("Notify"):
        assert execution["error"] == "NotificationFailed"
        assert "The mail could not be sent" in execution["cause"]
        assert workflow.mails == []
    else:
        assert execution["error"] == "DeploymentFailed"
        [mail] = workflow.mails
        assert f"Step: {state}" in mail["message"]
        assert "Cause: It broke." in mail["message"]


@pytest.mark.parametrize("state", tasks())
@pytest.mark.parametrize("error", ["Lambda.TooManyRequestsException", "TryAgainError", "States.Timeout"])
def test_passing_faults_are_outwaited_and_nothing_is_made_twice(
    workflow: WorkflowRunner, personalize: FakePersonalize, state: str, error: str
) -> None:
    if state == "Notify refusal":
        workflow.files = {}
    if state == "Notify failure":
        workflow.faults["Plan resources"] = [("Boom", "first")]
    workflow.faults[state] = [(error, "not now")] * 2

    execution = workflow.run()

    expected = "FAILED" if state in ("Notify failure", "Notify refusal") else "SUCCEEDED"
    assert execution["status"] == expected
    assert len(workflow.mails) == 1
    assert personalize.count("create_solution_version") in (0, 3)


def test_a_training_whose_reply_is_lost_is_not_started_again(
    workflow: WorkflowRunner, personalize: FakePersonalize
) -> None:
    """GIVEN a function that starts the training and then dies, WHEN Step Functions retries it, THEN it is found."""
    create, lost = personalize._create, []

    def create_and_die(noun: str, arguments: dict[str, Any]) -> dict[str, Any]:
        reply = create(noun, arguments)
        if noun == "solution_version" and len(lost) < 3:
            lost.append(arguments)
            raise client_error("ServiceUnavailable", "the reply was lost", http_status=503)
        return reply

    personalize._create = create_and_die

    assert workflow.run()["status"] == "SUCCEEDED"
    versions = [arn for arn in personalize.resources if arn.count("/") == 2 and ":solution/" in arn]
    assert (len(lost), len(versions)) == (3, 3)


def test_quotas_of_running_jobs_are_outwaited(workflow: WorkflowRunner, personalize: FakePersonalize) -> None:
    full = client_error("LimitExceededException", "More than 5 resources with PENDING or IN_PROGRESS status.")
    personalize.faults["create_dataset_import_job"] += [full] * 4

    assert workflow.run()["status"] == "SUCCEEDED"
    assert personalize.count("create_dataset_import_job") == 6


def test_an_execution_stopped_anywhere_is_completed_by_the_next_upload(
    workflow: WorkflowRunner, personalize: FakePersonalize
) -> None:
    for index, state in enumerate(["Ensure dataset", "Ensure import job", "Ensure campaign", "Ensure filter"]):
        workflow.faults[state] = [("Aborted", "stopped")]
        assert workflow.run(f"run-{index}")["status"] == "FAILED"

    assert workflow.run("run-9")["status"] == "SUCCEEDED"
    assert personalize.count("create_dataset_group") == 1
    assert personalize.count("create_solution") == 3
