"""The whole workflow, run: what it makes, what a second run does, and what every failure ends in."""

from __future__ import annotations

import copy
import json
import re
from datetime import timedelta
from typing import Any

from deletable_personalize import DeletablePersonalize
from fake_personalize import FakePersonalize, client_error
from workflow_runner import WorkflowRunner

from tests.csv_files import csv_text, data_file, good_files, good_rows


def test_the_newspapers_file_ends_in_recommendations(workflow: WorkflowRunner, personalize: FakePersonalize) -> None:
    execution = workflow.run()

    assert (execution["status"], execution.get("cause")) == ("SUCCEEDED", None)
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
    assert list(workflow.locks) == []


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
    assert row["context"]["art_same_section_mostpopular"]["filter_values"] == ["category", "minTimestamp"]


def test_success_is_told_by_mail(workflow: WorkflowRunner) -> None:
    workflow.run()

    start, mail = workflow.mails
    assert start["subject"] == "[tgam-dev] Deployment of tgam-personalize has started"
    assert mail["subject"] == "[tgam-dev] Recommendations of tgam-personalize are ready"
    assert "Event tracker tgam-personalize-eventTracker: tracking id 11111111-2222" in mail["message"]
    assert "https://us-east-1.console.aws.amazon.com/states/home?region=us-east-1#/v2/executions" in mail["message"]


def test_the_same_file_again_changes_nothing(workflow: WorkflowRunner, personalize: FakePersonalize) -> None:
    workflow.run("run-1")
    before = dict(personalize.resources)

    execution = workflow.run("run-2")

    assert execution["status"] == "SUCCEEDED"
    assert personalize.resources == before
    assert not any(name.startswith("update_") for name, _ in personalize.calls)
    assert workflow.rows[0] == workflow.rows[1]


def test_changed_data_are_imported_and_trained_on_and_served(
    workflow: WorkflowRunner, parameters: dict[str, Any], personalize: FakePersonalize
) -> None:
    workflow.run("run-1")
    before = dict(personalize.resources)
    workflow.files["Items"] = [data_file("Items/part-2.csv", csv_text(good_rows(parameters, "Items")[:20]))]

    assert workflow.run("run-2")["status"] == "SUCCEEDED"

    new = [
        re.sub(r"-[0-9a-f]{8}(-upload)?-1$", "", arn.split(":", 5)[-1])
        for arn in personalize.resources
        if arn not in before
    ]
    assert sorted(new) == [
        "campaign/tgam-personalize-personalizedRankingCampaign-b",
        "campaign/tgam-personalize-similarItemsCampaign-b",
        "campaign/tgam-personalize-userPersonalizationCampaign-b",
        "dataset-import-job/tgam-personalize-items",
        "solution/tgam-personalize-personalizedRanking/v",
        "solution/tgam-personalize-similarItems/v",
        "solution/tgam-personalize-userPersonalization/v",
    ]
    live = workflow.rows[-1]
    named = [live[column] for column in ("campaignArn", "relatedCampaignArn", "rankingCampaignArn")]
    assert (live["name"], live["trafficRatio"]) == ("tgam-personalize-b", 100)
    assert not {personalize.resources[campaign]["solutionVersionArn"] for campaign in named} & set(before)


def test_a_changed_solution_alone_is_trained_again(
    workflow: WorkflowRunner, parameters: dict[str, Any], personalize: FakePersonalize
) -> None:
    workflow.run("run-1")
    parameters["solutions"]["similarItems"]["eventType"] = "page_view"
    workflow.file = json.dumps(parameters).encode()

    assert workflow.run("run-2")["status"] == "SUCCEEDED"
    assert personalize.count("create_solution_version") == 4
    assert personalize.count("create_dataset_import_job") == 2


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
    assert "eventTracker: There is no event tracker" in workflow.mails[-1]["message"]


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


def test_a_changed_filter_gets_a_successor_and_the_old_one_goes(
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
    assert [each["filterArn"].rsplit("/", 1)[-1] for each in personalize.arguments("delete_filter")] == [
        "tgam-personalize-unread"
    ]
    assert 60 in workflow.waits  # the API remembers the old name for a while


def test_a_changed_schema_gets_a_successor_and_the_old_one_goes(
    workflow: WorkflowRunner, parameters: dict[str, Any], personalize: FakePersonalize
) -> None:
    workflow.run("run-1")
    personalize.now += timedelta(hours=2)
    field = {"name": "Author", "type": ["null", "string"], "categorical": True}
    parameters["datasets"]["Items"]["schema"]["fields"].append(field)
    workflow.file = json.dumps(parameters).encode()
    workflow.files = good_files(parameters)

    assert workflow.run("run-2")["status"] == "SUCCEEDED"

    [update] = personalize.arguments("update_dataset")
    assert "/TgamPersonalizeItems-" in update["schemaArn"]
    schemas = sorted(arn.rsplit("/", 1)[-1] for arn in personalize.resources if ":schema/" in arn)
    assert schemas == ["TgamPersonalizeInteractions", update["schemaArn"].rsplit("/", 1)[-1]]


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
    personalize.fails["tgam-personalize-similarItems/"] = "Dataset has fewer than 25 users."

    execution = workflow.run()

    assert (execution["status"], execution["error"]) == ("FAILED", "DeploymentFailed")
    trained = [arn for arn, each in personalize.resources.items() if arn.count("/") == 2 and each["status"] == "ACTIVE"]
    assert len([arn for arn in trained if ":solution/" in arn]) == 2
    assert personalize.count("create_campaign") == 0
    assert personalize.count("create_filter") == 3
    assert workflow.rows == []
    mail = workflow.mails[-1]
    assert "Step: Describe model (similarItems, solution version)" in mail["message"]
    assert "is CREATE FAILED: Dataset has fewer than 25 users" in mail["message"]
    assert "Dataset has fewer than 25 users" in execution["cause"]
    assert list(workflow.locks) == []


def test_a_failed_training_is_tried_again_by_the_next_upload_and_only_that(
    workflow: WorkflowRunner, personalize: FakePersonalize
) -> None:
    personalize.fails["tgam-personalize-similarItems/"] = "Internal error."
    workflow.run("run-1")
    personalize.fails.clear()

    assert workflow.run("run-2")["status"] == "SUCCEEDED"
    names = [each["name"].rsplit("-", 1) for each in personalize.arguments("create_solution_version")]
    assert sorted(number for _, number in names) == ["1", "1", "1", "2"]


def test_failures_of_several_branches_are_all_told(workflow: WorkflowRunner, personalize: FakePersonalize) -> None:
    personalize.fails |= {
        "import-job/tgam-personalize-int": "No data.",
        "import-job/tgam-personalize-it": "No columns.",
    }

    workflow.run("run-1")

    mail = workflow.mails[-1]
    assert "No data." in mail["message"]
    assert "No columns." in mail["message"]
    assert personalize.count("create_solution") == 0


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


def test_a_group_without_datasets_is_made_and_left(workflow: WorkflowRunner, personalize: FakePersonalize) -> None:
    workflow.file = json.dumps({"datasetGroup": {"name": "bare"}, "datasets": {}}).encode()

    assert workflow.run("run-1")["status"] == "SUCCEEDED"
    assert workflow.run("run-2")["status"] == "SUCCEEDED"
    assert list(personalize.resources) == ["arn:aws:personalize:us-east-1:123456789012:dataset-group/bare"]


def test_what_the_gate_refused_is_told_again_and_not_judged_again(
    workflow: WorkflowRunner, parameters: dict[str, Any], personalize: DeletablePersonalize
) -> None:
    assert workflow.run("run-1")["status"] == "SUCCEEDED"
    first = set(personalize.resources)
    workflow.files["Items"] = [data_file("Items/part-2.csv", csv_text(good_rows(parameters, "Items")[:20]))]

    def spoil(state: str) -> None:
        for arn in personalize.resources:
            if state == "Check gate" and arn.count("/") == 2 and ":solution/" in arn:
                personalize.metrics[arn] = {"coverage": 0.9 if arn in first else 0.1}

    workflow.machines.on_task = spoil
    refused = workflow.run("run-2")
    judged = workflow.machines.tasks["Check gate"]

    again = workflow.run("run-3")

    assert (refused["status"], "GateClosedError" in refused["cause"]) == ("FAILED", True)
    assert (again["status"], again.get("cause")) == ("SUCCEEDED", None)
    assert workflow.machines.tasks["Check gate"] == judged == 3
    assert workflow.mails[-1]["message"].count("The gate has refused") == 3
