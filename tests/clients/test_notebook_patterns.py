"""How public notebooks and tools call Personalize, in our own words: AWS's samples, workshops and their clean-ups.

Each test goes the way of one of them (observed); clocks are moved where a notebook sleeps.
"""

from __future__ import annotations

import csv
import io
import json
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from personalize_spec.recipes import RECIPES
from tests.behaviours import APPROXIMATED, behaviour
from tests.conftest import ROLE, World
from tests.refusals import refusal
from tests.town import Town

RECIPE = "arn:aws:personalize:::recipe/"


def wait_while_listed(town: Town, listed: Callable[[], list[Any]]) -> None:
    """Wait as notebooks do: until a list is empty."""
    for _ in range(20):
        if not listed():
            return
        town.world.tick()
    raise AssertionError("it is listed for ever")


def pages(client: Any, operation: str, key: str, **request: Any) -> list[dict[str, Any]]:
    return [each for page in client.get_paginator(operation).paginate(**request) for each in page[key]]


def test_a_clean_up_by_lists_and_statuses_leaves_nothing(town: Town) -> None:
    """A clean-up looks things up from the dataset group down, deletes what is ACTIVE or failed, and waits."""
    personalize, group = town.world.personalize, town.arns["dataset_group_arn"]
    stages = [
        ("campaign", "campaigns", lambda: _of_solutions(town, "list_campaigns", "campaigns")),
        ("solution", "solutions", lambda: pages(personalize, "list_solutions", "solutions", datasetGroupArn=group)),
        (
            "event_tracker",
            "eventTrackers",
            lambda: pages(personalize, "list_event_trackers", "eventTrackers", datasetGroupArn=group),
        ),
        ("filter", "Filters", lambda: pages(personalize, "list_filters", "Filters", datasetGroupArn=group)),
        ("dataset", "datasets", lambda: pages(personalize, "list_datasets", "datasets", datasetGroupArn=group)),
    ]
    datasets = pages(personalize, "list_datasets", "datasets", datasetGroupArn=group)
    schemas = {personalize.describe_dataset(datasetArn=each["datasetArn"])["dataset"]["schemaArn"] for each in datasets}
    for noun, _, listed in stages:
        member = "".join([noun.split("_")[0], *map(str.title, noun.split("_")[1:])]) + "Arn"
        for each in listed():
            assert each["status"] in ("ACTIVE", "CREATE FAILED")
            getattr(personalize, f"delete_{noun}")(**{member: each[member]})
        wait_while_listed(town, listed)
    personalize.delete_dataset_group(datasetGroupArn=group)
    personalize.describe_dataset_group(datasetGroupArn=group)
    town.world.settle()
    assert refusal(personalize.describe_dataset_group, datasetGroupArn=group)[0] == "ResourceNotFoundException"
    for arn in schemas:
        personalize.delete_schema(schemaArn=arn)
    assert personalize.list_schemas()["schemas"] == []


def _of_solutions(town: Town, operation: str, key: str) -> list[dict[str, Any]]:
    personalize = town.world.personalize
    solutions = pages(personalize, "list_solutions", "solutions", datasetGroupArn=town.arns["dataset_group_arn"])
    return [
        each for found in solutions for each in pages(personalize, operation, key, solutionArn=found["solutionArn"])
    ]


def test_a_clean_up_of_what_never_was_is_told_so(town: Town) -> None:
    """A notebook of old also deletes a dataset that the service once made for events."""
    arn = town.dataset_arns["INTERACTIONS"].replace("INTERACTIONS", "EVENT_INTERACTIONS")
    assert refusal(town.world.personalize.delete_dataset, datasetArn=arn)[0] == "ResourceNotFoundException"


def test_a_deployment_describes_first_and_creates_or_updates_then(town: Town) -> None:
    """A pipeline's function builds the ARN, describes it, creates on not found, updates on another version."""
    personalize, arns = town.world.personalize, town.arns
    arn = "arn:aws:personalize:{region}:{account}:campaign/{name}".format(
        region="us-east-1", account="123456789012", name="deployed"
    )
    with pytest.raises(personalize.exceptions.ResourceNotFoundException):
        personalize.describe_campaign(campaignArn=arn)
    personalize.create_campaign(name="deployed", solutionVersionArn=arns["solution_version_arn"], minProvisionedTPS=1)
    assert personalize.describe_campaign(campaignArn=arn)["campaign"]["status"] == "CREATE PENDING"
    town.world.settle()
    newer = town.world.add_version(arns["solution_arn"], "newer")
    assert personalize.describe_campaign(campaignArn=arn)["campaign"]["solutionVersionArn"] != newer
    personalize.update_campaign(campaignArn=arn, solutionVersionArn=newer, minProvisionedTPS=1)
    try:
        personalize.update_campaign(campaignArn=arn, solutionVersionArn=newer, minProvisionedTPS=1)
    except personalize.exceptions.ResourceInUseException:
        update = personalize.describe_campaign(campaignArn=arn)["campaign"]["latestCampaignUpdate"]
    assert update["status"] in ("CREATE PENDING", "CREATE IN_PROGRESS")
    town.world.settle()
    campaign = personalize.describe_campaign(campaignArn=arn)["campaign"]
    assert (campaign["solutionVersionArn"], campaign["latestCampaignUpdate"]["status"]) == (newer, "ACTIVE")


def test_an_existing_schema_is_looked_up_by_its_name(world: World) -> None:
    """A notebook that runs again finds what its first run made; version may be a number, a type a list of one."""
    fields = [{"name": "USER_ID", "type": "string"}, {"name": "AGE", "type": ["int"]}]
    schema = {"type": "record", "name": "Users", "fields": fields, "version": 1}
    first = world.personalize.create_schema(name="users-schema", schema=json.dumps(schema))["schemaArn"]
    try:
        world.personalize.create_schema(name="users-schema", schema=json.dumps(schema))
    except world.personalize.exceptions.ResourceAlreadyExistsException:
        listed = pages(world.personalize, "list_schemas", "schemas")
        found = next(each["schemaArn"] for each in listed if each["name"] == "users-schema")
    assert found == first
    described = world.personalize.describe_schema(schemaArn=found)["schema"]["schema"]
    assert {field["name"] for field in json.loads(described)["fields"]} == {"USER_ID", "AGE"}


@behaviour(
    "CreateDatasetImportJob",
    "An import may be asked for while its dataset is being created",
    APPROXIMATED,
    source="observed: notebooks import in the next call; documented for AWS: the dataset is to be ACTIVE first",
)
def test_an_import_is_asked_for_in_the_call_after_the_dataset_was_created(world: World) -> None:
    """Notebooks that run from top to bottom leave no second between the two."""
    schema_arn = world.create_schema("Interactions", "events")
    arn = world.personalize.create_dataset(
        name="events", schemaArn=schema_arn, datasetGroupArn=world.create_group(), datasetType="Interactions"
    )["datasetArn"]
    assert world.personalize.describe_dataset(datasetArn=arn)["dataset"]["status"] == "CREATE PENDING"
    job_arn = world.personalize.create_dataset_import_job(
        jobName="events", datasetArn=arn, dataSource={"dataLocation": "s3://bucket/events.csv"}, roleArn=ROLE
    )["datasetImportJobArn"]
    job = world.personalize.describe_dataset_import_job(datasetImportJobArn=job_arn)["datasetImportJob"]
    assert job["status"] == "CREATE PENDING"
    world.settle()
    assert world.personalize.describe_dataset(datasetArn=arn)["dataset"]["status"] == "ACTIVE"


def test_an_import_into_a_dataset_that_is_changing_is_refused(town: Town) -> None:
    personalize, arn = town.world.personalize, town.dataset_arns["ITEMS"]
    schema_arn = personalize.describe_dataset(datasetArn=arn)["dataset"]["schemaArn"]
    personalize.update_dataset(datasetArn=arn, schemaArn=schema_arn)
    job = {"jobName": "again", "datasetArn": arn, "dataSource": {"dataLocation": "s3://bucket/items.csv"}}
    code, message = refusal(personalize.create_dataset_import_job, roleArn=ROLE, **job)
    assert (code, "its status is UPDATE PENDING" in message) == ("ResourceInUseException", True)


@pytest.mark.parametrize("domain", ["ECOMMERCE", "VIDEO_ON_DEMAND"])
def test_recipes_of_a_domain_are_found_by_following_tokens_by_hand(world: World, domain: str) -> None:
    answer = world.personalize.list_recipes(domain=domain, maxResults=10)
    found = answer["recipes"]
    while "nextToken" in answer:
        answer = world.personalize.list_recipes(domain=domain, nextToken=answer["nextToken"], maxResults=10)
        found += answer["recipes"]
    assert {each["name"] for each in found} == {name for name, recipe in RECIPES.items() if recipe.domain == domain}


def test_filters_are_made_from_a_table_and_used_by_name(town: Town) -> None:
    """One filter for each value of a column, named after it, and one with the values in the request."""
    personalize, group = town.world.personalize, town.arns["dataset_group_arn"]
    for value in ("news", "sport"):
        personalize.create_filter(
            name=value,
            datasetGroupArn=group,
            filterExpression='INCLUDE ItemID WHERE Items.CATEGORY IN ("' + value + '")',
        )
    unexplored = {"itemExplorationConfig": {"explorationWeight": "0"}}  # else each answer draws some of its items anew
    campaign = personalize.create_campaign(
        name="unexplored", solutionVersionArn=town.arns["solution_version_arn"], campaignConfig=unexplored
    )["campaignArn"]
    town.world.settle()
    by_name = {each["name"]: each["filterArn"] for each in pages(personalize, "list_filters", "Filters")}
    ask = town.world.runtime.get_recommendations
    for value in ("news", "sport"):
        written = ask(campaignArn=campaign, userId="u1", filterArn=by_name[value])
        given = ask(
            campaignArn=campaign, userId="u1", filterArn=by_name["category"], filterValues={"CATEGORY": f'"{value}"'}
        )
        assert given["itemList"] == written["itemList"] != []


def test_a_session_sends_what_it_was_shown_and_asks_again(town: Town) -> None:
    """Time as a float, properties as the JSON of a dict, all that was shown as the impression, the answer's id."""
    ask, request = town.world.runtime.get_recommendations, {"campaignArn": town.arns["campaign_arn"], "userId": "u7"}
    shown = ask(**request)
    for item in shown["itemList"][:2]:
        town.world.events.put_events(
            trackingId=town.tracking_id,
            userId="u7",
            sessionId=str(uuid.uuid4()),
            eventList=[
                {
                    "eventId": str(uuid.uuid4()),
                    "eventType": "click",
                    "sentAt": time.time(),
                    "properties": json.dumps({"itemId": str(item["itemId"]), "discount": "Yes"}),
                    "recommendationId": shown["recommendationId"],
                    "impression": [each["itemId"] for each in shown["itemList"]],
                }
            ],
        )
    unread = next(each["filterArn"] for each in pages(town.world.personalize, "list_filters", "Filters"))
    again = {each["itemId"] for each in ask(**request, filterArn=unread, numResults=40)["itemList"]}
    assert again.isdisjoint(item["itemId"] for item in shown["itemList"][:2])


def test_answers_become_the_columns_of_a_table(town: Town) -> None:
    """Notebooks put lists of ids side by side: as many rows in each, every id one of the catalogue."""
    columns = {
        user: [item["itemId"] for item in recommended["itemList"]]
        for user in ("u1", "u2", "stranger")
        if (recommended := town.world.runtime.get_recommendations(campaignArn=town.arns["campaign_arn"], userId=user))
    }
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    rows = list(csv.DictReader(io.StringIO(table.getvalue())))
    assert len(rows) == 25 and {name for row in rows for name in row.values()} <= {f"i{n}" for n in range(40)}


def test_a_reranked_list_has_every_item_once(town: Town) -> None:
    given = [f"i{number}" for number in range(20)] + ["not-known"]
    ranked = town.world.runtime.get_personalized_ranking(campaignArn=town.ranking_arn, userId="7", inputList=given)
    found = [item["itemId"] for item in ranked["personalizedRanking"]]
    assert sorted(found) == sorted(given) and found[-1] == "not-known"
    assert "score" not in ranked["personalizedRanking"][-1]


def test_a_search_is_reordered_with_context_and_a_filter(town: Town) -> None:
    """A search's re-ranker sends its hits with the device, and takes order and scores for what it gets back."""
    hits = [f"i{number}" for number in reversed(range(40))]
    filters = {each["name"]: each["filterArn"] for each in pages(town.world.personalize, "list_filters", "Filters")}
    request = {"campaignArn": town.ranking_arn, "userId": "u1", "inputList": hits, "context": {"DEVICE": "mobile"}}
    ranked = town.world.runtime.get_personalized_ranking(**request)["personalizedRanking"]
    assert sorted(each["itemId"] for each in ranked) == sorted(hits)
    scores = [each["score"] for each in ranked]
    assert scores == sorted(scores, reverse=True) and abs(sum(scores) - 1) < 1e-4
    kept = town.world.runtime.get_personalized_ranking(
        **request, filterArn=filters["category"], filterValues={"CATEGORY": '"sport"'}
    )["personalizedRanking"]
    assert 0 < len(kept) < len(ranked) and {each["itemId"] for each in kept} <= set(hits)


def test_a_tool_reads_lists_by_their_only_key_and_elements_by_their_first_arn(town: Town) -> None:
    """A solution of AWS's names no members: it takes the one list of an answer, and what first ends in Arn."""
    for noun in ("dataset_group", "dataset", "solution", "solution_version", "campaign", "filter", "event_tracker"):
        answer = getattr(town.world.personalize, f"list_{noun}s")()
        [key] = answer.keys() - {"nextToken", "ResponseMetadata"}
        for element in answer[key]:
            arn = next(value for member, value in element.items() if member.endswith("Arn"))
            member = "".join([noun.split("_")[0], *map(str.title, noun.split("_")[1:])])
            shown = getattr(town.world.personalize, f"describe_{noun}")(**{f"{member}Arn": arn})
            assert next(value for name, value in shown[member].items() if name.endswith("Arn")) == arn


@pytest.mark.parametrize(
    ("recipe", "more"),
    [
        (
            "aws-sims",
            {
                "performHPO": True,
                "solutionConfig": {
                    "hpoConfig": {
                        "hpoResourceConfig": {"maxNumberOfTrainingJobs": "40", "maxParallelTrainingJobs": "10"}
                    }
                },
            },
        ),
        ("aws-user-personalization", {"performHPO": True, "performAutoML": False}),
        ("aws-user-personalization", {"eventType": "click"}),
        ("aws-similar-items", {}),
        ("aws-item-attribute-affinity", {}),
        (
            "aws-trending-now",
            {"solutionConfig": {"featureTransformationParameters": {"trend_discovery_frequency": "1 hour"}}},
        ),
        (
            "aws-user-personalization-v2",
            {
                "performAutoTraining": True,
                "solutionConfig": {"autoTrainingConfig": {"schedulingExpression": "rate(1 day)"}},
            },
        ),
    ],
)
def test_solutions_as_the_samples_set_them_up(town: Town, recipe: str, more: dict[str, Any]) -> None:
    personalize = town.world.personalize
    request = {"name": f"{recipe}-demo", "datasetGroupArn": town.arns["dataset_group_arn"]} | more
    arn = personalize.create_solution(recipeArn=f"{RECIPE}{recipe}", **request)["solutionArn"]
    version = personalize.create_solution_version(solutionArn=arn)["solutionVersionArn"]
    shown = personalize.describe_solution_version(solutionVersionArn=version)["solutionVersion"]
    assert (shown["status"], shown["solutionArn"]) == ("CREATE PENDING", arn)
    listed = personalize.list_solution_versions(solutionArn=arn, maxResults=100)["solutionVersions"]
    assert [each["solutionVersionArn"] for each in listed] == [version]


def test_exploration_of_a_campaign_is_changed_alone(town: Town) -> None:
    personalize, arn = town.world.personalize, town.arns["campaign_arn"]
    config = {"itemExplorationConfig": {"explorationWeight": "0.1", "explorationItemAgeCutOff": "7"}}
    personalize.update_campaign(campaignArn=arn, campaignConfig=config)
    town.world.settle()
    campaign = personalize.describe_campaign(campaignArn=arn)["campaign"]
    assert (campaign["campaignConfig"], campaign["latestCampaignUpdate"]["campaignConfig"]) == (config, config)


def test_a_metric_attribution_is_made_anew_when_there_is_one(town: Town) -> None:
    """Capitals in the expression's dataset, a folder for the files; deleted by what the list says, then made again."""
    personalize, group = town.world.personalize, town.arns["dataset_group_arn"]
    request = {
        "name": "my-first",
        "datasetGroupArn": group,
        "metrics": [
            {"eventType": "View", "expression": "SAMPLECOUNT()", "metricName": "countViews"},
            {"eventType": "Purchase", "expression": "SUM(INTERACTIONS.TIMESTAMP)", "metricName": "sumTimes"},
        ],
        "metricsOutputConfig": {"roleArn": ROLE, "s3DataDestination": {"path": "s3://bucket/metrics/"}},
    }
    personalize.create_metric_attribution(**request)
    town.world.settle()
    for each in personalize.list_metric_attributions(datasetGroupArn=group)["metricAttributions"]:
        personalize.delete_metric_attribution(metricAttributionArn=each["metricAttributionArn"])
    town.world.settle()
    arn = personalize.create_metric_attribution(**request)["metricAttributionArn"]
    assert personalize.describe_metric_attribution(metricAttributionArn=arn)["metricAttribution"]["name"] == "my-first"


def test_a_wider_schema_is_put_in_the_place_of_the_old_one(town: Town) -> None:
    """The schema of today is described, given one more column that may be null, and put in its place."""
    personalize, arn = town.world.personalize, town.dataset_arns["ITEMS"]
    before = personalize.describe_dataset(datasetArn=arn)["dataset"]["schemaArn"]
    schema = json.loads(personalize.describe_schema(schemaArn=before)["schema"]["schema"])
    schema["fields"].append({"name": "DESCRIPTION", "type": ["null", "string"], "textual": True})
    wider = personalize.create_schema(name="items-v2", schema=json.dumps(schema))["schemaArn"]
    personalize.update_dataset(datasetArn=arn, schemaArn=wider)
    seen = []
    while not seen or seen[-1] != "ACTIVE":
        seen.append(personalize.describe_dataset(datasetArn=arn)["dataset"]["status"])
        town.world.tick()
    assert (
        seen[0].startswith("UPDATE") and personalize.describe_dataset(datasetArn=arn)["dataset"]["schemaArn"] == wider
    )


def test_an_answer_without_its_metadata_is_json_but_for_times(town: Town) -> None:
    """Notebooks print answers with json.dumps: those of creations as they are, those of Describe with default=str."""
    answer = town.world.personalize.create_event_tracker(
        name="printed", datasetGroupArn=town.world.create_group("printed")
    )
    assert json.loads(json.dumps(answer))["trackingId"] == answer["trackingId"]
    described = town.world.personalize.describe_campaign(campaignArn=town.arns["campaign_arn"])
    with pytest.raises(TypeError):
        json.dumps(described)
    assert json.loads(json.dumps(described, default=str))["campaign"]["status"] == "ACTIVE"


def test_a_dict_for_properties_never_leaves_the_client(town: Town) -> None:
    event = {"eventType": "click", "sentAt": 1, "itemId": "i1", "properties": {"a": 1}}
    with pytest.raises(Exception, match="Invalid type for parameter") as raised:
        town.world.events.put_events(trackingId=town.tracking_id, sessionId="s", userId="u", eventList=[event])
    assert not isinstance(raised.value, ClientError)
