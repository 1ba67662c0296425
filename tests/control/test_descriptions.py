"""What Describe shows of recipes and what is behind them, of filters and of event trackers."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from personalize_spec.recipes import RECIPES
from tests.behaviours import APPROXIMATED, EXACT, behaviour

ARN = "arn:aws:personalize:::"


@behaviour(
    "DescribeRecipe",
    "A recipe has its type, its algorithm and its feature transformation, and no domain",
    EXACT,
    source="model and documented, contract §4.1; the names of some transformations: inferred",
)
@pytest.mark.parametrize("name", sorted(RECIPES))
def test_a_recipe_names_what_it_is_made_of(world: Any, name: str) -> None:
    shown = world.personalize.describe_recipe(recipeArn=f"{ARN}recipe/{name}")["recipe"]
    assert (shown["name"], shown["status"], shown["recipeType"]) == (name, "ACTIVE", RECIPES[name].recipe_type)
    assert shown["algorithmArn"].startswith(f"{ARN}algorithm/") and "domain" not in shown
    assert world.personalize.describe_algorithm(algorithmArn=shown["algorithmArn"])["algorithm"]["name"]
    transformation = shown["featureTransformationArn"]
    found = world.personalize.describe_feature_transformation(featureTransformationArn=transformation)
    assert found["featureTransformation"]["featureTransformationArn"] == transformation


@behaviour(
    "DescribeAlgorithm",
    "Hyperparameters have their documented defaults, ranges and whether they can be tuned",
    EXACT,
    source="documented, contract §4.1",
)
@behaviour(
    "DescribeAlgorithm",
    "Images, dates and resource settings are placeholders",
    APPROXIMATED,
    source="inferred",
)
def test_an_algorithm_shows_hyperparameters_and_their_ranges(world: Any) -> None:
    shown = world.personalize.describe_algorithm(algorithmArn=f"{ARN}algorithm/aws-user-personalization")["algorithm"]
    assert shown["defaultHyperParameters"] == {"hidden_dimension": "149", "bptt": "32", "recency_mask": "True"}
    ranges = shown["defaultHyperParameterRanges"]
    assert ranges["integerHyperParameterRanges"] == [
        {"name": "hidden_dimension", "minValue": 32, "maxValue": 256, "isTunable": True},
        {"name": "bptt", "minValue": 2, "maxValue": 32, "isTunable": True},
    ]
    assert ranges["continuousHyperParameterRanges"] == []
    assert ranges["categoricalHyperParameterRanges"] == [
        {"name": "recency_mask", "values": ["True", "False"], "isTunable": True}
    ]
    assert shown["algorithmImage"]["dockerURI"].startswith("personalize-local/")


@behaviour(
    "DescribeFeatureTransformation",
    "The parameters of a feature transformation have their documented defaults",
    EXACT,
    source="documented, contract §4.1",
)
def test_a_feature_transformation_shows_its_parameters(world: Any) -> None:
    shown = world.personalize.describe_feature_transformation(
        featureTransformationArn=f"{ARN}feature-transformation/aws-trending-now"
    )["featureTransformation"]
    assert (shown["defaultParameters"], shown["status"]) == ({"trend_discovery_frequency": "2 hours"}, "ACTIVE")


@behaviour(
    "DescribeFilter",
    "A filter shows its expression as it was written",
    EXACT,
    source="model",
)
@behaviour(
    "DescribeEventTracker",
    "A tracker shows its account and the trackingId of its creation; its ARN ends in eight hexadecimal digits",
    EXACT,
    source="observed, contract §1.6",
)
def test_a_filter_and_a_tracker_show_what_they_were_made_with(world: Any) -> None:
    group = world.create_group()
    world.create_dataset(group)
    expression = 'exclude itemId where INTERACTIONS.event_type in ("*")'
    arn = world.personalize.create_filter(name="unread", datasetGroupArn=group, filterExpression=expression)
    shown = world.personalize.describe_filter(filterArn=arn["filterArn"])["filter"]
    assert (shown["filterExpression"], shown["datasetGroupArn"]) == (expression, group)
    made = world.personalize.create_event_tracker(name="site", datasetGroupArn=group)
    tracker = world.personalize.describe_event_tracker(eventTrackerArn=made["eventTrackerArn"])["eventTracker"]
    assert (tracker["trackingId"], tracker["accountId"]) == (made["trackingId"], "123456789012")
    assert uuid.UUID(tracker["trackingId"]) and int(made["eventTrackerArn"].rpartition("/")[2], 16) >= 0
