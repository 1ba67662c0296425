"""Personalize's resources in stacks: created, changed, replaced and deleted as CloudFormation asks its types to do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from personalize_local.cloud.emulator.stack_resources import StackResources
from personalize_local.cloud.emulator.stack_types import STACK_TYPES, to_members
from tests.conftest import World
from tests.refusals import refusal
from tests.town import Town, copy_town

RECIPE = "arn:aws:personalize:::recipe/aws-user-personalization"
FIELDS = [{"name": "USER_ID", "type": "string"}, {"name": "ITEM_ID", "type": "string"}]
SCHEMA = json.dumps(
    {"type": "record", "name": "Interactions", "fields": [*FIELDS, {"name": "TIMESTAMP", "type": "long"}]}
)


class Stack:
    """The handlers of all types over a service whose clock moves where they wait."""

    def __init__(self, world: World) -> None:
        self._resources = {
            kind.noun: StackResources(kind, lambda: world.personalize, lambda _: world.tick()) for kind in STACK_TYPES
        }

    def create(self, noun: str, **properties: Any) -> tuple[str, dict[str, Any]]:
        return self._resources[noun].create("Logical", properties, "stack")

    def update(self, noun: str, arn: str, old: dict[str, Any], **changes: Any) -> tuple[str, dict[str, Any]]:
        return self._resources[noun].update(arn, old, old | changes, "stack")

    def delete(self, noun: str, arn: str) -> None:
        self._resources[noun].delete(arn, {})


@pytest.fixture
def stack(world: World) -> Stack:
    return Stack(world)


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    copy = copy_town(tmp_path / "town")
    yield copy
    copy.world.close()


@pytest.fixture
def group_arn(stack: Stack) -> str:
    schema_arn, _ = stack.create("Schema", Name="events", Schema=SCHEMA)
    arn, attributes = stack.create("DatasetGroup", Name="news", Tags=[{"Key": "team", "Value": "desk"}])
    assert attributes == {"DatasetGroupArn": arn}
    stack.create("Dataset", Name="events", DatasetType="Interactions", DatasetGroupArn=arn, SchemaArn=schema_arn)
    return arn


def test_a_stack_creates_from_schema_to_solution_and_waits_for_each(world: World, stack: Stack, group_arn: str) -> None:
    assert world.personalize.list_tags_for_resource(resourceArn=group_arn)["tags"] == [
        {"tagKey": "team", "tagValue": "desk"}
    ]
    arn, attributes = stack.create(
        "Solution",
        Name="picks",
        DatasetGroupArn=group_arn,
        RecipeArn=RECIPE,
        PerformHPO="false",
        SolutionConfig={
            "AlgorithmHyperParameters": {"hidden_dimension": 55},
            "HpoConfig": {"HpoResourceConfig": {"MaxNumberOfTrainingJobs": "4", "MaxParallelTrainingJobs": "2"}},
        },
    )
    assert attributes == {"SolutionArn": arn}
    solution = world.personalize.describe_solution(solutionArn=arn)["solution"]
    assert solution["solutionConfig"]["algorithmHyperParameters"] == {"hidden_dimension": "55"}
    assert solution["solutionConfig"]["hpoConfig"]["hpoResourceConfig"]["maxNumberOfTrainingJobs"] == "4"
    assert solution["performHPO"] is False


def test_a_tracker_and_a_filter_tell_what_others_ask_of_them(world: World, stack: Stack, group_arn: str) -> None:
    arn, attributes = stack.create("EventTracker", Name="news", DatasetGroupArn=group_arn)
    tracker = world.personalize.describe_event_tracker(eventTrackerArn=arn)["eventTracker"]
    assert attributes == {"EventTrackerArn": arn, "TrackingId": tracker["trackingId"]}
    expression = 'EXCLUDE ItemID WHERE Items.CATEGORY IN ("old")'
    with pytest.raises(Exception, match="InvalidInputException"):
        stack.create("Filter", Name="none", DatasetGroupArn=group_arn, FilterExpression=expression)


def test_a_campaign_changes_in_place_and_its_tags_too(town: Town) -> None:
    stack, arns = Stack(town.world), town.arns
    properties = {
        "Name": "stacked",
        "SolutionVersionArn": arns["solution_version_arn"],
        "MinProvisionedTPS": "1",
        "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}],
    }
    arn, attributes = stack.create("Campaign", **properties)
    assert attributes == {"CampaignArn": arn, "Status": "ACTIVE"}
    newer = town.world.add_version(arns["solution_arn"], "newer")
    stack.update("Campaign", arn, properties, SolutionVersionArn=newer, Tags=[{"Key": "b", "Value": "3"}])
    campaign = town.world.personalize.describe_campaign(campaignArn=arn)["campaign"]
    assert (campaign["solutionVersionArn"], campaign["latestCampaignUpdate"]["status"]) == (newer, "ACTIVE")
    tags = town.world.personalize.list_tags_for_resource(resourceArn=arn)["tags"]
    assert tags == [{"tagKey": "b", "tagValue": "3"}]


def test_a_stack_deletes_in_its_order_and_waits_until_each_is_gone(world: World, stack: Stack, group_arn: str) -> None:
    dataset_arn = world.personalize.list_datasets(datasetGroupArn=group_arn)["datasets"][0]["datasetArn"]
    stack.delete("Dataset", dataset_arn)
    stack.delete("DatasetGroup", group_arn)
    assert refusal(world.personalize.describe_dataset_group, datasetGroupArn=group_arn)[0] == (
        "ResourceNotFoundException"
    )
    stack.delete("DatasetGroup", group_arn)


def test_properties_get_the_names_and_types_of_the_model(world: World) -> None:
    shape = world.personalize.meta.service_model.operation_model("CreateCampaign").input_shape
    properties = {
        "Name": "news",
        "MinProvisionedTPS": "2",
        "CampaignConfig": {
            "EnableMetadataWithRecommendations": "true",
            "ItemExplorationConfig": {"explorationWeight": 0.3},
            "RankingInfluence": {"POPULARITY": "0.5"},
        },
        "Status": "ACTIVE",
    }
    assert to_members(properties, shape) == {
        "name": "news",
        "minProvisionedTPS": 2,
        "campaignConfig": {
            "enableMetadataWithRecommendations": True,
            "itemExplorationConfig": {"explorationWeight": "0.3"},
            "rankingInfluence": {"POPULARITY": 0.5},
        },
    }
