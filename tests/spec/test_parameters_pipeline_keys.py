"""Mistakes in solutions of one's own, recommenders, batch jobs, schedules, gate, traffic, encryption and tags."""

import json
from pathlib import Path
from typing import Any

import pytest

from personalize_spec.parameters import check_parameters
from tests.spec.parameter_changes import REMOVED, changed, found

EXAMPLES = Path(__file__).parents[2] / "mlops" / "examples"
NEWS = json.loads((EXAMPLES / "every-key.json").read_text())
VIDEOS = json.loads((EXAMPLES / "recommenders.json").read_text())
RECIPE = "arn:aws:personalize:::recipe/"

FOR_YOU, ALSO, AUDIENCE = "solutions.userPersonalization", "solutions.similarItems", "solutions.audience"
LETTER, TOPICS, PREMIERES = (
    f"{FOR_YOU}.batchInferenceJobs[0]",
    f"{ALSO}.batchInferenceJobs[0]",
    f"{AUDIENCE}.batchSegmentJobs[0]",
)
ITEM_FIELDS = "datasets.Items.schema.fields"
MISTAKES = [
    # solutions of any recipe
    ("solutions.next-offer.recipeArn", f"{RECIPE}aws-vod-top-picks", "move it to recommenders"),
    ("datasets.Actions", REMOVED, "trains on the Actions dataset", "solutions.next-offer.recipeArn"),
    (f"{ITEM_FIELDS}[2].itemName", REMOVED, '"itemName": true', "solutions.by-meaning.recipeArn"),
    ("solutions.1st", {"name": "first", "recipeArn": f"{RECIPE}aws-sims", "campaigns": []}, "cannot be a key here"),
    ("solutions.order.trainingMode", "UPDATE", "cannot be updated, only trained anew: write FULL"),
    ("solutions.order.trainingMode", "AUTOTRAIN", "FULL, UPDATE"),
    (f"{FOR_YOU}.trainingMode", "FULL", "remove one of the two"),
    ("solutions.order.performIncrementalUpdate", True, "has no incremental update"),
    (f"{AUDIENCE}.campaigns", [{"name": "x"}], "cannot be deployed as a campaign", f"{AUDIENCE}.campaigns[0]"),
    ("solutions.next-offer.batchInferenceJobs", [{"name": "x", "input": "a.json"}], "has no batchInferenceJobs"),
    ("solutions.order.batchSegmentJobs", [{"name": "x", "input": "a.json"}], "use batchInferenceJobs"),
    ("solutions.order.campaign", [], "CreateSolution has no argument 'campaign': remove it. Did you mean 'campaigns'"),
    # campaigns
    (f"{FOR_YOU}.campaigns[0].campaignConfig.rankingInfluence", {"FRESHNESS": 0.5}, "has no rankingInfluence"),
    ("solutions.next-offer.campaigns[0].campaignConfig", {"enableMetadataWithRecommendations": True},
     "no columns of Items", "solutions.next-offer.campaigns[0].campaignConfig.enableMetadataWithRecommendations"),
    ("solutions.order.campaigns[0].name", "for-you", "is the name at campaigns.userPersonalizationCampaign"),
    ("solutions.order.campaigns[0].name", "for-you-b", "take turns with a campaign of this name"),
    ("solutions.order.campaigns[0].name", "c" * 58, "has 64 characters: shorten it, or namePrefix, by 1"),
    ("solutions.order.campaigns[0].minProvisionedTPS", 0, "at least 1"),
    # batch jobs
    (f"{LETTER}.filter", "frech", "Did you mean 'fresh'?"),
    (f"{LETTER}.filter", "subscribers", "does not choose by ItemID"),
    (f"{PREMIERES}.filter", "fresh", "does not choose by UserID"),
    (f"{LETTER}.input", "/batch/subscribers.json", "is no place in S3"),
    (f"{LETTER}.input", "https://example.com/a.json", "is no place in S3"),
    (f"{LETTER}.input", "batch/subscribers.csv", "lines of JSON"),
    (f"{LETTER}.output", "batch-output/newsletter", "end it with '/'"),
    (f"{LETTER}.output", "batch/", "among the requests"),
    (f"{LETTER}.numResults", 501, "at most 500"),
    (f"{LETTER}.name", "topics", "already", f"{TOPICS}.name"),
    (f"{LETTER}.batchInferenceJobMode", "THEME_GENERATION", "Only aws-similar-items finds themes"),
    (f"{LETTER}.batchInferenceJobConfig.rankingInfluence", {"POPULARITY": 1}, "has no rankingInfluence"),
    (f"{TOPICS}.batchInferenceJobConfig", {"itemExplorationConfig": {"explorationWeight": "0"}},
     "takes no exploration settings", f"{TOPICS}.batchInferenceJobConfig.itemExplorationConfig"),
    (f"{TOPICS}.themeGenerationConfig", REMOVED, "add {\"fieldsForThemeGeneration\""),
    (f"{TOPICS}.batchInferenceJobMode", REMOVED, "no effect on a plain job", f"{TOPICS}.themeGenerationConfig"),
    (f"{TOPICS}.themeGenerationConfig.fieldsForThemeGeneration.itemName", "TITEL", "Did you mean 'TITLE'?"),
    (f"{PREMIERES}.jobName", "x", "CreateBatchSegmentJob has no argument 'jobName'"),
    # schedules
    ("schedules.import", "cron(0 5 * * *)", "has 5 fields and needs 6"),
    ("schedules.import", "0 5 * * ? *", "put it in cron(…)"),
    ("schedules.import", "cron(0 5 * * * *)", "must be '?', and only one"),
    ("schedules.import", "cron(0 25 * * ? *)", "'25' is no hours"),
    ("schedules.train", "rate(7 day)", "Write rate(7 days)"),
    ("schedules.train", "rate(2 weeks)", "no unit 'weeks'"),
    ("schedules.batch", "at(2026-12-24T00:00:00)", "is no schedule"),
    ("schedules.batch", 1, "must be a string"),
    # gate and traffic
    ("gate.metric", "ndcg", "No solution here has the metric 'ndcg'"),
    ("gate.metric", "normalised_discounted_cumulative_gain_at_10", "Did you mean 'normalized_"),
    ("gate.tolerance", 5, "at most 1"),
    ("gate.smokeUsers", 0, "at least 1"),
    ("traffic.steps", [50, 10, 100], "let the shares rise", "traffic.steps[1]"),
    ("traffic.steps", [10, 50], "end with 100", "traffic.steps[1]"),
    ("traffic.steps", [], "at least 1 and at most 20 entries"),
    ("traffic.steps", [0, 100], "at least 1", "traffic.steps[0]"),
    ("traffic.stepMinutes", "15", "write it without quotes"),
    ("traffic.alarms", "errors", "must be a list"),
    # the dataset group
    ("datasetGroup.kmsKeyArn", REMOVED, "The role is for a key only"),
    ("datasetGroup.kmsKeyArn", "arn:aws:kms:us-east-1:123456789012:alias/news", "an alias does not do"),
    ("datasetGroup.roleArn", "personalize-key", "is not a role's ARN"),
    ("namePrefix", "the daily", "is not the beginning of a name"),
    ("datasets.Items.schemaName", "daily reads", "is not a valid name"),
    ("datasets.Items.schemaName", "daily-reads", "is the name at datasets.Interactions.schemaName already"),
    ("datasets.Items.importMode", "PARTIAL", "FULL, INCREMENTAL"),
    ("datasetGroup.domain", "ECOMMERCE", "has no Actions dataset", "datasets.Actions.schema.fields"),
    # tags
    ("datasetGroup.tags", [{"tagKey": "a", "tagValue": "1"}] * 2, "stands at datasetGroup.tags[0] already",
     "datasetGroup.tags[1].tagKey"),
    ("filters[0].tags[0].tagKey", "aws:team", "AWS's own"),
    (f"{LETTER}.tags[0].tagValue", "a#b", "cannot have '#'"),
    (f"{FOR_YOU}.tags", [{"tagKey": f"k{n}", "tagValue": ""} for n in range(51)], "at most 50 entries"),
    (f"{FOR_YOU}.tags", [{"key": "a", "tagValue": "1"}], "add the tag's key", f"{FOR_YOU}.tags[0].tagKey"),
]  # fmt: skip


def name(row: tuple[Any, ...]) -> str:
    return f"{row[0]} {'removed' if row[1] is REMOVED else str(row[1])[:30]}"


@pytest.mark.parametrize("row", MISTAKES, ids=name)
def test_one_mistake_gives_an_error_at_its_place_that_says_what_to_change(row: tuple[Any, ...]) -> None:
    path, value, words, *elsewhere = row
    errors = found(changed(NEWS, (path, value)))
    place = elsewhere[0] if elsewhere else path
    assert any(words in message for where, message in errors if where == place), errors


OF_RECOMMENDERS = [
    ("datasetGroup.domain", REMOVED, 'add "domain": "VIDEO_ON_DEMAND"', "recommenders.picks.recipeArn"),
    ("recommenders.picks.recipeArn", f"{RECIPE}aws-ecomm-recommended-for-you", "is of the domain ECOMMERCE"),
    ("recommenders.picks.recipeArn", f"{RECIPE}aws-user-personalization", "move it to solutions"),
    ("recommenders.picks.recipeArn", f"{RECIPE}aws-vod-top-pick", "Did you mean"),
    ("datasets.Items", REMOVED, "trains on the Items dataset", "recommenders.more-like-this.recipeArn"),
    ("datasets.Interactions", REMOVED, "add the Interactions dataset"),
    ("recommenders.picks.minProvisionedTPS", 1, "CreateRecommender has no argument"),
    ("recommenders.picks.recommenderConfig.minRecommendationRequestsPerSecond", 0, "at least 1"),
    ("recommenders.more-like-this.recommenderConfig", {"itemExplorationConfig": {"explorationWeight": "0.1"}},
     "does not explore", "recommenders.more-like-this.recommenderConfig.itemExplorationConfig"),
    ("recommenders.picks.recommenderConfig.trainingDataConfig.excludedDatasetColumns.ITEMS", ["SERIE"],
     "Did you mean 'SERIES'?",
     "recommenders.picks.recommenderConfig.trainingDataConfig.excludedDatasetColumns.ITEMS[0]"),
    ("recommenders.more-like-this.name", "picks", "is the name at recommenders.picks.name already"),
]  # fmt: skip


@pytest.mark.parametrize("row", OF_RECOMMENDERS, ids=name)
def test_a_recommender_suits_its_domain_and_data(row: tuple[Any, ...]) -> None:
    path, value, words, *elsewhere = row
    errors = found(changed(VIDEOS, (path, value)))
    place = elsewhere[0] if elsewhere else path
    assert any(words in message for where, message in errors if where == place), errors


WARNINGS = [
    ("solutions.userPersonalisation", {"name": "x", "recipeArn": f"{RECIPE}aws-sims", "campaigns": [{"name": "x"}]},
     "Did you mean 'userPersonalization'?", REMOVED),
    ("solutions.spare", {"name": "spare", "recipeArn": f"{RECIPE}aws-sims"}, "nothing uses it", None),
    ("solutions.order.campaigns[0].trafficRatio", 5, "has no effect", None),
    (f"{FOR_YOU}.campaigns[0].trafficRatio", 5, "names the first campaign of userPersonalization", None),
    ("solutions.order.performAutoTraining", True, "pay for both", None),
    ("schedules.train", "rate(1 hour)", "24 times a day", None),
    ("gate.metric", "recall", "has no metric 'recall'", None),
]  # fmt: skip


@pytest.mark.parametrize("row", WARNINGS, ids=name)
def test_what_has_no_effect_or_costs_too_much_is_a_warning(row: tuple[Any, ...]) -> None:
    path, value, words, removed = row
    changes = [(path, value)]
    if removed is REMOVED:
        changes += [(FOR_YOU, REMOVED), ("campaigns.userPersonalizationCampaign", REMOVED)]
    data = changed(NEWS, *changes)
    assert any(where == path and words in message for where, message in found(data, "warning")), check_parameters(data)
    assert found(data) == []


def test_a_schedule_for_no_batch_jobs_is_a_warning() -> None:
    warnings = found(changed(VIDEOS, ("schedules.batch", "rate(1 day)")), "warning")
    assert [path for path, _ in warnings] == ["schedules.batch"]


def test_a_filter_that_nothing_can_use_is_a_warning() -> None:
    data = changed(NEWS, (AUDIENCE, REMOVED))
    assert found(data) == []
    assert [path for path, _ in found(data, "warning")] == ["filters[2].filterExpression"]


def test_a_newspapers_solution_may_have_its_campaigns_in_itself_or_none() -> None:
    data = changed(NEWS, ("campaigns.similarItemsCampaign", REMOVED), (f"{ALSO}.campaigns", [{"name": "also-read"}]))
    assert check_parameters(data) == []
    assert check_parameters(changed(data, (f"{ALSO}.campaigns", []))) == []


def test_items_alone_are_enough_for_a_recipe_that_learns_from_nothing_else() -> None:
    data = {
        "datasetGroup": {"name": "texts"},
        "datasets": {"Items": NEWS["datasets"]["Items"]},
        "solutions": {"by-meaning": NEWS["solutions"]["by-meaning"]},
    }
    assert found(data) == []


def test_an_empty_dataset_group_is_no_mistake() -> None:
    assert found({"datasetGroup": {"name": "empty"}, "datasets": {}}) == []
