"""Rules that real clients depend on, one test for each that no other test shows (contract §9).

What the other rules are shown by, `tests/docs/test_faithfulness.py` knows: each has a marked test.
"""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from personalize_local.wire.models import API_NAMES, operations
from tests.behaviours import EXACT, behaviour
from tests.conftest import REGION, ROLE, SCHEMAS, World
from tests.ledger.behaviours import ask as ask_of
from tests.ledger.cases import CASES, recommender
from tests.ledger.shapes import shape_problems
from tests.refusals import refusal
from tests.town import Town

LONG_AGO_S = 1_600_000_000


@pytest.fixture
def group(world: World) -> str:
    """A dataset group with interactions."""
    arn = world.create_group()
    world.create_dataset(arn)
    return arn


def code_of(call: Any, **arguments: Any) -> str:
    return refusal(call, **arguments)[0]


@behaviour(
    "Lifecycles",
    "Clients poll Describe, as there are no waiters; statuses have a space and an underscore (CREATE IN_PROGRESS)",
    EXACT,
    source="model, contract §9.1",
)
def test_clients_poll_statuses_that_have_a_space_and_an_underscore(world: World) -> None:
    for api in API_NAMES:
        client = boto3.client(api, region_name=REGION, aws_access_key_id="a", aws_secret_access_key="b")
        assert client.waiter_names == []
    arn = world.personalize.create_dataset_group(name="news")["datasetGroupArn"]
    assert world.statuses(
        lambda: world.personalize.describe_dataset_group(datasetGroupArn=arn)["datasetGroup"]["status"]
    ) == ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]


@behaviour(
    "Lifecycles",
    "What is deleted is listed until it is gone; then Describe answers ResourceNotFoundException",
    EXACT,
    source="observed, contract §9.2",
)
def test_a_deletion_is_over_when_describe_does_not_find_it_and_lists_lack_it(world: World) -> None:
    arn = world.create_group()
    world.personalize.delete_dataset_group(datasetGroupArn=arn)
    assert [each["datasetGroupArn"] for each in world.personalize.list_dataset_groups()["datasetGroups"]] == [arn]
    world.settle()
    assert world.personalize.list_dataset_groups()["datasetGroups"] == []
    assert code_of(world.personalize.describe_dataset_group, datasetGroupArn=arn) == "ResourceNotFoundException"


@behaviour(
    "CreateDatasetGroup, CreateSchema, CreateEventTracker",
    "Creations answer with ARNs only; a tracker's with its trackingId too, a domain group's with its domain",
    EXACT,
    source="model, contract §9.3",
)
def test_creations_answer_with_arns_only(world: World) -> None:
    personalize = world.personalize
    answers = [
        (personalize.create_dataset_group(name="shop", domain="ECOMMERCE"), {"datasetGroupArn", "domain"}),
        (personalize.create_schema(name="users", schema=avro("Users")), {"schemaArn"}),
        (
            personalize.create_event_tracker(name="site", datasetGroupArn=world.create_group()),
            {"eventTrackerArn", "trackingId"},
        ),
    ]
    for answer, members in answers:
        assert answer.keys() - {"ResponseMetadata"} == members


@behaviour(
    "CreateDatasetGroup, ListDatasetGroups",
    "A name that is taken is refused, and its owner's ARN is found by listing or by building it from the name",
    EXACT,
    source="observed, contract §9.3",
)
def test_after_a_name_is_taken_a_client_finds_who_has_it(world: World) -> None:
    arn = world.create_group("news")
    assert code_of(world.personalize.create_dataset_group, name="news") == "ResourceAlreadyExistsException"
    listed = world.personalize.list_dataset_groups()["datasetGroups"]
    assert next(each["datasetGroupArn"] for each in listed if each["name"] == "news") == arn
    assert arn == "arn:aws:personalize:us-east-1:123456789012:dataset-group/news"


@behaviour(
    "TagResource, ListTagsForResource",
    "Everything but schemas and metric attributions takes tags when it is created; Describe never shows them",
    EXACT,
    source="model and documented, contract §9.6",
)
@pytest.mark.parametrize("name", [name for name, found in operations().items() if name.startswith("Create")])
def test_what_takes_tags_shows_them_to_list_tags_for_resource_only(name: str, town: Town) -> None:
    operation = operations()[name]
    takes_tags = "tags" in operation.input_shape.members
    assert takes_tags == (name not in ("CreateSchema", "CreateMetricAttribution"))
    if takes_tags:
        tags = [{"tagKey": "desk", "tagValue": "sport"}]
        request = CASES[name](town) | {"tags": tags}
        answer = getattr(town.world.personalize, operation.function_name)(**request)
        arn = next(value for member, value in answer.items() if member.endswith("Arn"))
        assert town.world.personalize.list_tags_for_resource(resourceArn=arn)["tags"] == tags
        assert "sport" not in json.dumps(described(town.world, arn), default=str)


@behaviour(
    "DescribeSolution, DescribeCampaign, DescribeDataset",
    "latest…Update is absent until the first update; while one runs a solution and a campaign stay ACTIVE",
    EXACT,
    source="observed, contract §9.7",
)
def test_summaries_of_updates_are_there_from_the_first_update_on(world: World, group: str) -> None:
    personalize = world.personalize
    solution = world.create_solution(group)
    campaign = world.create_campaign(world.add_version(solution, "first"))
    for arn in (solution, campaign):
        assert not [member for member in described(world, arn) if member.endswith("Update")]
    personalize.update_solution(solutionArn=solution, performAutoTraining=False)
    personalize.update_campaign(campaignArn=campaign, minProvisionedTPS=2)
    for arn in (solution, campaign):
        shown = described(world, arn)
        [update] = [shown[member] for member in shown if member.endswith("Update")]
        assert (shown["status"], update["status"]) == ("ACTIVE", "CREATE PENDING")


@behaviour(
    "DescribeSolution, ListSolutionVersions",
    "latestSolutionVersion is the newest of any status and absent before the first; versions are listed oldest first",
    EXACT,
    source="observed, contract §9.8",
)
def test_the_newest_version_is_the_last_of_the_list_and_the_solutions_latest(world: World, group: str) -> None:
    solution = world.create_solution(group)
    assert "latestSolutionVersion" not in described(world, solution)
    world.add_version(solution, "first")
    newest = world.personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]
    listed = world.personalize.list_solution_versions(solutionArn=solution)["solutionVersions"]
    assert listed[-1]["solutionVersionArn"] == newest and len(listed) == 2
    latest = described(world, solution)["latestSolutionVersion"]
    assert (latest["solutionVersionArn"], latest["status"]) == (newest, "CREATE PENDING")


@behaviour(
    "DescribeSchema",
    "The schema is the JSON text as it was given, to the last space",
    EXACT,
    source="observed, contract §9.9",
)
def test_a_schema_is_described_as_the_text_that_was_given(world: World) -> None:
    text = json.dumps(json.loads(avro("Users")) | {"version": 1}, indent=3)
    arn = world.personalize.create_schema(name="users", schema=text)["schemaArn"]
    assert world.personalize.describe_schema(schemaArn=arn)["schema"]["schema"] == text


@behaviour(
    "Lifecycles",
    "failureReason is there where something failed, and nowhere else",
    EXACT,
    source="documented, contract §9.10",
)
@pytest.mark.parametrize(
    "name", [name for name in CASES if name.startswith("Describe") and name not in ("DescribeRecipe",)]
)
def test_nothing_that_went_well_has_a_failure_reason(name: str, town: Town) -> None:
    status, answer = ask_of(town, operations()[name], CASES[name](town))
    assert status == 200 and "failureReason" not in json.dumps(answer) and "null" not in json.dumps(answer)


@behaviour(
    "CreateCampaign, UpdateCampaign, DescribeCampaign",
    "minProvisionedTPS is 1 when left out; itemExplorationConfig keeps its texts, and an update without it keeps it",
    EXACT,
    source="observed, contract §9.12",
)
def test_a_campaign_comes_back_with_the_texts_it_was_given(world: World, group: str) -> None:
    config = {"itemExplorationConfig": {"explorationWeight": "0.30", "explorationItemAgeCutOff": "30.0"}}
    version = world.add_version(world.create_solution(group), "first")
    plain, set_up = world.create_campaign(version, "plain"), world.create_campaign(version, "a", campaignConfig=config)
    assert (described(world, plain)["minProvisionedTPS"], described(world, plain)["campaignConfig"]) == (1, {})
    assert described(world, set_up)["campaignConfig"] == config
    world.personalize.update_campaign(campaignArn=set_up, minProvisionedTPS=3)
    world.settle()
    shown = described(world, set_up)
    assert (shown["minProvisionedTPS"], shown["campaignConfig"]) == (3, config)


@behaviour(
    "CreateSolution",
    "Booleans among hyperparameters are texts in any letter case, and come back as they were given",
    EXACT,
    source="observed, contract §9.13",
)
@pytest.mark.parametrize("text", ["True", "true", "FALSE"])
def test_booleans_among_hyperparameters_are_texts_in_any_letter_case(world: World, group: str, text: str) -> None:
    config = {"algorithmHyperParameters": {"recency_mask": text}}
    assert described(world, world.create_solution(group, solutionConfig=config))["solutionConfig"] == config


@behaviour(
    "ListDataDeletionJobs, ListFilters, ListRecipes",
    "Every list but that of data deletion jobs has a paginator in botocore, and gives what it says under its key",
    EXACT,
    source="model, contract §9.14",
)
@pytest.mark.parametrize("name", [name for name in operations() if name.startswith("List") and "Tags" not in name])
def test_every_list_answers_under_the_key_of_its_paginator(name: str, town: Town) -> None:
    function_name, personalize = operations()[name].function_name, town.world.personalize
    assert personalize.can_paginate(function_name) == (name != "ListDataDeletionJobs")
    request = {member: value for member, value in CASES[name](town).items() if member != "maxResults"}
    whole = getattr(personalize, function_name)(**request)
    [key] = whole.keys() - {"ResponseMetadata", "nextToken"}
    if name != "ListDataDeletionJobs":
        pages = personalize.get_paginator(function_name).paginate(**request, PaginationConfig={"PageSize": 1})
        assert [each for page in pages for each in page[key]] == whole[key]


@behaviour(
    "CreateDatasetImportJob",
    "The name of an import job stays taken as long as its dataset is there",
    EXACT,
    source="observed, contract §9.19",
)
def test_an_import_jobs_name_stays_taken(town: Town) -> None:
    job = town.world.personalize.list_dataset_import_jobs()["datasetImportJobs"][0]
    request = {"datasetArn": town.arns["dataset_arn"], "dataSource": {"dataLocation": "s3://b/f.csv"}, "roleArn": ROLE}
    code = code_of(town.world.personalize.create_dataset_import_job, jobName=job["jobName"], **request)
    assert code == "ResourceAlreadyExistsException"


@behaviour(
    "UpdateCampaign, CreateDatasetImportJob",
    "What can be tried again later has errors of its own: ResourceInUse for an update, LimitExceeded for an import",
    EXACT,
    source="observed, contract §9.20",
)
def test_what_can_be_tried_again_later_says_so_with_its_error(town: Town) -> None:
    personalize, campaign = town.world.personalize, town.arns["campaign_arn"]
    personalize.update_campaign(campaignArn=campaign, minProvisionedTPS=2)
    assert code_of(personalize.update_campaign, campaignArn=campaign, minProvisionedTPS=3) == "ResourceInUseException"
    town.world.settle()
    personalize.update_campaign(campaignArn=campaign, minProvisionedTPS=3)
    request = {"datasetArn": town.arns["dataset_arn"], "dataSource": {"dataLocation": "s3://b/f.csv"}, "roleArn": ROLE}
    for place in range(5):
        personalize.create_dataset_import_job(jobName=f"job-{place}", **request)
    assert code_of(personalize.create_dataset_import_job, jobName="job-5", **request) == "LimitExceededException"


@behaviour(
    "GetRecommendations",
    "25 results come when the number is left out or 0; more than 500 are refused by the service, not by the client",
    EXACT,
    source="documented, contract §9.22; 0: inferred",
)
def test_the_number_of_results_is_the_services_to_check(town: Town) -> None:
    ask, request = town.world.runtime.get_recommendations, {"campaignArn": town.arns["campaign_arn"], "userId": "u1"}
    assert [len(ask(**request, **more)["itemList"]) for more in ({}, {"numResults": 0}, {"numResults": 500})] == [
        25,
        25,
        40,
    ]
    assert code_of(ask, **request, numResults=501) == "InvalidInputException"


@behaviour(
    "GetPersonalizedRanking",
    "A recommender's ARN is no campaign's",
    EXACT,
    source="documented, contract §9.24",
)
def test_a_recommender_does_not_rank(town: Town) -> None:
    arn = recommender(town)["recommenderArn"]
    ask = town.world.runtime.get_personalized_ranking
    assert code_of(ask, campaignArn=arn, userId="u1", inputList=["i1"]) == "ResourceNotFoundException"


@behaviour(
    "GetRecommendations, PutEvents",
    "Every answer has a recommendationId of its own, RID- and 36 characters, which fits into an event",
    EXACT,
    source="observed, contract §9.25",
)
def test_each_answer_has_an_id_that_fits_into_an_event(town: Town) -> None:
    request = {"campaignArn": town.arns["campaign_arn"], "userId": "u1"}
    found = {town.world.runtime.get_recommendations(**request)["recommendationId"] for _ in range(3)}
    assert len(found) == 3 and all(name.startswith("RID-") and len(name) == 40 for name in found)
    event = {"eventType": "click", "sentAt": LONG_AGO_S, "itemId": "i1", "recommendationId": found.pop()}
    town.world.events.put_events(trackingId=town.tracking_id, sessionId="s", userId="u1", eventList=[event])


@behaviour(
    "GetRecommendations, CreateFilter",
    "Letter case counts in names of filterValues, in values and in ids; in event types it does not",
    EXACT,
    source="documented, contract §9.26",
)
def test_letter_case_counts_where_it_counts(town: Town) -> None:
    personalize, group = town.world.personalize, town.arns["dataset_group_arn"]
    ask, request = town.world.runtime.get_recommendations, {"campaignArn": town.arns["campaign_arn"], "userId": "u1"}
    by_category = personalize.list_filters()["Filters"][1]["filterArn"]
    assert code_of(ask, **request, filterArn=by_category, filterValues={"category": '"sport"'}) == (
        "InvalidInputException"
    )
    assert ask(**request, filterArn=by_category, filterValues={"CATEGORY": '"Sport"'})["itemList"] == []
    expression = 'INCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("CLICK")'
    clicked = personalize.create_filter(name="clicked", datasetGroupArn=group, filterExpression=expression)["filterArn"]
    town.world.settle()
    assert ask(**request, filterArn=clicked)["itemList"]
    assert ask(**(request | {"userId": "U1"}), filterArn=clicked)["itemList"] == []


@behaviour(
    "Lifecycles",
    "What was created is described from the next call on, and the answer has the shape of the model",
    EXACT,
    source="model, contract §9.28; AWS rarely lags (inferred)",
)
def test_what_was_created_is_there_at_once(town: Town) -> None:
    arn = town.world.personalize.create_schema(name="users", schema=avro("Users"))["schemaArn"]
    operation = operations()["DescribeSchema"]
    status, answer = ask_of(town, operation, {"schemaArn": arn})
    assert status == 200 and list(shape_problems(operation.output_shape, answer)) == []


@behaviour(
    "CreateFilter, GetRecommendations",
    "A filter made after the campaign works as soon as it is ACTIVE",
    EXACT,
    source="documented, contract §9.30",
)
def test_a_filter_made_after_the_campaign_works_once_it_is_active(town: Town) -> None:
    ask, request = town.world.runtime.get_recommendations, {"campaignArn": town.arns["campaign_arn"], "userId": "u1"}
    late = town.world.personalize.create_filter(
        name="late",
        datasetGroupArn=town.arns["dataset_group_arn"],
        filterExpression='INCLUDE ItemID WHERE Items.CATEGORY IN ("world")',
    )["filterArn"]
    assert code_of(ask, **request, filterArn=late) == "InvalidInputException"
    town.world.settle()
    kept = {item["itemId"] for item in ask(**request, filterArn=late, numResults=40)["itemList"]}
    assert kept and all(name < "i2" for name in kept)


def avro(dataset_type: str) -> str:
    return json.dumps({"type": "record", "name": dataset_type, "fields": SCHEMAS[dataset_type], "version": "1.0"})


def described(world: World, arn: str) -> dict[str, Any]:
    """Give what Describe shows of a resource, whatever it is; solution versions are told by their ARN's length."""
    kind, _, path = arn.split(":")[5].partition("/")
    noun = "solution-version" if kind == "solution" and "/" in path else kind
    words = noun.split("-")
    member = words[0] + "".join(map(str.title, words[1:]))
    describe = getattr(world.personalize, f"describe_{noun.replace('-', '_')}")
    return dict(describe(**{f"{member}Arn": arn})[member])
