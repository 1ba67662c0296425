"""Each weakness known of pipelines of this kind, by its number in the newspaper's list: none may come back.

Weaknesses of the release (3), the deletion (12) and of monitoring (20) are tested where those are; 19 was one of a
data job that is no part of this.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from fake_personalize import FakePersonalize, client_error
from function_loader import make_plan, planned
from ministack.services import stepfunctions
from pipeline.kinds import KINDS
from workflow_runner import WorkflowRunner

from tests.csv_files import data_file

PROJECT = Path(__file__).parents[1]


def test_1_a_failed_training_fails_the_execution_and_the_live_campaign_stays(
    workflow: WorkflowRunner, parameters: dict[str, Any], personalize: FakePersonalize
) -> None:
    workflow.run("run-1")
    live = {arn: each["solutionVersionArn"] for arn, each in personalize.resources.items() if ":campaign/" in arn}
    parameters["solutions"]["userPersonalization"]["eventType"] = "page_view"
    workflow.file = json.dumps(parameters).encode()
    personalize.fails["/v-"] = "Internal error."

    assert workflow.run("run-2")["status"] == "FAILED"
    assert {arn: personalize.resources[arn]["solutionVersionArn"] for arn in live} == live
    assert not any(name.startswith("delete_") for name, _ in personalize.calls)
    assert len(workflow.rows) == 1


@pytest.mark.parametrize(
    "error",
    [
        {"Error": "States.TaskFailed", "Cause": "{not JSON"},
        {"Error": "Boom", "Cause": '{"errorMessage": "It broke."}'},
        {"Error": "Boom", "Cause": ""},
    ],
)
def test_2_whatever_the_error_looks_like_there_is_a_mail(
    load: Callable[[str], SimpleNamespace], error: dict[str, str]
) -> None:
    execution = {"Id": "arn:aws:states:us-east-1:123456789012:execution:Deploy:run-1", "StartTime": "now"}
    event = {
        "outcome": "FAILED",
        "execution": execution,
        "object": {"bucket": "b", "key": "k"},
        "failures": [{"state": "Plan resources", "error": error}],
    }

    notification = load("send_notification").notification.compose(event, "tgam-dev")

    assert "Step: Plan resources" in notification.message
    assert notification.error == "DeploymentFailed"


def test_4_lists_are_read_to_their_last_page(workflow: WorkflowRunner, personalize: FakePersonalize) -> None:
    """GIVEN a Personalize whose pages have two entries, WHEN there are more THEN those on later pages are found."""
    for number in range(5):
        personalize.create_dataset_group(name=f"other-{number}")
    personalize.finish()

    assert workflow.run("run-1")["status"] == "SUCCEEDED"
    assert workflow.run("run-2")["status"] == "SUCCEEDED"
    assert personalize.count("create_solution_version") == 3


def test_5_a_schema_that_is_the_same_is_not_made_again(workflow: WorkflowRunner, personalize: FakePersonalize) -> None:
    workflow.run("run-1")
    for arn, members in personalize.resources.items():
        if ":schema/" in arn:
            members["schema"] = json.dumps(json.loads(members["schema"]), indent=4, sort_keys=False)

    workflow.run("run-2")

    assert personalize.count("create_schema") == 2


def test_6_exploration_is_sent_when_a_campaign_is_made_and_when_it_changes(
    workflow: WorkflowRunner, parameters: dict[str, Any], personalize: FakePersonalize
) -> None:
    workflow.run("run-1")
    config = parameters["campaigns"]["userPersonalizationCampaign"]["campaignConfig"]
    sent = [each.get("campaignConfig") for each in personalize.arguments("create_campaign")]
    assert config in sent

    config["itemExplorationConfig"]["explorationWeight"] = "0.5"
    workflow.file = json.dumps(parameters).encode()
    workflow.run("run-2")

    assert [each["campaignConfig"] for each in personalize.arguments("update_campaign")] == [config]


def test_7_a_solution_that_is_not_ready_at_once_is_waited_for(
    workflow: WorkflowRunner, personalize: FakePersonalize
) -> None:
    workflow.run()

    for arguments in personalize.arguments("describe_solution"):
        assert set(arguments) == {"solutionArn"}
    assert personalize.count("describe_solution") > 3


def test_8_waits_are_bounded_and_each_task_has_a_limit() -> None:
    waits = [kind.wait for kind in KINDS.values() if kind.wait]

    assert max(wait.next_s(10 * 24 * 3600) for wait in waits) <= 900
    text = (PROJECT / "statemachines" / "deploy.asl.yaml").read_text()
    tasks = text.count("Type: Task")
    assert text.count("TimeoutSeconds: 120") == tasks - 1  # the release, which is a run of its own, has two days
    assert text.count("TimeoutSeconds: 172800") == 1


def test_9_a_retry_after_a_lost_reply_does_not_train_twice(
    workflow: WorkflowRunner, personalize: FakePersonalize
) -> None:
    create, lost = personalize._create, []

    def create_and_die(noun: str, arguments: dict[str, Any]) -> dict[str, Any]:
        reply = create(noun, arguments)
        if noun == "solution_version" and not lost:
            lost.append(arguments)
            raise client_error("InternalFailure", "the reply was lost", http_status=500)
        return reply

    personalize._create = create_and_die

    assert workflow.run()["status"] == "SUCCEEDED"
    assert len([arn for arn in personalize.resources if arn.count("/") == 2 and ":solution/" in arn]) == 3


def test_10_a_missing_key_is_found_before_anything_is_made_and_no_dataset_is_left_out(
    workflow: WorkflowRunner, parameters: dict[str, Any], personalize: FakePersonalize
) -> None:
    del parameters["datasets"]["Items"]["name"]
    del parameters["campaigns"]["userPersonalizationCampaign"]["name"]
    workflow.file = json.dumps(parameters).encode()

    assert workflow.run()["status"] == "FAILED"
    assert not any(name.startswith("create_") for name, _ in personalize.calls)
    for path in ("datasets.Items.name", "campaigns.userPersonalizationCampaign.name"):
        assert path in workflow.mails[-1]["message"]


def test_11_uploads_build_nothing_anew_and_leave_no_orphans(
    workflow: WorkflowRunner, personalize: FakePersonalize
) -> None:
    workflow.run("run-1")
    before = set(personalize.resources)

    for number in range(3):
        workflow.run(f"again-{number}")

    assert set(personalize.resources) == before


def test_13_two_uploads_in_one_second_are_two_runs_and_one_event_twice_is_one(
    load: Callable[[str], SimpleNamespace], event: Callable[[str], dict[str, Any]]
) -> None:
    trigger, first = load("start_workflow").trigger, event("s3-parameter-file")
    second = copy.deepcopy(first)
    second["Records"][0]["s3"]["object"] |= {"versionId": "v2", "sequencer": "1"}
    backup = copy.deepcopy(first)
    backup["Records"][0]["s3"]["object"]["key"] = "params.json.bak"

    names = [
        upload.execution_name
        for sent in (first, second, first, backup)
        for upload in trigger.parameter_uploads(sent, "params.json")
    ]

    assert len(names) == 3
    assert len(set(names)) == 2


def test_13_two_runs_of_a_dataset_group_queue_and_the_older_file_does_not_win(
    workflow: WorkflowRunner, personalize: FakePersonalize, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = "arn:aws:states:us-east-1:123456789012:execution:Deploy:other"
    workflow.running.add(other)
    workflow.locks.put_item(Item={"name": "tgam-personalize", "owner": other})
    waited = workflow._wait

    def wait(seconds: float) -> None:
        waited(seconds)
        if workflow.personalize.now.minute >= 30:
            workflow.running.discard(other)
            workflow.bucket.version_id = "v2"

    monkeypatch.setattr(stepfunctions, "_scaled_sleep", wait)
    execution = workflow.run()

    assert execution["status"] == "SUCCEEDED"
    assert workflow.mails[-1]["subject"].endswith("left to a newer upload")
    assert not any(name.startswith("create_") for name, _ in personalize.calls)


def test_14_data_that_are_missing_empty_nothing(workflow: WorkflowRunner, personalize: FakePersonalize) -> None:
    """GIVEN a group with data, WHEN the next run finds no file of Items, THEN the data stay, and a warning says so."""
    workflow.run("run-1")
    imports = personalize.count("create_dataset_import_job")
    workflow.files["Items"] = []

    assert workflow.run("run-2")["status"] == "SUCCEEDED"
    assert personalize.count("create_dataset_import_job") == imports
    assert "datasets.Items" in workflow.mails[-1]["message"]


def test_15_what_is_imported_is_what_was_there_when_the_run_planned(
    workflow: WorkflowRunner, personalize: FakePersonalize
) -> None:
    """GIVEN data that come after the file, WHEN the file is uploaded again after them, THEN they are imported."""
    workflow.run("run-1")
    [first] = workflow.files["Interactions"]
    late = data_file("Interactions/late.csv", first.read(0, first.size_bytes))
    workflow.files["Interactions"] = [*workflow.files["Interactions"], late]

    workflow.run("run-2")

    names = [each["jobName"].rsplit("-", 2)[0] for each in personalize.arguments("create_dataset_import_job")]
    assert names.count("tgam-personalize-interactions") == 2


def test_16_filters_hold_no_date(parameters: dict[str, Any], personalize: FakePersonalize) -> None:
    steps = planned(make_plan(parameters))

    for key, step in steps.items():
        if key.startswith("filter:"):
            assert "$minTimestamp" in step["arguments"]["filterExpression"]


def test_17_the_row_is_replaced_at_once_and_an_error_of_the_table_fails_the_run(workflow: WorkflowRunner) -> None:
    workflow.faults["Release"] = [("ClientError", "The table does not exist.")] * 9

    execution = workflow.run()

    assert execution["status"] == "FAILED"
    assert "The table does not exist." in workflow.mails[-1]["message"]


def test_18_a_few_functions_each_with_its_own_role() -> None:
    text = (PROJECT / "template.yaml").read_text().replace("!", "")
    functions = {
        name: resource
        for name, resource in yaml.safe_load(text)["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }

    assert len(functions) <= 20
    assert not any("Role" in resource["Properties"] for resource in functions.values())
    for resource in functions.values():
        for policy in resource["Properties"].get("Policies", []):
            for statement in policy["Statement"]:
                actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
                assert not any("*" in action for action in actions)
