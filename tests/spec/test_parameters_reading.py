"""What a parameter file says, with the defaults of what it leaves out, and the names of its resources."""

import json
from pathlib import Path
from typing import Any

import pytest

from personalize_spec.parameters import Gate, ResourceNames, Traffic, canonical_schema, schema_variant_name, second_slot
from personalize_spec.parameters import reading as read
from personalize_spec.parameters.resource_names import schema_name

GOOD = json.loads((Path(__file__).parent / "data" / "params.json").read_text())
USER_RECIPE = "arn:aws:personalize:::recipe/aws-user-personalization"
BARE: dict[str, Any] = {"datasetGroup": {"name": "daily"}, "datasets": {"Interactions": {"name": "reads"}}}


def test_what_a_file_does_not_say_has_defaults() -> None:
    assert read.gate_of(BARE) == Gate(None, 0.05, 0.0, 5)
    assert read.traffic_of(BARE) == Traffic((10, 50, 100), 15, 24, ())
    assert read.schedules_of(BARE) == {}
    assert read.import_mode(BARE, "Interactions") == "FULL"
    assert read.solution_keys(BARE) == ()


def test_what_a_file_says_is_read() -> None:
    data = BARE | {
        "gate": {"metric": "coverage", "tolerance": 0.2, "minimumCoverage": 0.1, "smokeUsers": 2},
        "traffic": {"steps": [100], "stepMinutes": 0.5, "soakHours": 1, "alarms": ["Errors"]},
        "schedules": {"train": "rate(7 days)"},
    }
    assert read.gate_of(data) == Gate("coverage", 0.2, 0.1, 2)
    assert read.traffic_of(data) == Traffic((100,), 0.5, 1, ("Errors",))
    assert read.schedules_of(data) == {"train": "rate(7 days)"}


def test_the_newspapers_solutions_come_first_and_keep_their_keys() -> None:
    data = BARE | {"solutions": {"mine": {}, "sims": {}, "userPersonalization": {}}}
    assert read.solution_keys(data) == ("userPersonalization", "sims", "mine")
    assert [read.newer_key(key) for key in read.solution_keys(data)] == ["userPersonalization", "similarItems", "mine"]


def test_datasets_come_in_the_order_of_the_work() -> None:
    assert read.dataset_keys({"datasets": {"Actions": {}, "Items": {}, "Interactions": {}}}) == (
        "Interactions",
        "Items",
        "Actions",
    )


def test_a_solution_is_sent_without_the_pipelines_own_keys_and_trains_when_told_only() -> None:
    solution = {
        "name": "x",
        "recipeArn": USER_RECIPE,
        "trainingMode": "UPDATE",
        "campaigns": [],
        "batchSegmentJobs": [],
    }
    assert read.solution_arguments(solution) == {"name": "x", "recipeArn": USER_RECIPE, "performAutoTraining": False}
    assert read.solution_arguments({**solution, "performAutoTraining": True})["performAutoTraining"] is True


def test_campaigns_of_both_places_are_one_list() -> None:
    more = {"name": "second"}
    data = {**GOOD, "solutions": {**GOOD["solutions"]}}
    data["solutions"]["similarItems"] = {**GOOD["solutions"]["similarItems"], "campaigns": [more]}
    assert list(read.campaigns_of(data, "similarItems")) == [GOOD["campaigns"]["similarItemsCampaign"], more]


@pytest.mark.parametrize("recipe", ["aws-user-personalization", "aws-similar-items"])
def test_exploration_is_sent_to_recipes_that_explore(recipe: str) -> None:
    campaign = GOOD["campaigns"]["userPersonalizationCampaign"]
    arguments = read.campaign_arguments(campaign, f"arn:aws:personalize:::recipe/{recipe}")
    explores = recipe == "aws-user-personalization"
    assert arguments.get("campaignConfig") == (campaign["campaignConfig"] if explores else None)
    assert "trafficRatio" not in arguments


def test_the_training_mode_is_the_solutions_or_that_of_the_older_key() -> None:
    assert read.training_mode(GOOD, "userPersonalization") == "UPDATE"
    assert read.training_mode(GOOD, "similarItems") == "FULL"
    own = {**GOOD, "solutions": {"userPersonalization": {"trainingMode": "FULL"}}}
    assert read.training_mode(own, "userPersonalization") == "FULL"


def test_batch_jobs_have_places_in_the_bucket_or_elsewhere() -> None:
    assert read.batch_output("sims", {"name": "night"}) == "batch-output/similarItems/night/"
    assert read.batch_output("sims", {"name": "night", "output": "s3://else/where/"}) == "s3://else/where/"
    assert read.s3_address("batch/users.json", "input") == "s3://input/batch/users.json"
    assert read.s3_address("s3://else/where/", "input") == "s3://else/where/"


def test_names_start_with_the_dataset_group() -> None:
    names = ResourceNames.of(GOOD)
    assert names == ResourceNames("daily-reco-amber")
    assert names.dataset_group == "daily-reco-amber"
    for name_of in (names.solution, names.campaign, names.recommender, names.filter, names.event_tracker):
        assert name_of("one") == "daily-reco-amber-one"


def test_names_start_with_the_prefix_that_the_file_gives() -> None:
    assert ResourceNames.of({**GOOD, "namePrefix": ""}).campaign("front") == "front"
    assert ResourceNames.of({**GOOD, "namePrefix": "prod_"}).filter("unread") == "prod_unread"


def test_the_second_slot_fits_into_a_name() -> None:
    assert second_slot("front") == "front-b"
    assert second_slot("f" * 63) == "f" * 61 + "-b"


def test_a_schema_has_the_records_name_unless_the_file_gives_another() -> None:
    dataset = GOOD["datasets"]["Users"]
    assert schema_name(dataset) == "DailyReaders"
    assert schema_name({**dataset, "schemaName": "readers-2"}) == "readers-2"


def test_a_schema_with_other_content_gets_another_name_and_the_same_content_the_same() -> None:
    schema = GOOD["datasets"]["Users"]["schema"]
    turned = dict(reversed(schema.items()))
    assert canonical_schema(turned) == canonical_schema(schema)
    assert schema_variant_name(turned) == schema_variant_name(schema)
    assert schema_variant_name(schema).startswith("DailyReaders-")
    assert len(schema_variant_name(schema)) == len("DailyReaders-") + 8
    assert schema_variant_name({**schema, "version": "2.0"}) != schema_variant_name(schema)
