"""Adopting what exists: the real local service is read, and the file passes the check."""

from __future__ import annotations

import json
from typing import Any

import adopt as command
import pytest
from commands.adoption import Adopted, adopt
from commands.inventory import Account, GroupNotFoundError
from commands.read_only import ReadOnlyClient

from personalize_spec.parameters import check_parameters, has_errors
from tests.conftest import World
from tests.market import ECOMMERCE, Market
from tests.pipeline.past_jobs import run_batch_jobs
from tests.town import Town


def adopted(world: World, name: str) -> Adopted:
    result = adopt(Account(ReadOnlyClient(world.personalize)).read(name))
    assert not has_errors(check_parameters(result.file)), check_parameters(result.file)
    return result


def test_one_of_everything(town: Town) -> None:
    result = adopted(town.world, "news")
    file = result.file
    assert result.notes == ()
    assert (file["datasetGroup"], file["namePrefix"]) == ({"name": "news"}, "")
    assert list(file["datasets"]) == ["Interactions", "Items", "Users"]
    assert file["datasets"]["Items"]["schemaName"] == "news-items"
    assert {key: each["name"] for key, each in file["solutions"].items()} == {
        "userPersonalization": "front-page",
        "personalizedRanking": "ranking",
    }
    assert file["solutions"]["userPersonalization"]["campaigns"] == [{"name": "front-page", "minProvisionedTPS": 1}]
    assert file["eventTracker"] == {"name": "tracker"}
    assert file["filters"][1] == {
        "name": "category",
        "filterExpression": "INCLUDE ItemID WHERE Items.CATEGORY IN ($CATEGORY)",
        "limit_time_range": False,
        "filter_values": ["CATEGORY"],
    }


def test_an_empty_dataset_group(world: World) -> None:
    world.create_group("empty")
    result = adopted(world, "empty")
    assert result.file == {"datasetGroup": {"name": "empty"}, "datasets": {}}
    assert result.notes == ()


def test_a_group_is_found_by_its_arn_too(world: World) -> None:
    arn = world.create_group("empty")
    assert adopted(world, arn).file["datasetGroup"] == {"name": "empty"}


def test_a_group_that_is_not_there_is_told_with_those_that_are(world: World) -> None:
    world.create_group("news")
    with pytest.raises(GroupNotFoundError, match=r"no dataset group 'nwes'.* Did you mean 'news'"):
        Account(world.personalize).read("nwes")


def test_solutions_of_any_recipe_without_version_or_campaign(world: World) -> None:
    group = world.create_group("shop")
    world.create_dataset(group)
    recipe = "arn:aws:personalize:::recipe/"
    settings = {
        "performAutoTraining": True,
        "solutionConfig": {"autoTrainingConfig": {"schedulingExpression": "rate(3 days)"}},
    }
    world.create_solution(group, "shop-first", recipeArn=f"{recipe}aws-user-personalization-v2", **settings)
    world.create_solution(group, "shop-2nd", recipeArn=f"{recipe}aws-sims", performAutoTraining=False)
    world.create_solution(group, "shop-people", recipeArn=f"{recipe}aws-item-affinity", performAutoTraining=False)

    file = adopted(world, "shop").file

    assert "namePrefix" not in file
    assert list(file["solutions"]) == ["first", "a2nd", "people"]
    assert file["solutions"]["first"]["performAutoTraining"] is True
    assert file["solutions"]["first"]["solutionConfig"]["autoTrainingConfig"] == {
        "schedulingExpression": "rate(3 days)"
    }
    assert file["solutions"]["a2nd"] == {"name": "2nd", "recipeArn": f"{recipe}aws-sims", "campaigns": []}


def test_recommenders(world: World) -> None:
    market = Market(world, ECOMMERCE).fill()
    world.personalize.create_recommender(
        name="market-for-you",
        datasetGroupArn=market.group,
        recipeArn="arn:aws:personalize:::recipe/aws-ecomm-recommended-for-you",
        recommenderConfig={"minRecommendationRequestsPerSecond": 2},
    )

    file = adopted(world, "market").file

    assert file["datasetGroup"] == {"name": "market", "domain": "ECOMMERCE"}
    assert file["recommenders"]["for-you"]["name"] == "for-you"
    assert file["recommenders"]["for-you"]["recommenderConfig"]["minRecommendationRequestsPerSecond"] == 2


def test_tags_are_adopted(world: World) -> None:
    tags = [{"tagKey": "team", "tagValue": "news"}]
    world.personalize.create_dataset_group(name="tagged", tags=tags)
    world.settle()
    assert adopted(world, "tagged").file["datasetGroup"]["tags"] == tags


def test_batch_jobs_become_templates(town: Town) -> None:
    run_batch_jobs(town)
    jobs = adopted(town.world, "news").file["solutions"]["userPersonalization"]["batchInferenceJobs"]

    shared = {"output": "s3://out/nightly/", "filter": "unread", "numResults": 7}
    assert jobs == [
        {"name": "nightly", "input": "s3://data/others.json", **shared},
        {"name": "nightly-2", "input": "s3://data/users.json", **shared},
    ]


def test_a_campaign_of_an_older_version_is_told(town: Town) -> None:
    town.world.tick(60)
    newest = town.world.add_version(town.arns["solution_arn"], "second")
    [note] = adopted(town.world, "news").notes
    assert (
        note
        == f"The campaign front-page serves an older version than the newest, {newest}: a run will release the newest."
    )


def test_what_the_check_refuses_is_left_out_and_told(town: Town) -> None:
    found = Account(town.world.personalize).read("news")
    found.solutions[0]["solutionConfig"] = {"algorithmHyperParameters": {"bptt": "16", "of_long_ago": "1"}}
    result = adopt(found)
    assert not has_errors(check_parameters(result.file))
    config = result.file["solutions"]["userPersonalization"]["solutionConfig"]
    assert config == {"algorithmHyperParameters": {"bptt": "16"}}
    assert "algorithmHyperParameters.of_long_ago is left out of the file" in result.notes[0]


def test_a_recipe_that_nobody_knows_leaves_the_solution_out(town: Town) -> None:
    found = Account(town.world.personalize).read("news")
    found.solutions[0]["recipeArn"] = "arn:aws:personalize:::recipe/aws-of-next-year"
    result = adopt(found)
    assert not has_errors(check_parameters(result.file))
    assert list(result.file["solutions"]) == ["personalizedRanking"]
    assert any("front-page is left out of the file" in note for note in result.notes), result.notes


def test_a_solution_that_chose_its_recipe_itself_is_left_out(town: Town) -> None:
    found = Account(town.world.personalize).read("news")
    found.solutions[1]["performAutoML"] = True
    result = adopt(found)
    assert list(result.file["solutions"]) == ["userPersonalization"]
    assert result.notes == ("The solution ranking chose its recipe itself (performAutoML): left out.",)


def test_tags_that_may_not_be_read_are_told(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore.exceptions import ClientError

    def refuse(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "ListTagsForResource")

    monkeypatch.setattr(town.world.personalize, "list_tags_for_resource", refuse)
    result = adopted(town.world, "news")
    assert all("cannot be read (AccessDeniedException)" in note for note in result.notes)


def test_nothing_but_looking_is_allowed(world: World) -> None:
    client = ReadOnlyClient(world.personalize)
    with pytest.raises(PermissionError, match="only describes and lists"):
        client.create_dataset_group(name="new")
    assert client.list_dataset_groups()["datasetGroups"] == []


def test_the_command_prints_the_file(
    town: Town, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command.boto3, "client", lambda *_, **__: town.world.personalize)
    assert command.main(["news"]) == 0
    assert json.loads(capsys.readouterr().out)["datasetGroup"] == {"name": "news"}
    assert command.main(["old"]) == 2
    assert "adopt: There is no dataset group 'old'" in capsys.readouterr().err
