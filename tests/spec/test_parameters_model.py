"""The parameter file as values, and the names of its resources."""

import json
from pathlib import Path

import pytest

from personalize_spec.parameters import (
    FilterEntry,
    Parameters,
    ParametersError,
    ResourceNames,
    canonical_schema,
    schema_variant_name,
)

GOOD = json.loads((Path(__file__).parent / "data" / "params.json").read_text())


def test_the_good_file_is_read() -> None:
    parameters = Parameters.from_data(GOOD)
    assert (parameters.group, parameters.event_tracker, parameters.training_mode) == (
        "daily-reco-amber",
        "live",
        "UPDATE",
    )
    assert list(parameters.datasets) == ["Interactions", "Items", "Users"]
    assert parameters.datasets["Items"].schema["name"] == "DailyArticles"
    solution = parameters.solutions["userPersonalization"]
    assert solution.recipe_arn == "arn:aws:personalize:::recipe/aws-user-personalization"
    assert solution.arguments["solutionConfig"]["algorithmHyperParameters"]["hidden_dimension"] == "64"
    campaign = parameters.campaigns["userPersonalization"]
    assert (campaign.name, campaign.min_provisioned_tps, campaign.traffic_ratio) == ("forYouLive", 2, 25)
    assert campaign.config == {"itemExplorationConfig": {"explorationWeight": "0.2", "explorationItemAgeCutOff": "3"}}
    assert parameters.filters[1] == FilterEntry(
        name="topic",
        expression="INCLUDE ItemID WHERE Items.Category IN ($category)",
        context="same_topic_widget",
        filter_values=("category",),
        limit_time_range=False,
        include_time_range_for_sections=("weather", "elections"),
    )


def test_the_older_keys_are_read_as_the_newer_ones() -> None:
    data = json.loads(
        json.dumps(GOOD).replace('"similarItems"', '"sims"').replace("similarItemsCampaign", "simsCampaign")
    )
    parameters = Parameters.from_data(data)
    assert parameters.solutions["similarItems"].name == "alsoRead"
    assert parameters.campaigns["similarItems"].name == "alsoReadLive"


def test_a_file_with_mistakes_is_refused_with_all_of_them() -> None:
    with pytest.raises(ParametersError) as refusal:
        Parameters.from_data({"filters": 3})
    assert "has 3 mistake(s)" in str(refusal.value)
    assert "filters: This must be a list, not a number." in str(refusal.value)
    assert {"datasetGroup", "datasets", "filters"} <= {finding.path for finding in refusal.value.findings}


def test_names_start_with_the_dataset_group() -> None:
    names = Parameters.from_data(GOOD).names
    assert names == ResourceNames("daily-reco-amber")
    assert names.dataset_group == "daily-reco-amber"
    assert names.solution("forYou") == "daily-reco-amber-forYou"
    assert names.campaign("forYouLive") == "daily-reco-amber-forYouLive"
    assert names.filter("unread") == "daily-reco-amber-unread"
    assert names.event_tracker("live") == "daily-reco-amber-live"


def test_a_schema_with_other_content_gets_another_name_and_the_same_content_the_same() -> None:
    schema = GOOD["datasets"]["Users"]["schema"]
    turned = dict(reversed(schema.items()))
    assert canonical_schema(turned) == canonical_schema(schema)
    assert schema_variant_name(turned) == schema_variant_name(schema)
    assert schema_variant_name(schema).startswith("DailyReaders-")
    assert len(schema_variant_name(schema)) == len("DailyReaders-") + 8
    assert schema_variant_name({**schema, "version": "2.0"}) != schema_variant_name(schema)
