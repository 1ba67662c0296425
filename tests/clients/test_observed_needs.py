"""What public clients silently require of anything that claims to be Personalize (observed by running them).

One test for each need; the clients are AWS's samples, workshops and solutions. Those that need no training run against
a service with a clock that the test moves; the others against the local cloud as its users have it.
"""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest
from botocore.exceptions import ClientError

from personalize_spec.recipes import RECIPES
from tests.behaviours import EXACT, behaviour
from tests.clients.conftest import Trained
from tests.clients.servers import Server
from tests.clients.worlds import ARTICLES, BUCKET, article, category
from tests.conftest import ROLE, World

EVENT_LOOP_CALLS = 200
UNREAD = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")'


def items_of(answer: dict[str, Any]) -> list[str]:
    return [item["itemId"] for item in answer["itemList"]]


def import_job(world: World, dataset_arn: str, name: str) -> str:
    return world.personalize.create_dataset_import_job(
        jobName=name, datasetArn=dataset_arn, dataSource={"dataLocation": "s3://bucket/file.csv"}, roleArn=ROLE
    )["datasetImportJobArn"]


def group_with_interactions(world: World) -> str:
    group_arn = world.create_group()
    world.create_dataset(group_arn)
    return group_arn


def end_imports(world: World) -> None:
    """Have every import done, without a worker."""
    with world.workspace.database.transaction() as connection:
        for job in world.workspace.resources.list("dataset-import-job", connection=connection):
            running = world.workspace.jobs.of_resource(job.arn)
            if running is not None:
                world.workspace.jobs.delete(connection, running.job_id)
            world.workspace.resources.update(connection, job.arn, world.clock.now(), status="ACTIVE")


def test_a_deleted_dataset_group_can_be_described_at_least_once_more(world: World) -> None:
    """Need 1: clean-up loops end on a described DELETE status followed by ResourceNotFoundException."""
    arn = world.create_group()
    world.personalize.delete_dataset_group(datasetGroupArn=arn)
    status = world.personalize.describe_dataset_group(datasetGroupArn=arn)["datasetGroup"]["status"]
    assert status == "DELETE PENDING"
    world.settle()
    with pytest.raises(world.personalize.exceptions.ResourceNotFoundException):
        world.personalize.describe_dataset_group(datasetGroupArn=arn)


def test_what_is_being_deleted_already_does_not_keep_what_it_depends_on(world: World) -> None:
    """Need 1: a sample deletes solutions right after campaigns, datasets right after filters and trackers."""
    group_arn = world.create_group()
    dataset_arn = world.create_dataset(group_arn)
    solution_arn = world.create_solution(group_arn)
    campaign_arn = world.create_campaign(world.add_version(solution_arn, "first"))
    filter_arn = world.personalize.create_filter(
        name="unread",
        datasetGroupArn=group_arn,
        filterExpression=UNREAD,
    )["filterArn"]
    tracker = world.personalize.create_event_tracker(name="site", datasetGroupArn=group_arn)
    world.settle()
    world.personalize.delete_campaign(campaignArn=campaign_arn)
    world.personalize.delete_solution(solutionArn=solution_arn)
    world.personalize.delete_filter(filterArn=filter_arn)
    world.personalize.delete_event_tracker(eventTrackerArn=tracker["eventTrackerArn"])
    world.personalize.delete_dataset(datasetArn=dataset_arn)
    world.personalize.delete_dataset_group(datasetGroupArn=group_arn)
    world.settle()
    assert world.personalize.list_dataset_groups()["datasetGroups"] == []


@behaviour(
    "CreateSolution",
    "A solution is ACTIVE at once: clients create a version in their next call",
    EXACT,
    source="observed, need 2",
)
def test_a_solution_is_active_at_once(world: World) -> None:
    """Need 2: clients create a version in the call after CreateSolution."""
    solution_arn = world.create_solution(group_with_interactions(world))
    assert world.personalize.describe_solution(solutionArn=solution_arn)["solution"]["status"] == "ACTIVE"


@behaviour(
    "DeleteDataset, CreateDatasetImportJob",
    "Import jobs go with their dataset, and their names are free again",
    EXACT,
    source="observed, need 3",
)
def test_deleting_a_dataset_frees_the_names_of_its_import_jobs(world: World) -> None:
    """Need 3: workshops that are run again use the names of their import jobs again."""
    group_arn = world.create_group()
    dataset_arn = world.create_dataset(group_arn)
    import_job(world, dataset_arn, "import")
    with pytest.raises(world.personalize.exceptions.ResourceAlreadyExistsException):
        import_job(world, dataset_arn, "import")
    end_imports(world)
    world.personalize.delete_dataset(datasetArn=dataset_arn)
    world.settle()
    schema_arn = world.personalize.list_schemas()["schemas"][0]["schemaArn"]
    again = world.personalize.create_dataset(
        name="again", schemaArn=schema_arn, datasetGroupArn=group_arn, datasetType="Interactions"
    )["datasetArn"]
    world.settle()
    assert import_job(world, again, "import")


@behaviour(
    "CreateDatasetImportJob",
    "Unnamed and unknown columns, any order and letter case of the header, and folders are read",
    EXACT,
    source="observed, need 4",
)
def test_files_of_pandas_and_of_spreadsheets_are_read(cloud: Server, trained: Trained) -> None:
    """Needs 4 and 5: an unnamed first column, any letter case and order of the header, a folder, dirty rows."""
    rows = ["clicked,,creation,Item_id,user_id,TimeStamp,event_type"]
    rows += [f"x,{n},y,{article(n % ARTICLES)},reader-{n % 60},{1_700_100_000 + n},click" for n in range(1200)]
    rows += ["x,1,y,article-01,,1700100000,click", "x,2,y,article-01,reader-1,no time,click"]
    cloud.client("s3").put_object(Bucket=BUCKET, Key="folder/part-1.csv", Body="\n".join(rows).encode())
    journey = trained.journey
    journey.import_file("from-a-folder", journey.dataset_arns["Interactions"], "folder/")


@behaviour(
    "CreateDatasetImportJob, DescribeDatasetImportJob",
    "Rows that cannot be read are left out, and do not fail the import",
    EXACT,
    source="observed, need 5",
)
def test_rows_that_cannot_be_read_do_not_fail_an_import(trained: Trained) -> None:
    """Need 5: the articles have "2006–2007" in a column of whole numbers, and their import went ACTIVE."""
    jobs = trained.journey.personalize.list_dataset_import_jobs(datasetArn=trained.journey.dataset_arns["Items"])[
        "datasetImportJobs"
    ]
    assert [job["status"] for job in jobs] == ["ACTIVE"]


@behaviour(
    "CreateFilter",
    "Datasets and columns in any letter case, values and ranges as the samples write them",
    EXACT,
    source="observed, need 6",
)
@pytest.mark.parametrize(
    ("name", "expression", "values"),
    [
        ("lower", 'INCLUDE ItemID WHERE items.category IN ("arts")', {}),
        ("upper", 'INCLUDE ItemID WHERE ITEMS.CATEGORY IN ("arts")', {}),
        ("value", "INCLUDE ItemID WHERE Items.CATEGORY IN ($C)", {"C": '"arts"'}),
        ("range", 'INCLUDE ItemID WHERE Items.YEAR >= 2000 AND Items.YEAR < 2039 AND Items.CATEGORY IN ("arts")', {}),
    ],
)
def test_filters_as_the_samples_write_them(
    trained: Trained, name: str, expression: str, values: dict[str, str]
) -> None:
    """Need 6."""
    filter_arn = trained.journey.create_filter(name, expression)
    items = items_of(trained.journey.recommend("reader-1", filterArn=filter_arn, filterValues=values))
    assert items and set(items) <= {article(number) for number in range(ARTICLES) if category(number) == "arts"}


def test_filters_take_the_samples_names(trained: Trained) -> None:
    """Need 6: names such as `1970s` and `Sci-Fi`."""
    for name in ("1970s", "Sci-Fi"):
        assert trained.journey.personalize.create_filter(
            name=name, datasetGroupArn=trained.journey.group_arn, filterExpression="INCLUDE ItemID WHERE Items.YEAR > 1"
        )["filterArn"].endswith(f"filter/{name}")


@behaviour(
    "PutEvents",
    "The item beside or in the properties, times with fractions, impressions and sources",
    EXACT,
    source="observed, need 7",
)
@pytest.mark.parametrize(
    "event",
    [
        {"itemId": "article-07", "sentAt": 1_700_200_000},
        {"properties": '{"itemId": "article-07"}', "sentAt": 1_700_200_000},
        {"itemId": "article-07", "sentAt": 1_700_200_000.25},
        {
            "itemId": "article-07",
            "sentAt": 1_700_200_000,
            "impression": ["article-07", "article-08"],
            "recommendationId": "RID-1",
            "metricAttribution": {"eventAttributionSource": "home"},
        },
    ],
    ids=["item beside", "item in the properties", "fractions of a second", "all members"],
)
def test_events_as_the_samples_send_them(
    trained: Trained, event: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    """Need 7. Whether the event counted, its reader's unread articles tell."""
    user_id = f"sends {request.node.callspec.id}"
    journey = trained.journey
    listed = journey.personalize.list_filters(datasetGroupArn=journey.group_arn)["Filters"]
    found = [entry["filterArn"] for entry in listed if entry["name"].endswith("-unread")]
    unread = found[0] if found else journey.create_filter("unread", UNREAD)
    journey.events.put_events(
        trackingId=trained.tracking_id, userId=user_id, sessionId=user_id, eventList=[{"eventType": "click", **event}]
    )
    items = items_of(journey.recommend(user_id, filterArn=unread, numResults=ARTICLES))
    assert len(items) == ARTICLES - 1 and "article-07" not in items


@behaviour(
    "GetRecommendations",
    "25 results without a number, and never fewer than asked for while there are items",
    EXACT,
    source="observed, need 8",
)
def test_twenty_five_results_without_a_number_and_all_that_are_asked_for(trained: Trained) -> None:
    """Need 8."""
    answer = trained.journey.recommend("a stranger")
    assert len(answer["itemList"]) == 25 and answer["recommendationId"]
    assert len(trained.journey.recommend("a stranger", numResults=39)["itemList"]) == 39


@behaviour(
    "GetSolutionMetrics",
    "Item recipes have their eight metrics, always the same keys",
    EXACT,
    source="observed, need 10",
)
def test_metrics_have_their_eight_keys_and_can_be_written_as_json(trained: Trained) -> None:
    """Needs 10 and 11: clients make a table of the metrics, and write the answers into files."""
    personalize = trained.journey.personalize
    versions = personalize.list_solution_versions(solutionArn=trained.journey.solution_arn)["solutionVersions"]
    answer = personalize.get_solution_metrics(solutionVersionArn=versions[-1]["solutionVersionArn"])
    answer.pop("ResponseMetadata")
    metrics = json.loads(json.dumps(answer))["metrics"]
    assert set(metrics) == {
        "coverage",
        "mean_reciprocal_rank_at_25",
        *(f"normalized_discounted_cumulative_gain_at_{k}" for k in (5, 10, 25)),
        *(f"precision_at_{k}" for k in (5, 10, 25)),
    }


def test_creations_answer_with_nothing_but_names(world: World) -> None:
    """Need 11: what Create… answers can be written as JSON, as it is."""
    answer = world.personalize.create_dataset_group(name="plain")
    answer.pop("ResponseMetadata")
    assert json.loads(json.dumps(answer)) == {"datasetGroupArn": answer["datasetGroupArn"]}


@behaviour("ListFilters", "Filters are listed under a capital: Filters", EXACT, source="model, need 11")
def test_filters_are_listed_under_a_capital(world: World) -> None:
    """Need 11."""
    assert world.personalize.list_filters()["Filters"] == []


def test_a_solution_versions_arn_is_the_solutions_and_eight_hexadecimal_digits(world: World) -> None:
    """Need 11."""
    solution_arn = world.create_solution(group_with_interactions(world))
    arn = world.personalize.create_solution_version(solutionArn=solution_arn)["solutionVersionArn"]
    assert arn.startswith(f"{solution_arn}/")
    assert int(arn.rpartition("/")[2], 16) >= 0 and len(arn.rpartition("/")[2]) == 8


@behaviour(
    "ListRecipes, CreateSolution",
    "Legacy recipes are listed and accepted; only domain recipes have a domain",
    EXACT,
    source="observed, need 11",
)
def test_legacy_recipes_are_listed_and_accepted_and_custom_ones_have_no_domain(world: World) -> None:
    """Need 11."""
    listed = {recipe["name"]: recipe for recipe in world.personalize.list_recipes(maxResults=100)["recipes"]}
    assert {"aws-hrnn", "aws-sims", "aws-popularity-count"} <= listed.keys()
    assert all(("domain" in recipe) == (RECIPES[name].domain is not None) for name, recipe in listed.items())
    group_arn = group_with_interactions(world)
    for name in ("aws-hrnn", "aws-sims", "aws-popularity-count"):
        arn = f"arn:aws:personalize:::recipe/{name}"
        assert world.personalize.create_solution(name=name, datasetGroupArn=group_arn, recipeArn=arn)["solutionArn"]


@behaviour("Protocol", "Errors have the codes of the model", EXACT, source="model, need 11")
@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda world: world.personalize.describe_schema(schemaArn=f"{ROLE}"), "InvalidInputException"),
        (lambda world: world.personalize.delete_schema(schemaArn=missing("schema/x")), "ResourceNotFoundException"),
        (lambda world: [world.create_group("twice") for _ in range(2)], "ResourceAlreadyExistsException"),
        (lambda world: [world.create_group(f"group-{n}") for n in range(6)], "LimitExceededException"),
    ],
)
def test_errors_have_the_modelled_codes(world: World, call: Any, code: str) -> None:
    """Need 11."""
    with pytest.raises(ClientError) as caught:
        call(world)
    assert caught.value.response["Error"]["Code"] == code


def missing(resource: str) -> str:
    return f"arn:aws:personalize:us-east-1:123456789012:{resource}"


@behaviour("Protocol", "Head and body of an answer come in one piece", EXACT, source="observed, need 12")
def test_an_answers_head_and_body_come_in_one_piece(cloud: Server, trained: Trained) -> None:
    """Need 12: 2,500 calls in a row take seconds, not 40 ms each; here by the pieces that one answer comes in."""
    body = json.dumps({"campaignArn": trained.journey.campaign_arn, "userId": "reader-1"}).encode()
    credential = "Credential=000000000000/20260101/us-east-1/personalize/aws4_request"
    head = (
        f"POST /recommendations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", cloud.port), timeout=10) as connection:
        for _ in range(EVENT_LOOP_CALLS):
            connection.sendall(head.encode() + body)
            first, _, rest = connection.recv(65536).partition(b"\r\n\r\n")
            assert first.startswith(b"HTTP/1.1 200") and rest.endswith(b"}"), "the body comes in a piece of its own"
