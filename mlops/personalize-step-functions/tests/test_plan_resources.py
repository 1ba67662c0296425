"""The plan: names, successors, and what follows from the execution."""

from __future__ import annotations

import copy
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from function_loader import make_plan


def test_names_begin_with_the_dataset_groups(plan: dict[str, Any]) -> None:
    assert plan["dataset_group"]["name"] == "tgam-personalize"
    assert [entry["name"] for entry in plan["filters"]] == [
        "tgam-personalize-category",
        "tgam-personalize-unread",
        "tgam-personalize-exclcat",
    ]
    assert plan["event_trackers"][0]["name"] == "tgam-personalize-eventTracker"


def test_each_dataset_is_imported_from_its_folder_by_a_new_job(plan: dict[str, Any]) -> None:
    interactions, items = plan["datasets"]

    assert interactions["dataset"]["arn"].endswith(":dataset/tgam-personalize/INTERACTIONS")
    assert items["import_job"]["name"] == "tgam-personalize-items-20260504T090000-0123456789ab"
    assert items["import_job"]["arguments"]["dataSource"] == {"dataLocation": "s3://input-bucket/Items/"}


@pytest.mark.parametrize("name", ["a" * 80, "manual run: 1", "ünïcode", "x"])
def test_any_executions_name_gives_good_and_different_names(parameters: dict[str, Any], name: str) -> None:
    parameters["datasetGroup"]["name"] = "g" * 40
    plans = [make_plan(parameters, each) for each in (name, name[:-1] + "é")]

    names = [plan["datasets"][0]["import_job"]["name"] for plan in plans]
    assert len(set(names)) == 2
    assert all(len(each) <= 63 and each.isascii() for each in names)
    assert plans[0]["solutions"][0]["solution_version"]["name"].isascii()


def test_a_successor_is_named_after_what_cannot_change(parameters: dict[str, Any]) -> None:
    changed = copy.deepcopy(parameters)
    changed["solutions"]["userPersonalization"]["performAutoTraining"] = True
    changed["solutions"]["similarItems"]["eventType"] = "page_view"

    before, after = (
        {each["type"]: each["solution"]["successor"] for each in make_plan(data)["solutions"]}
        for data in (parameters, changed)
    )

    assert before["userPersonalization"] == after["userPersonalization"]
    assert before["similarItems"] != after["similarItems"]


def test_automatic_training_is_off_unless_asked_for(parameters: dict[str, Any]) -> None:
    parameters["solutions"]["similarItems"]["performAutoTraining"] = True

    wanted = {
        each["type"]: each["solution"]["arguments"]["performAutoTraining"]
        for each in make_plan(parameters)["solutions"]
    }

    assert wanted == {"userPersonalization": False, "similarItems": True, "personalizedRanking": False}


def test_exploration_of_a_recipe_that_does_not_explore_is_left_out(parameters: dict[str, Any]) -> None:
    config = {"itemExplorationConfig": {"explorationWeight": "0.1"}, "enableMetadataWithRecommendations": True}
    parameters["campaigns"]["similarItemsCampaign"]["campaignConfig"] = config

    campaigns = {each["type"]: each["campaign"]["arguments"] for each in make_plan(parameters)["solutions"]}

    assert campaigns["similarItems"]["campaignConfig"] == {"enableMetadataWithRecommendations": True}
    assert "trafficRatio" not in campaigns["userPersonalization"]


def test_a_domain_goes_to_the_group_and_its_schemas(parameters: dict[str, Any]) -> None:
    parameters["datasetGroup"]["domain"] = "ECOMMERCE"

    plan = make_plan(parameters)

    assert plan["dataset_group"]["arguments"] == {"domain": "ECOMMERCE"}
    assert plan["datasets"][0]["schema"]["arguments"]["domain"] == "ECOMMERCE"


def test_the_handler_plans_for_its_own_account(
    load: Callable[[str], SimpleNamespace], parameters: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PERSONALIZE_ROLE_ARN", "arn:aws-cn:iam::210987654321:role/personalize")
    context = SimpleNamespace(invoked_function_arn="arn:aws-cn:lambda:cn-north-1:210987654321:function:plan:3")
    event = {"parameters": parameters, "bucket": "input", "execution_name": "run-1"}

    plan = load("plan_resources").handler.handler(event, context)

    assert (
        plan["dataset_group"]["arn"] == "arn:aws-cn:personalize:cn-north-1:210987654321:dataset-group/tgam-personalize"
    )
    assert plan["datasets"][0]["import_job"]["arguments"]["roleArn"].startswith("arn:aws-cn:iam")
