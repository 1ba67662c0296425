"""The plan: names, successors, contents, and what a schedule asks for."""

from __future__ import annotations

import copy
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from fake_bucket import FakeBucket
from function_loader import make_plan, planned

from tests.csv_files import data_file


def test_names_begin_with_the_dataset_groups(plan: dict[str, Any]) -> None:
    names = {key: step["name"] for key, step in planned(plan).items()}

    assert names["dataset-group"] == "tgam-personalize"
    assert names["filter:unread"] == "tgam-personalize-unread"
    assert names["event-tracker"] == "tgam-personalize-eventTracker"
    assert plan["filters"][0] == {"planned_name": "tgam-personalize-category", "key": "filter:category"}


def test_each_dataset_is_imported_from_its_folder(plan: dict[str, Any]) -> None:
    steps = planned(plan)

    assert steps["dataset:Interactions"]["arn"].endswith(":dataset/tgam-personalize/INTERACTIONS")
    assert steps["import:Items"]["name"] == "tgam-personalize-items"
    assert steps["import:Items"]["arguments"]["dataSource"] == {"dataLocation": "s3://input-bucket/Items/"}
    assert [step["kind"] for step in plan["chains"]["datasets"][0]["steps"]] == [
        "dataset-group",
        "schema",
        "dataset",
        "dataset-import-job",
    ]


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        (lambda data: data["datasets"]["Items"]["schema"]["fields"].pop(), {"import:Items"}),
        (lambda data: data["datasets"]["Items"].update(importMode="INCREMENTAL"), {"import:Items"}),
        (lambda data: data["solutions"]["similarItems"].update(eventType="click"), {"version:similarItems"}),
        (lambda data: data["solutions"]["similarItems"].update(performAutoTraining=True), set()),
        (lambda data: data["solutions"]["similarItems"].update(tags=[{"tagKey": "a", "tagValue": "b"}]), set()),
        (lambda data: data["campaigns"]["similarItemsCampaign"].update(minProvisionedTPS=3), set()),
    ],
)
def test_contents_are_what_a_job_or_training_is_made_of(
    parameters: dict[str, Any], change: Callable[[Any], Any], differs: set[str]
) -> None:
    changed = copy.deepcopy(parameters)
    change(changed)

    before, after = (
        {key: step["content"] for key, step in planned(make_plan(data)).items() if "content" in step}
        for data in (parameters, changed)
    )

    assert {key for key in before if before[key] != after[key]} == differs


def test_other_files_are_other_contents(parameters: dict[str, Any]) -> None:
    before, after = (planned(make_plan(parameters, files={"Items": text}))["import:Items"] for text in ("a", "b"))

    assert before["content"] != after["content"]


def test_a_dataset_without_files_keeps_the_data_it_has(parameters: dict[str, Any]) -> None:
    steps = planned(make_plan(parameters, files={"Interactions": "files"}))

    assert (steps["import:Items"]["reuse"], steps["import:Items"]["optional"]) == ("newest", True)
    assert (steps["import:Interactions"]["reuse"], steps["import:Interactions"]["optional"]) == ("same", False)
    assert steps["version:similarItems"]["reuse"] == "same"


def test_where_no_data_are_brought_the_newest_version_serves(parameters: dict[str, Any]) -> None:
    """So that adopting resources that run already changes nothing."""
    steps = planned(make_plan(parameters, files={}))

    assert steps["version:similarItems"]["reuse"] == "newest"


@pytest.mark.parametrize(
    ("work", "reused", "requests"),
    [
        (("import",), {"import": "same", "version": "newest"}, {"version": False}),
        (("train",), {"import": "newest", "version": "same"}, {"version": True}),
        (("batch",), {"import": "newest", "version": "newest"}, {"version": False, "batch": True}),
        (("import", "train"), {"import": "same", "version": "same"}, {"version": True}),
    ],
)
def test_a_schedule_asks_for_some_of_the_work(
    parameters: dict[str, Any], work: tuple[str, ...], reused: dict[str, str], requests: dict[str, bool]
) -> None:
    jobs = [{"name": "nightly", "input": "batch/users.json"}]
    parameters["solutions"]["userPersonalization"]["batchInferenceJobs"] = jobs

    steps = planned(make_plan(parameters, work=work, requested_at="2026-05-04T06:00:00Z"))

    key = {"import": "import:Items", "version": "version:similarItems", "batch": "batch:userPersonalization:nightly"}
    assert {name: steps[key[name]]["reuse"] for name in reused} == reused
    assert {name: bool(steps[key[name]]["request"]) for name in requests} == requests
    assert (key["batch"] in steps) == ("batch" in work)


def test_a_scheduled_training_goes_as_the_file_says_and_an_upload_in_full(parameters: dict[str, Any]) -> None:
    parameters["userPersonalizationUpdates"] = {"trainingMode": "UPDATE"}

    modes = [
        planned(make_plan(parameters, **run))["version:userPersonalization"]["arguments"]["trainingMode"]
        for run in ({}, {"work": ("train",), "requested_at": "then"})
    ]

    assert modes == ["FULL", "UPDATE"]


def test_two_requests_of_one_schedule_have_different_names(parameters: dict[str, Any]) -> None:
    requests = {
        planned(make_plan(parameters, work=("train",), requested_at=at))["version:similarItems"]["request"]
        for at in ("2026-05-04", "2026-05-11", "2026-05-04")
    }

    assert len(requests) == 2


def test_a_successor_is_named_after_what_cannot_change(parameters: dict[str, Any]) -> None:
    changed = copy.deepcopy(parameters)
    changed["solutions"]["userPersonalization"]["performAutoTraining"] = True
    changed["solutions"]["similarItems"]["eventType"] = "page_view"

    before, after = (
        {each["key"]: each["successor"] for each in planned(make_plan(data)).values() if each["kind"] == "solution"}
        for data in (parameters, changed)
    )

    assert before["solution:userPersonalization"] == after["solution:userPersonalization"]
    assert before["solution:similarItems"] != after["solution:similarItems"]


def test_automatic_training_is_off_unless_asked_for(parameters: dict[str, Any]) -> None:
    parameters["solutions"]["similarItems"]["performAutoTraining"] = True

    wanted = {
        key: each["arguments"]["performAutoTraining"]
        for key, each in planned(make_plan(parameters)).items()
        if each["kind"] == "solution"
    }

    assert wanted == {
        "solution:userPersonalization": False,
        "solution:similarItems": True,
        "solution:personalizedRanking": False,
    }


def test_exploration_of_a_recipe_that_does_not_explore_is_left_out(parameters: dict[str, Any]) -> None:
    config = {"itemExplorationConfig": {"explorationWeight": "0.1"}, "enableMetadataWithRecommendations": True}
    parameters["campaigns"]["similarItemsCampaign"]["campaignConfig"] = config

    campaigns = {each["type"]: each["campaign"]["arguments"] for each in make_plan(parameters)["releases"]}

    assert campaigns["similarItems"]["campaignConfig"] == {"enableMetadataWithRecommendations": True}
    assert "trafficRatio" not in campaigns["userPersonalization"]


def test_a_domain_goes_to_the_group_and_its_schemas(parameters: dict[str, Any]) -> None:
    parameters["datasetGroup"]["domain"] = "ECOMMERCE"

    steps = planned(make_plan(parameters))

    assert steps["dataset-group"]["arguments"] == {"domain": "ECOMMERCE"}
    assert steps["schema:Items"]["arguments"]["domain"] == "ECOMMERCE"


def test_the_handler_plans_for_its_own_account(
    load: Callable[[str], SimpleNamespace], parameters: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSONALIZE_ROLE_ARN", "arn:aws-cn:iam::210987654321:role/personalize")
    context = SimpleNamespace(invoked_function_arn="arn:aws-cn:lambda:cn-north-1:210987654321:function:plan:3")
    bucket = FakeBucket()
    bucket.objects["params.json"] = b"{}"
    bucket.files["Items"] = [data_file("Items/a.csv", "A,B")]
    handler = load("plan_resources").handler
    monkeypatch.setattr(handler, "boto3", SimpleNamespace(client=lambda name: bucket))
    uploaded = {"bucket": "input-bucket", "key": "params.json", "version_id": "v1"}
    event = {"parameters": parameters, "object": uploaded, "version_id": "v1", "started_at": "2026-05-04T09:00:00Z"}

    plan = handler.handler(event, context)

    group = planned(plan)["dataset-group"]["arn"]
    assert group == "arn:aws-cn:personalize:cn-north-1:210987654321:dataset-group/tgam-personalize"
    assert planned(plan)["import:Items"]["arguments"]["roleArn"].startswith("arn:aws-cn:iam")
    assert not plan["superseded"]
    assert planned(plan)["import:Items"]["reuse"] == "same"
    assert planned(plan)["import:Interactions"]["reuse"] == "newest"
    assert handler.handler({**event, "version_id": "v0"}, context)["superseded"]
    assert not handler.handler({**event, "version_id": None}, context)["superseded"]


def test_a_key_is_used_through_the_stacks_role_unless_the_file_names_another(parameters: dict[str, Any]) -> None:
    key = "arn:aws:kms:us-east-1:123456789012:key/1"
    group = parameters["datasetGroup"]
    assert planned(make_plan(parameters))["dataset-group"]["arguments"] == {}

    group["kmsKeyArn"] = key
    own = planned(make_plan(parameters))["dataset-group"]["arguments"]
    group["roleArn"] = "arn:aws:iam::123456789012:role/key"
    other = planned(make_plan(parameters))["dataset-group"]["arguments"]

    assert own == {"kmsKeyArn": key, "roleArn": "arn:aws:iam::123456789012:role/personalize"}
    assert other == {"kmsKeyArn": key, "roleArn": "arn:aws:iam::123456789012:role/key"}


def test_a_file_without_datasets_has_a_step_for_its_group(parameters: dict[str, Any]) -> None:
    bare = {"datasetGroup": parameters["datasetGroup"], "datasets": {}}

    [made] = planned(make_plan(bare)).values()

    assert (made["kind"], made["name"]) == ("dataset-group", "tgam-personalize")
