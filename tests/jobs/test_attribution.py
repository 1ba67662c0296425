"""Metric attributions at work: events to totals per source, totals to CloudWatch and S3, nothing twice or forgotten."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from personalize_local.jobs.attribution_reports import AttributionReporter
from personalize_local.jobs.cloudwatch import CloudWatch
from personalize_local.jobs.recommendation_ids import new_recommendation_id
from tests.behaviours import APPROXIMATED, EXACT, behaviour

METRICS = [
    {"eventType": "view", "metricName": "countViews", "expression": "SAMPLECOUNT()"},
    {"eventType": "buy", "metricName": "sales", "expression": "SUM(Items.PRICE)"},
]
HEADER = "METRIC_NAME,EVENT_TYPE,VALUE,MATH_FUNCTION,EVENT_ATTRIBUTION_SOURCE,TIMESTAMP\n"


class Receiver:
    """CloudWatch and S3 in one: remembers what came, or refuses it."""

    def __init__(self) -> None:
        self.data: list[dict[str, Any]] = []
        self.objects: dict[tuple[str, str], str] = {}
        self.has_cloudwatch = self.has_s3 = True

    def put_metric_data(self, *, Namespace: str, MetricData: list[dict[str, Any]]) -> None:
        if not self.has_cloudwatch:
            raise EndpointConnectionError(endpoint_url="http://localhost")
        assert Namespace == "AWS/Personalize"
        self.data.extend(MetricData)

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, ContentType: str) -> None:
        if not self.has_s3:
            raise EndpointConnectionError(endpoint_url="http://localhost")
        self.objects[Bucket, Key] = Body.decode()

    def sums(self) -> dict[tuple[str, str], float]:
        """Give the sum of each metric and source."""
        found: dict[tuple[str, str], float] = {}
        for datum in self.data:
            key = (datum["MetricName"], datum["Dimensions"][0]["Value"])
            found[key] = found.get(key, 0.0) + datum["StatisticValues"]["Sum"]
        return found


class Shop:
    """A dataset group with a metric attribution, whose events are sent with boto3."""

    def __init__(self, world: Any, path: str | None = "s3://reports/metrics") -> None:
        self.world = world
        self.receiver = Receiver()
        self.group = world.create_group()
        world.create_dataset(self.group)
        self.items = self._create_items()
        tracker = world.personalize.create_event_tracker(name="t", datasetGroupArn=self.group)
        self.tracking_id = tracker["trackingId"]
        world.settle()
        self.send("view", "i1")  # before the metric attribution is there: not counted
        destination = {"s3DataDestination": {"path": path}} if path else {}
        self.attribution = world.personalize.create_metric_attribution(
            name="metrics",
            datasetGroupArn=self.group,
            metrics=METRICS,
            metricsOutputConfig={"roleArn": "arn:aws:iam::123456789012:role/r", **destination},
        )["metricAttributionArn"]
        world.settle()
        self.reporter = AttributionReporter(
            world.service, CloudWatch(lambda _scope: self.receiver), lambda _scope: self.receiver
        )

    def send(self, event_type: str, item_id: str, *, age_s: int = 0, **more: Any) -> None:
        event = {"eventType": event_type, "itemId": item_id, "sentAt": self.now_epoch_s - age_s, **more}
        self.world.events.put_events(trackingId=self.tracking_id, sessionId="s", userId="u", eventList=[event])

    @property
    def now_epoch_s(self) -> int:
        return int(self.world.clock.now().timestamp())

    def _create_items(self) -> str:
        fields = [{"name": "ITEM_ID", "type": "string"}, {"name": "PRICE", "type": ["null", "float"]}]
        schema = json.dumps({"type": "record", "name": "Items", "fields": fields, "version": "1.0"})
        schema_arn = self.world.personalize.create_schema(name="priced", schema=schema)["schemaArn"]
        arn = self.world.personalize.create_dataset(
            name="items", schemaArn=schema_arn, datasetGroupArn=self.group, datasetType="Items"
        )["datasetArn"]
        self.world.settle()
        self.world.events.put_items(
            datasetArn=arn,
            items=[{"itemId": "i1", "properties": '{"price": 2.5}'}, {"itemId": "free", "properties": "{}"}],
        )
        return arn


@pytest.fixture
def shop(world) -> Shop:
    return Shop(world)


@behaviour(
    "CreateMetricAttribution",
    "A source is the event's own, else what its recommendationId names, else SOURCE_NAME_UNDEFINED",
    EXACT,
    source="documented, contract §3.12",
)
def test_the_source_is_the_one_given_else_who_recommended_else_undefined(world, shop):
    """Source: contract §3.12, documented."""
    campaign = world.create_campaign(world.add_version(world.create_solution(shop.group), "one"), "front-page")
    shop.send("view", "i1", metricAttribution={"eventAttributionSource": "Newsletter"})
    shop.send("VIEW", "i1", recommendationId=new_recommendation_id(campaign))
    shop.send("view", "i1", recommendationId="RID-of-somebody-else")
    shop.send("buy", "i1")
    shop.send("buy", "i1")
    shop.send("buy", "free")
    shop.send("buy", "unknown")
    shop.reporter.report()
    assert shop.receiver.sums() == {
        ("COUNTVIEWS", "NEWSLETTER"): 1.0,
        ("COUNTVIEWS", "FRONT-PAGE"): 1.0,
        ("COUNTVIEWS", "SOURCE_NAME_UNDEFINED"): 1.0,
        ("SALES", "SOURCE_NAME_UNDEFINED"): 5.0,
    }
    assert {datum["Dimensions"][1]["Value"] for datum in shop.receiver.data} == {shop.group}
    assert {datum["MetricName"]: datum["Unit"] for datum in shop.receiver.data} == {
        "COUNTVIEWS": "Count",
        "SALES": "None",
    }


@behaviour(
    "CreateMetricAttribution",
    "Reports go out every 15 seconds, in windows of 15 minutes of the events' own time, with names in capitals",
    APPROXIMATED,
    source="documented for AWS: every 15 minutes; capitals: inferred",
)
def test_a_report_in_s3_has_a_row_per_window(shop):
    into_window_s = shop.now_epoch_s % 900
    shop.send("view", "i1", age_s=into_window_s + 1)
    shop.send("view", "i1", age_s=into_window_s)
    shop.send("view", "i1")
    shop.reporter.report()
    ((bucket, key),) = shop.receiver.objects
    now = shop.now_epoch_s
    assert (bucket, key) == ("reports", f"metrics/AggregatedAttributionMetrics - PUT - {now}.csv")
    assert shop.receiver.objects[bucket, key] == HEADER + (
        f"COUNTVIEWS,VIEW,1.0,SAMPLECOUNT,SOURCE_NAME_UNDEFINED,{now - into_window_s - 900}\n"
        f"COUNTVIEWS,VIEW,2.0,SAMPLECOUNT,SOURCE_NAME_UNDEFINED,{now - into_window_s}\n"
    )


@behaviour(
    "CreateMetricAttribution",
    "Events of more than 14 days ago do not count in CloudWatch",
    EXACT,
    source="documented, contract §3.12",
)
def test_events_of_more_than_two_weeks_ago_do_not_count(shop):
    shop.send("view", "i1", age_s=14 * 86_400 + 1)
    shop.send("view", "i1", age_s=14 * 86_400)
    shop.reporter.report()
    assert shop.receiver.sums() == {("COUNTVIEWS", "SOURCE_NAME_UNDEFINED"): 1.0}


def test_nothing_is_reported_twice_or_without_events(shop):
    shop.reporter.report()
    shop.send("view", "i1")
    shop.reporter.report()
    shop.reporter.report()
    assert shop.receiver.sums() == {("COUNTVIEWS", "SOURCE_NAME_UNDEFINED"): 1.0}
    assert len(shop.receiver.objects) == 1


def test_what_could_not_be_reported_is_reported_later_once(shop, caplog):
    shop.receiver.has_cloudwatch = False
    shop.send("view", "i1")
    shop.reporter.report()
    assert "could not be written" in caplog.text
    shop.receiver.has_cloudwatch, shop.receiver.has_s3 = True, False
    shop.send("view", "i1")
    shop.reporter.report()
    shop.receiver.has_s3 = True
    shop.reporter.report()
    assert shop.receiver.sums() == {("COUNTVIEWS", "SOURCE_NAME_UNDEFINED"): 2.0}
    (text,) = shop.receiver.objects.values()
    assert text.count("COUNTVIEWS,VIEW,1.0") == 2


def test_without_a_destination_there_is_no_report_in_s3(world):
    shop = Shop(world, path=None)
    shop.send("view", "i1")
    shop.reporter.report()
    assert shop.receiver.sums() == {("COUNTVIEWS", "SOURCE_NAME_UNDEFINED"): 1.0}
    assert shop.receiver.objects == {}


@behaviour(
    "CreateMetricAttribution",
    "The hundred and first source is left out",
    APPROXIMATED,
    source="documented: 100 sources; what becomes of more: inferred",
)
def test_the_hundred_and_first_source_does_not_count(shop):
    for number in range(101):
        shop.send("view", "i1", metricAttribution={"eventAttributionSource": f"source {number}"})
    shop.reporter.report()
    shop.send("view", "i1", metricAttribution={"eventAttributionSource": "source 7"})
    shop.send("view", "i1", metricAttribution={"eventAttributionSource": "one more"})
    shop.reporter.report()
    sums = shop.receiver.sums()
    assert (len(sums), sums["COUNTVIEWS", "SOURCE 7"]) == (100, 2.0)


def test_a_deleted_attribution_leaves_nothing_behind(world, shop):
    shop.send("view", "i1")
    shop.receiver.has_cloudwatch = False
    shop.reporter.report()
    assert world.workspace.attributions.batches(shop.attribution)
    world.personalize.delete_metric_attribution(metricAttributionArn=shop.attribution)
    world.settle()
    assert world.workspace.attributions.batches(shop.attribution) == []
    shop.send("view", "i1")
    shop.reporter.report()
    assert shop.receiver.data == []
