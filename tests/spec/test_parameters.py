"""The parameter file: a good one has no findings, and each mistake gives the finding that cures it."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from personalize_spec.parameters import check_parameters
from tests.spec import parameter_changes
from tests.spec.parameter_changes import REMOVED, found

GOOD = json.loads((Path(__file__).parent / "data" / "params.json").read_text())
RECIPE = "arn:aws:personalize:::recipe/"


def changed(*changes: tuple[str, Any]) -> dict[str, Any]:
    return parameter_changes.changed(GOOD, *changes)


def older() -> dict[str, Any]:
    """The good file in the older format: other keys, and filters without hints."""
    data = copy.deepcopy(GOOD)
    data["solutions"]["sims"] = data["solutions"].pop("similarItems")
    data["campaigns"]["simsCampaign"] = data["campaigns"].pop("similarItemsCampaign")
    del data["campaigns"]["userPersonalizationCampaign"]["trafficRatio"]
    event = 'ItemID WHERE Interactions.EVENT_TYPE IN ("page_view")'
    data["filters"] = [
        {"name": "category", "filterExpression": "INCLUDE ItemID WHERE Items.Category IN ($category)"},
        {"name": "read", "filterExpression": f"INCLUDE {event}"},
        {"name": "unread", "filterExpression": f"EXCLUDE {event}"},
    ]
    return data


def test_the_good_file_has_no_findings() -> None:
    assert check_parameters(GOOD) == []


def test_the_older_format_has_no_findings() -> None:
    assert check_parameters(older()) == []


def test_interactions_alone_are_enough() -> None:
    data = {"datasetGroup": GOOD["datasetGroup"], "datasets": {"Interactions": GOOD["datasets"]["Interactions"]}}
    assert found(data) == []
    assert [path for path, _ in found(data, "warning")] == ["solutions", "eventTracker"]


UP = "solutions.userPersonalization"
UP_CAMPAIGN = "campaigns.userPersonalizationCampaign"
CONFIG = f"{UP}.solutionConfig"
EXPLORATION = f"{UP_CAMPAIGN}.campaignConfig.itemExplorationConfig"
FIELDS = "datasets.Items.schema.fields"
TUNING = {"performHPO": True, "name": "forYou", "recipeArn": f"{RECIPE}aws-user-personalization"}
RANGES = f"{CONFIG}.hpoConfig.algorithmHyperParameterRanges.integerHyperParameterRanges"
NO_RANGES = {"continuousHyperParameterRanges": [], "categoricalHyperParameterRanges": []}


def tuned(**ranges: Any) -> dict[str, Any]:
    return {**TUNING, "solutionConfig": {"hpoConfig": {"algorithmHyperParameterRanges": {**NO_RANGES, **ranges}}}}


MISTAKES = [
    # keys and types
    ("datasetGroup", REMOVED, "The key 'datasetGroup' is missing"),
    ("datasets.Interactions", REMOVED, "add the Interactions dataset"),
    ("datasets.Items.schema", "{}", "must be an object, not a string"),
    (f"{UP_CAMPAIGN}.minProvisionedTPS", "2", "write it without quotes"),
    (f"{UP_CAMPAIGN}.minProvisionedTPS", 0, "must be at least 1"),
    (f"{UP_CAMPAIGN}.trafficRatio", 101, "must be at least 0 and at most 100"),
    (f"{UP_CAMPAIGN}.trafficRatio", True, "must be a whole number, not true"),
    (f"{UP}.performHPO", "true", "must be true or false, not a string: write it without quotes"),
    ("filters", {}, "must be a list, not an object"),
    ("filters[1].limit_time_range", "no", "must be true or false"),
    ("userPersonalizationUpdates.trainingMode", "PARTIAL", "FULL, UPDATE"),
    # arguments of the calls
    (f"{UP}.recipe", "x", "CreateSolution has no argument 'recipe': remove it. Did you mean 'recipeArn'"),
    (f"{UP_CAMPAIGN}.minTPS", 1, "CreateCampaign has no argument 'minTPS'"),
    (f"{CONFIG}.hyperParameters", {}, "solutionConfig has no argument"),
    # recipes
    (f"{UP}.recipeArn", REMOVED, "add the recipe's ARN"),
    (f"{UP}.recipeArn", f"{RECIPE}aws-user-personalisation", "Did you mean 'arn:aws:personalize:::recipe"),
    (f"{UP}.recipeArn", "aws-user-personalization", "is not an ARN of Amazon Personalize"),
    ("solutions.similarItems.recipeArn", f"{RECIPE}aws-item-affinity", "USER_SEGMENT"),
    ("solutions.similarItems.recipeArn", f"{RECIPE}aws-vod-more-like-x", "domain recipe"),
    (f"{UP}.performAutoML", True, "name a recipe in recipeArn"),
    # hyperparameters
    (f"{CONFIG}.algorithmHyperParameters.bptt", "33", "from 2 to 32"),
    (f"{CONFIG}.algorithmHyperParameters.bptt", 9, 'write "9" in quotes'),
    (f"{CONFIG}.algorithmHyperParameters.bptr", "9", "Did you mean 'bptt'?"),
    (
        f"{CONFIG}.featureTransformationParameters",
        {"min_user_history_length_percentile": "2"},
        "from 0 to 1",
        f"{CONFIG}.featureTransformationParameters.min_user_history_length_percentile",
    ),
    # tuning
    ("solutions.similarItems.performHPO", 1, "must be true or false"),
    (
        UP,
        tuned(),
        "add a list, which may be empty",
        f"{RANGES}",
    ),
    (
        UP,
        tuned(integerHyperParameterRanges=[{"name": "bptt", "minValue": 2, "maxValue": 64}]),
        "must stay a whole number from 2 to 32",
        f"{RANGES}[0]",
    ),
    (
        UP,
        tuned(integerHyperParameterRanges=[{"name": "bptt", "minValue": 20, "maxValue": 10}]),
        "swap them",
        f"{RANGES}[0].minValue",
    ),
    (
        UP,
        tuned(integerHyperParameterRanges=[{"name": "recency_mask", "minValue": 0, "maxValue": 1}]),
        "move it to categoricalHyperParameterRanges",
        f"{RANGES}[0]",
    ),
    # what is trained on
    (f"{UP}.eventType", "", "must have at least 1"),
    (f"{CONFIG}.optimizationObjective.itemAttribute", "Exclude", "never null"),
    (f"{CONFIG}.optimizationObjective.itemAttribute", "Exclud", "'Exclude'?"),
    (f"{CONFIG}.eventsConfig", {"eventParametersList": []}, "choose a recipe of version 2"),
    (
        f"{CONFIG}.trainingDataConfig",
        {"excludedDatasetColumns": {"ITEMS": ["Categori"]}},
        "Did you mean 'Category'?",
        f"{CONFIG}.trainingDataConfig.excludedDatasetColumns.ITEMS[0]",
    ),
    (
        f"{CONFIG}.trainingDataConfig",
        {"excludedDatasetColumns": {"INTERACTIONS": ["EVENT_TYPE"]}},
        "is always trained on",
        f"{CONFIG}.trainingDataConfig.excludedDatasetColumns.INTERACTIONS[0]",
    ),
    (
        f"{CONFIG}.autoTrainingConfig",
        {"schedulingExpression": "rate(31 days)"},
        "every 1 to 30 days",
        f"{CONFIG}.autoTrainingConfig.schedulingExpression",
    ),
    # campaigns
    ("campaigns.similarItemsCampaign", REMOVED, "has no campaign to serve it"),
    ("solutions.similarItems", REMOVED, "add solutions.similarItems, or remove it", "campaigns.similarItemsCampaign"),
    (f"{EXPLORATION}.explorationWeight", "1.5", "at least 0 and at most 1"),
    (f"{EXPLORATION}.explorationWeight", 0.2, 'write "0.2" in quotes'),
    (f"{EXPLORATION}.explorationItemAgeCutOff", "0", "must be at least 1"),
    (f"{EXPLORATION}.explorationWieght", "0.2", "Did you mean 'explorationWeight'?"),
    # schemas
    (f"{FIELDS}[1].type", "bigint", "'bigint' is not a type of Personalize"),
    (f"{FIELDS}[4].categorical", True, "Only a string field can be categorical"),
    (
        "datasets.Interactions.schema.fields[2]",
        REMOVED,
        "has no column TIMESTAMP",
        "datasets.Interactions.schema.fields",
    ),
    (f"{FIELDS}[0].type", ["null", "string"], "ITEM_ID is required, so it cannot be null", FIELDS),
    # names
    ("datasetGroup.name", "daily reco", "is not a valid name"),
    (f"{UP}.name", "x" * 47, "has 64 characters: shorten it, or the dataset group's name, by 1"),
    ("filters[0].name", "fresh.unread", "is not a valid name"),
    ("filters[1].name", "fresh-unread", "is the name at filters[0].name already"),
    ("solutions.similarItems.name", "forYou", "is the name at solutions.userPersonalization.name"),
    ("datasets.Users.schema.name", "DailyArticles", "is the name at datasets.Items.schema.name"),
    # filters
    ("filters[0].filterExpression", "EXCLUDE ItemID", "WHERE should follow ItemID"),
    ("filters[1].filterExpression", "INCLUDE ItemID WHERE Items.Categry IN ($category)", "Did you mean 'Category'?"),
    ("filters[0].filterExpression", 'INCLUDE UserID WHERE Users.plan IN ("x")', "write ItemID"),
    ("filters[1].filter_values", ["$category"], "without its $", "filters[1].filter_values[0]"),
    ("filters[1].filter_values", REMOVED, 'add "category" to filter_values'),
    ("filters[0].filter_values", ["category"], "does not use $category"),
    ("filters[1].context", "default", "is served by filters[0] already"),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake[0])
def test_one_mistake_gives_one_error_at_its_place(mistake: tuple) -> None:
    path, value, message, *elsewhere = mistake
    errors = found(changed((path, value)))
    assert [each for each, _ in errors] == (elsewhere or [path])
    assert message in errors[0][1]


WARNINGS = [
    ("campaign", {}, "is not known and has no effect. Did you mean 'campaigns'?"),
    ("filters[0].filter_days_limit", 3, "has no effect"),
    ("datasets.Items.Schema", {}, "Did you mean 'schema'?"),
    (
        "campaigns.similarItemsCampaign.campaignConfig",
        {"itemExplorationConfig": {"explorationWeight": "0"}},
        "remove them",
        "campaigns.similarItemsCampaign.campaignConfig.itemExplorationConfig",
    ),
    ("datasets.Items.schema.version", "2.0", 'The usual version is "1.0"'),
    ("datasets.Items.schema.name", "x" * 55, "shorten it to 54"),
    (
        f"{CONFIG}.autoTrainingConfig",
        {"schedulingExpression": "rate(7 days)"},
        '"performAutoTraining": true',
        f"{CONFIG}.autoTrainingConfig.schedulingExpression",
    ),
    (f"{CONFIG}.hpoConfig", {}, "has no effect without tuning"),
    (f"{UP_CAMPAIGN}.campaignConfig.syncWithLatestSolutionVersion", True, "past the gate and the steps"),
    ("eventTracker", REMOVED, "cannot be streamed"),
    ("filters[0].context", "front", 'give one the context "default"', "filters"),
]


@pytest.mark.parametrize("mistake", WARNINGS, ids=lambda mistake: mistake[0])
def test_what_has_no_effect_is_a_warning(mistake: tuple) -> None:
    path, value, message, *elsewhere = mistake
    data = changed((path, value))
    assert found(data) == []
    warnings = found(data, "warning")
    assert [each for each, _ in warnings] == (elsewhere or [path])
    assert message in warnings[0][1]


def test_a_legacy_recipe_is_a_warning() -> None:
    solution = {"name": "forYou", "recipeArn": f"{RECIPE}aws-hrnn-metadata"}
    data = changed((UP, solution), ("userPersonalizationUpdates", REMOVED), (f"{UP_CAMPAIGN}.campaignConfig", REMOVED))
    assert found(data) == []
    assert [path for path, _ in found(data, "warning")] == [f"{UP}.recipeArn"]


def test_a_recipe_that_cannot_be_updated_needs_full_training() -> None:
    solution = {"name": "forYou", "recipeArn": f"{RECIPE}aws-user-personalization-v2"}
    errors = found(changed((UP, solution), (f"{UP_CAMPAIGN}.campaignConfig", REMOVED)))
    assert [path for path, _ in errors] == ["userPersonalizationUpdates.trainingMode"]


def test_a_threshold_needs_an_event_type_and_a_column() -> None:
    place = f"{CONFIG}.eventValueThreshold"
    assert found(changed((place, "2"))) == [
        (place, "A threshold needs the type of event it is for: add eventType to the solution."),
        (place, "The Interactions schema has no EVENT_VALUE column: add the column, or remove this."),
    ]


def test_a_recipe_without_tuning_refuses_it() -> None:
    path = "solutions.personalizedRanking"
    errors = found(changed((f"{path}.recipeArn", f"{RECIPE}aws-personalized-ranking-v2"), (f"{path}.performHPO", True)))
    assert errors == [(f"{path}.performHPO", "aws-personalized-ranking-v2 has nothing to tune: remove performHPO.")]


def test_the_older_and_the_newer_keys_do_not_mix() -> None:
    data = older()
    data["campaigns"]["similarItemsCampaign"] = data["campaigns"].pop("simsCampaign")
    assert found(data) == [
        (
            "campaigns.simsCampaign",
            "The solution 'sims' has no campaign to serve it: rename similarItemsCampaign to simsCampaign.",
        )
    ]
    data = older()
    data["solutions"]["similarItems"] = {**data["solutions"]["sims"], "name": "other"}
    data["campaigns"]["similarItemsCampaign"] = {"name": "otherLive"}
    assert [path for path, _ in found(data)] == ["solutions.sims"]


def test_every_mistake_is_found_at_once() -> None:
    data = changed(
        *((path, value) for path, value, *_ in MISTAKES if path.startswith((EXPLORATION, "userPersonalizationU")))
    )
    data["filters"][0]["filterExpression"] = "x"
    data["datasets"]["Items"]["schema"]["fields"][1]["type"] = "bigint"
    assert {path for path, _ in found(data)} == {
        f"{EXPLORATION}.explorationWeight",
        f"{EXPLORATION}.explorationItemAgeCutOff",
        f"{EXPLORATION}.explorationWieght",
        "userPersonalizationUpdates.trainingMode",
        "filters[0].filterExpression",
        f"{FIELDS}[1].type",
    }


def test_a_filter_on_a_dataset_whose_schema_cannot_be_read_gives_no_second_error() -> None:
    errors = found(changed((f"{FIELDS}[2].type", "txt")))
    assert [path for path, _ in errors] == [f"{FIELDS}[2].type"]


@pytest.mark.parametrize("data", [None, [], "x", 3])
def test_a_file_that_is_no_object_has_one_finding(data: object) -> None:
    assert [finding.path for finding in check_parameters(data)] == [""]
