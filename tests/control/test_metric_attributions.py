"""Metric attributions: what they may be about, how they change, what they keep from being deleted."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from tests.behaviours import APPROXIMATED, EXACT, behaviour
from tests.refusals import refusal

COUNT = {"eventType": "view", "metricName": "countViews", "expression": "SAMPLECOUNT()"}
PRICES = {"eventType": "buy", "metricName": "sales", "expression": "SUM(Items.PRICE)"}
OUTPUT = {
    "roleArn": "arn:aws:iam::123456789012:role/reports",
    "s3DataDestination": {"path": "s3://reports/metrics/"},
}


@pytest.fixture
def group(world):
    """A dataset group with interactions, and with items that have a price."""
    arn = world.create_group()
    world.create_dataset(arn)
    fields = [
        {"name": "ITEM_ID", "type": "string"},
        {"name": "CATEGORY", "type": "string", "categorical": True},
        {"name": "PRICE", "type": ["null", "float"]},
    ]
    schema = json.dumps({"type": "record", "name": "Items", "fields": fields, "version": "1.0"})
    schema_arn = world.personalize.create_schema(name="priced", schema=schema)["schemaArn"]
    world.personalize.create_dataset(name="items", schemaArn=schema_arn, datasetGroupArn=arn, datasetType="Items")
    world.settle()
    return arn


@pytest.fixture
def create(world, group):
    def create(*metrics, name="metrics", **more):
        return world.personalize.create_metric_attribution(
            **{"name": name, "datasetGroupArn": group, "metrics": list(metrics), "metricsOutputConfig": OUTPUT} | more
        )["metricAttributionArn"]

    return create


@pytest.fixture
def attribution(world, create):
    arn = create(COUNT, PRICES)
    world.settle()
    return arn


@behaviour(
    "CreateMetricAttribution, DescribeMetricAttribution, ListMetricAttributions",
    "A metric attribution passes through every status; Describe does not show its metrics",
    EXACT,
    source="model",
)
def test_it_shows_every_status_and_what_it_was_given(world, group, create):
    arn = create(COUNT)
    assert arn.endswith(":metric-attribution/metrics")

    def described():
        return world.personalize.describe_metric_attribution(metricAttributionArn=arn)["metricAttribution"]

    assert world.statuses(lambda: described()["status"]) == ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]
    assert (described()["datasetGroupArn"], described()["metricsOutputConfig"]) == (group, OUTPUT)
    (summary,) = world.personalize.list_metric_attributions(datasetGroupArn=group)["metricAttributions"]
    assert (summary["metricAttributionArn"], summary["status"]) == (arn, "ACTIVE")


@behaviour(
    "ListMetricAttributionMetrics",
    "Metrics come in pages, in the order they were added",
    EXACT,
    source="model; the order: inferred",
)
def test_its_metrics_come_in_pages(world, attribution):
    pages = world.personalize.get_paginator("list_metric_attribution_metrics").paginate(
        metricAttributionArn=attribution, PaginationConfig={"PageSize": 1}
    )
    assert [page["metrics"] for page in pages] == [[COUNT], [PRICES]]
    code, _ = refusal(
        world.personalize.list_metric_attribution_metrics, metricAttributionArn=attribution, nextToken="none"
    )
    assert code == "InvalidNextTokenException"
    assert refusal(world.personalize.list_metric_attribution_metrics)[0] == "InvalidInputException"
    unknown = f"{attribution}-of-nobody"
    code, message = refusal(world.personalize.list_metric_attribution_metrics, metricAttributionArn=unknown)
    assert (code, message) == ("InvalidInputException", f"Resource Arn {unknown} does not exist.")


@behaviour(
    "UpdateMetricAttribution",
    "An update takes effect at once, without a status of its own",
    APPROXIMATED,
    source="inferred",
)
def test_an_update_adds_and_removes(world, attribution):
    views = COUNT | {"expression": "sum(interactions.timestamp)"}
    world.personalize.update_metric_attribution(
        metricAttributionArn=attribution,
        addMetrics=[views],
        removeMetrics=["countViews"],
        metricsOutputConfig={"roleArn": OUTPUT["roleArn"]},
    )
    answer = world.personalize.list_metric_attribution_metrics(metricAttributionArn=attribution)
    assert answer["metrics"] == [PRICES, views]
    described = world.personalize.describe_metric_attribution(metricAttributionArn=attribution)["metricAttribution"]
    assert (described["status"], described["metricsOutputConfig"]) == ("ACTIVE", {"roleArn": OUTPUT["roleArn"]})


@behaviour(
    "UpdateMetricAttribution",
    "A metric name that is taken is ResourceAlreadyExistsException, one to remove that is not there is not found",
    EXACT,
    source="documented; the second: inferred",
)
@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({}, "InvalidInputException", "Nothing to update"),
        ({"addMetrics": [COUNT]}, "ResourceAlreadyExistsException", "countViews"),
        ({"removeMetrics": ["unknown"]}, "ResourceNotFoundException", "no metric 'unknown'"),
        ({"addMetrics": [COUNT | {"expression": "MAX(Items.PRICE)"}]}, "InvalidInputException", "SAMPLECOUNT()"),
        (
            {"addMetrics": [COUNT | {"metricName": f"m{number}"} for number in range(9)]},
            "InvalidInputException",
            "at most 10 metrics",
        ),
    ],
)
def test_a_wrong_update_changes_nothing(world, attribution, changes, code, words):
    call = world.personalize.update_metric_attribution
    found, message = refusal(call, metricAttributionArn=attribution, **changes)
    assert (found, words in message) == (code, True), message
    answer = world.personalize.list_metric_attribution_metrics(metricAttributionArn=attribution)
    assert answer["metrics"] == [COUNT, PRICES]


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("SUM(Items.COLOUR)", "no column 'COLOUR'"),
        ("SUM(Items.PRIZE)", "PRICE"),
        ("SUM(Items.CATEGORY)", "holds no numbers"),
        ("SUM(Users.AGE)", "write SUM(Items.COLUMN)"),
        ("COUNT()", "SAMPLECOUNT()"),
    ],
)
def test_an_expression_must_suit_the_datasets(create, expression, words):
    with pytest.raises(ClientError) as raised:
        create(PRICES | {"expression": expression})
    error = raised.value.response["Error"]
    assert (error["Code"], words in error["Message"]) == ("InvalidInputException", True), error["Message"]


@behaviour(
    "CreateMetricAttribution", "A dataset group has one metric attribution", EXACT, source="documented, contract §2.2"
)
def test_there_is_one_per_dataset_group(world, attribution, create):
    with pytest.raises(world.personalize.exceptions.ResourceAlreadyExistsException, match="already: arn:aws"):
        create(COUNT, name="second")


def test_metric_names_must_differ(world, create):
    with pytest.raises(world.personalize.exceptions.InvalidInputException, match="countViews"):
        create(COUNT, COUNT)


@behaviour(
    "CreateMetricAttribution", "The Interactions schema needs EVENT_TYPE", EXACT, source="documented, contract §3.2"
)
def test_metrics_need_events_with_types(world):
    group = world.create_group("empty")
    code, message = refusal(
        world.personalize.create_metric_attribution,
        name="metrics",
        datasetGroupArn=group,
        metrics=[COUNT],
        metricsOutputConfig=OUTPUT,
    )
    assert (code, "EVENT_TYPE" in message) == ("InvalidInputException", True)


@behaviour(
    "DeleteMetricAttribution", "Datasets that metrics are about go after it", EXACT, source="documented, contract §2.4"
)
def test_it_keeps_the_datasets_it_is_about_and_has_no_tags(world, group, attribution):
    for dataset in world.personalize.list_datasets(datasetGroupArn=group)["datasets"]:
        code, message = refusal(world.personalize.delete_dataset, datasetArn=dataset["datasetArn"])
        assert (code, "metric attribution" in message) == ("ResourceInUseException", True)
    code, _ = refusal(world.personalize.list_tags_for_resource, resourceArn=attribution)
    assert code == "InvalidInputException"
    world.personalize.delete_metric_attribution(metricAttributionArn=attribution)
    world.settle()
    code, _ = refusal(world.personalize.describe_metric_attribution, metricAttributionArn=attribution)
    assert code == "ResourceNotFoundException"
    for dataset in world.personalize.list_datasets(datasetGroupArn=group)["datasets"]:
        world.personalize.delete_dataset(datasetArn=dataset["datasetArn"])
