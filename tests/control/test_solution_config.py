"""What a solution's configuration may say, by its recipe and by the datasets of its group."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.behaviours import EXACT, REFUSED, behaviour
from tests.refusals import refusal

RECIPE = "arn:aws:personalize:::recipe/"
COLUMNS = {
    "Interactions": [
        {"name": "USER_ID", "type": "string"},
        {"name": "ITEM_ID", "type": "string"},
        {"name": "TIMESTAMP", "type": "long"},
    ],
    "Items": [
        {"name": "ITEM_ID", "type": "string"},
        {"name": "PRICE", "type": "float"},
        {"name": "MARGIN", "type": ["float", "null"]},
        {"name": "BRAND", "type": "string", "categorical": True},
    ],
}
EMPTY_RANGES: dict[str, list[Any]] = {
    f"{kind}HyperParameterRanges": [] for kind in ("integer", "continuous", "categorical")
}


def create(world: Any, group: str, **more: Any) -> str:
    request = {"name": "front-page", "datasetGroupArn": group, "recipeArn": f"{RECIPE}aws-user-personalization"} | more
    return world.personalize.create_solution(**request)["solutionArn"]


def refused(world: Any, group: str, **more: Any) -> str:
    code, message = refusal(create, world=world, group=group, **more)
    assert code == "InvalidInputException"
    return message


def ranges(**lists: list[Any]) -> dict[str, Any]:
    return {"hpoConfig": {"algorithmHyperParameterRanges": EMPTY_RANGES | lists}}


@pytest.fixture
def group(world: Any) -> str:
    """A dataset group whose interactions have no type and no value."""
    arn = world.create_group()
    for dataset_type, fields in COLUMNS.items():
        record = {"type": "record", "name": dataset_type, "fields": fields, "version": "1.0"}
        schema = world.personalize.create_schema(name=dataset_type, schema=json.dumps(record))["schemaArn"]
        world.personalize.create_dataset(
            name=dataset_type, schemaArn=schema, datasetGroupArn=arn, datasetType=dataset_type
        )
    world.settle()
    return arn


@behaviour(
    "CreateSolution",
    "Ranges to tune over lie within those of the recipe; 40 trainings in all and 10 at a time are the most",
    EXACT,
    source="documented, contract §4.3",
)
@pytest.mark.parametrize(
    ("config", "words"),
    [
        (ranges(integerHyperParameterRanges=[{"name": "bptt", "minValue": 2, "maxValue": 64}]), "from 2 to 32"),
        (ranges(integerHyperParameterRanges=[{"name": "bptt", "minValue": 9, "maxValue": 3}]), "swap them"),
        (ranges(integerHyperParameterRanges=[{"name": "bppt", "minValue": 2, "maxValue": 3}]), "mean 'bptt'"),
        (ranges(integerHyperParameterRanges=[{"minValue": 2, "maxValue": 3}]), "has no name"),
        (ranges(continuousHyperParameterRanges=[{"name": "bptt"}]), "move it to integerHyperParameterRanges"),
        (ranges(categoricalHyperParameterRanges=[{"name": "recency_mask", "values": ["Maybe"]}]), "one of True, False"),
        (
            {"hpoConfig": {"algorithmHyperParameterRanges": {"integerHyperParameterRanges": []}}},
            "add continuousHyperParameterRanges, categoricalHyperParameterRanges",
        ),
        ({"hpoConfig": {"hpoResourceConfig": {"maxNumberOfTrainingJobs": "41"}}}, "from 1 to 40"),
        ({"hpoConfig": {"hpoResourceConfig": {"maxParallelTrainingJobs": "many"}}}, "from 1 to 10"),
    ],
)
def test_tuning_beyond_what_the_recipe_has_is_refused(
    world: Any, group: str, config: dict[str, Any], words: str
) -> None:
    assert words in refused(world, group, performHPO=True, solutionConfig=config)


@behaviour(
    "CreateSolution, DescribeSolution",
    "performHPO and hpoConfig come back as they were asked for",
    EXACT,
    source="model",
)
def test_tuning_within_the_ranges_of_the_recipe_is_kept_as_it_is_asked_for(world: Any, group: str) -> None:
    config = ranges(integerHyperParameterRanges=[{"name": "bptt", "minValue": 2, "maxValue": 32}])
    config["hpoConfig"]["hpoResourceConfig"] = {"maxNumberOfTrainingJobs": "4", "maxParallelTrainingJobs": "2"}
    arn = create(world, group, performHPO=True, solutionConfig=config)
    solution = world.personalize.describe_solution(solutionArn=arn)["solution"]
    assert (solution["performHPO"], solution["solutionConfig"]) == (True, config)


@behaviour(
    "CreateSolution",
    "Columns, event types, values and objectives that the datasets do not have are refused at once",
    EXACT,
    source="documented, contract §4.3; at once: inferred",
)
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"eventType": "click"}, "eventType needs a column EVENT_TYPE"),
        (
            {"eventType": "click", "solutionConfig": {"eventValueThreshold": "0.5"}},
            "eventValueThreshold needs a column EVENT_VALUE",
        ),
        ({"eventType": "click", "solutionConfig": {"eventValueThreshold": "nan"}}, "must be a number"),
        ({"solutionConfig": {"optimizationObjective": {"itemAttribute": "PRIZE"}}}, "mean 'PRICE'"),
        ({"solutionConfig": {"optimizationObjective": {"itemAttribute": "MARGIN"}}}, "never null"),
        ({"solutionConfig": {"optimizationObjective": {"itemAttribute": "BRAND"}}}, "column of numbers"),
        (
            {"solutionConfig": {"trainingDataConfig": {"excludedDatasetColumns": {"ITEMS": ["BRANDS"]}}}},
            "mean 'BRAND'",
        ),
        (
            {"solutionConfig": {"trainingDataConfig": {"excludedDatasetColumns": {"INTERACTIONS": ["timestamp"]}}}},
            "TIMESTAMP cannot be left out",
        ),
        (
            {"solutionConfig": {"trainingDataConfig": {"excludedDatasetColumns": {"USERS": ["AGE"]}}}},
            "no USERS dataset",
        ),
        (
            {"solutionConfig": {"trainingDataConfig": {"includedDatasetColumns": {"ITEMS": ["BRAND"]}}}},
            "no includedDatasetColumns",
        ),
        ({"performIncrementalUpdate": True}, "no incremental update"),
        ({"recipeArn": f"{RECIPE}aws-semantic-similarity"}, '"itemName": true'),
    ],
)
def test_what_the_recipe_or_the_datasets_do_not_have_is_refused(
    world: Any, group: str, change: dict[str, Any], words: str
) -> None:
    message = refused(world, group, **change)
    assert words in message


@pytest.mark.parametrize(
    "config",
    [
        {"optimizationObjective": {"itemAttribute": "price", "objectiveSensitivity": "LOW"}},
        {"trainingDataConfig": {"excludedDatasetColumns": {"items": ["brand"]}}},
    ],
)
def test_columns_are_named_in_any_letter_case(world: Any, group: str, config: dict[str, Any]) -> None:
    arn = create(world, group, solutionConfig=config)
    assert world.personalize.describe_solution(solutionArn=arn)["solution"]["solutionConfig"] == config


@behaviour("UpdateSolution", "eventsConfig does not go with eventType", EXACT, source="documented, contract §4.3")
def test_weights_of_events_do_not_come_on_top_of_a_type_of_event_later(world: Any) -> None:
    group = world.create_group()
    world.create_dataset(group)
    recipe = f"{RECIPE}aws-user-personalization-v2"
    arn = create(world, group, recipeArn=recipe, eventType="click")
    weights = {"eventsConfig": {"eventParametersList": [{"eventType": "click", "weight": 1.0}]}}
    with pytest.raises(world.personalize.exceptions.InvalidInputException) as raised:
        world.personalize.update_solution(solutionArn=arn, solutionUpdateConfig=weights)
    assert "cannot be combined with eventType" in raised.value.response["Error"]["Message"]
    weighted = create(world, group, name="weighted", recipeArn=recipe, solutionConfig=weights)
    world.personalize.update_solution(solutionArn=weighted, solutionUpdateConfig=weights)
    world.settle()
    assert world.personalize.describe_solution(solutionArn=weighted)["solution"]["solutionConfig"] == weights


@behaviour(
    "CreateSolution",
    "Parameters of aws-hrnn-coldstart that cannot be followed are refused with the reason, but for their defaults",
    REFUSED,
    source="documented, contract §4.1",
)
@pytest.mark.parametrize(
    ("name", "value", "default"),
    [
        ("cold_start_max_interactions", "5", "15"),
        ("cold_start_max_duration", "2.5", "5.0"),
        ("cold_start_relative_from", "currentTime", "latestItem"),
        ("performExploration", "False", "True"),
    ],
)
def test_a_parameter_that_cannot_be_followed_is_not_ignored(
    world: Any, group: str, name: str, value: str, default: str
) -> None:
    coldstart = f"{RECIPE}aws-hrnn-coldstart"
    config = {"featureTransformationParameters": {name: value}}
    message = refused(world, group, recipeArn=coldstart, solutionConfig=config)
    assert message.startswith(f"The local service cannot follow {name}: ")
    assert message.endswith(f"Leave it out, or give its default, {default}.")
    usual = {"featureTransformationParameters": {name: default}}
    assert create(world, group, recipeArn=coldstart, solutionConfig=usual)
