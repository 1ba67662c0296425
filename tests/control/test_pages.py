"""Paging covers everything once, in order of creation; tokens are good for their own listing only."""

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.behaviours import EXACT, behaviour


def all_pages(call, member, size, **arguments):
    pages, token = [], {}
    while True:
        answer = call(maxResults=size, **arguments, **token)
        pages.append(answer[member])
        if "nextToken" not in answer:
            return pages
        token = {"nextToken": answer["nextToken"]}


@pytest.fixture
def schemas(world):
    return [world.create_schema("Users", f"schema-{place}") for place in range(7)]


@behaviour(
    "ListSchemas, ListDatasetGroups",
    "Pages cover everything once, oldest first",
    EXACT,
    source="model; the order: inferred",
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12, deadline=None)
@given(size=st.integers(1, 9))
def test_pages_of_any_size_cover_everything_once_and_in_order(world, schemas, size):
    pages = all_pages(world.personalize.list_schemas, "schemas", size)
    assert [each["schemaArn"] for page in pages for each in page] == schemas
    assert all(len(page) == size for page in pages[:-1])


def test_a_full_last_page_has_no_token(world, schemas):
    assert "nextToken" not in world.personalize.list_schemas(maxResults=len(schemas))


def test_what_is_created_and_deleted_between_pages_hides_nothing_else(world, schemas):
    first = world.personalize.list_schemas(maxResults=3)
    world.personalize.delete_schema(schemaArn=schemas[0])
    world.personalize.delete_schema(schemaArn=schemas[3])
    added = world.create_schema("Users", "added")
    rest = world.personalize.list_schemas(nextToken=first["nextToken"])["schemas"]
    assert [each["schemaArn"] for each in rest] == [*schemas[4:], added]


@behaviour(
    "Protocol", "A nextToken that was not given out for this list is InvalidNextTokenException", EXACT, source="model"
)
@pytest.mark.parametrize("token", ["nonsense", "WyJzY2hlbWEiXQ==", "bnVsbA==", "é"])
def test_a_token_that_was_never_given_is_refused(world, token):
    with pytest.raises(ClientError) as raised:
        world.personalize.list_schemas(nextToken=token)
    expected = "ValidationException" if token == "é" else "InvalidNextTokenException"
    assert raised.value.response["Error"]["Code"] == expected


def test_a_token_of_another_listing_is_refused(world, schemas):
    token = world.personalize.list_schemas(maxResults=1)["nextToken"]
    with pytest.raises(world.personalize.exceptions.InvalidNextTokenException) as raised:
        world.personalize.list_dataset_groups(nextToken=token)
    assert "nextToken" in raised.value.response["Error"]["Message"]


@behaviour(
    "ListDatasets, ListSolutions, ListCampaigns, ListEventTrackers, ListDatasetImportJobs",
    "A list of an unknown parent is empty",
    EXACT,
    source="model: there is no error for it",
)
def test_a_list_holds_its_parents_children_only(world):
    news, sport = world.create_group("news"), world.create_group("sport")
    here, there = world.create_dataset(news, "Items"), world.create_dataset(sport, "Items")
    assert [each["datasetArn"] for each in world.personalize.list_datasets(datasetGroupArn=news)["datasets"]] == [here]
    assert [each["datasetArn"] for each in world.personalize.list_datasets()["datasets"]] == [here, there]
    unknown = "arn:aws:personalize:us-east-1:123456789012:dataset-group/unknown"
    assert world.personalize.list_datasets(datasetGroupArn=unknown)["datasets"] == []


def test_regions_and_accounts_do_not_see_each_other(world):
    world.create_group("news")
    assert world.client("personalize", region="eu-west-1").list_dataset_groups()["datasetGroups"] == []
    other = world.client("personalize", account_id="000000000000")
    assert other.list_dataset_groups()["datasetGroups"] == []
    arn = other.create_dataset_group(name="news")["datasetGroupArn"]
    assert arn == "arn:aws:personalize:us-east-1:000000000000:dataset-group/news"


@behaviour(
    "ListSolutionVersions",
    "Versions of an unknown solution are ResourceNotFoundException",
    EXACT,
    source="model, contract §1.7",
)
def test_the_versions_of_an_unknown_solution_are_not_an_empty_list(world):
    unknown = "arn:aws:personalize:us-east-1:123456789012:solution/unknown"
    with pytest.raises(world.personalize.exceptions.ResourceNotFoundException) as raised:
        world.personalize.list_solution_versions(solutionArn=unknown)
    assert raised.value.response["Error"]["Message"] == f"Resource Arn {unknown} does not exist."


@behaviour(
    "ListRecipes",
    "Recipes come by name; a domain picks from each page, so that pages may be empty and yet lead on",
    EXACT,
    source="observed, contract §9.14",
)
def test_recipes_come_by_name_and_a_domain_picks_from_each_page(world):
    pages = all_pages(world.personalize.list_recipes, "recipes", 5)
    names = [recipe["name"] for page in pages for recipe in page]
    assert names == sorted(names) and len(names) == len(set(names)) == 25
    domain_pages = all_pages(world.personalize.list_recipes, "recipes", 5, domain="VIDEO_ON_DEMAND")
    assert len(domain_pages) == len(pages) and [] in domain_pages
    found = [recipe for page in domain_pages for recipe in page]
    assert found and {recipe["domain"] for recipe in found} == {"VIDEO_ON_DEMAND"}


def test_boto3_paginators_work(world, schemas):
    pages = world.personalize.get_paginator("list_schemas").paginate(PaginationConfig={"PageSize": 2})
    assert [each["schemaArn"] for page in pages for each in page["schemas"]] == schemas
