"""Metrics for CloudWatch: counted per call and job, named and dimensioned as AWS does, never in anybody's way."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from personalize_local.jobs import reporting
from personalize_local.jobs.cloudwatch import CloudWatch, Datum, MetricSender, cloudwatch_endpoint
from personalize_local.jobs.job_metrics import note_end
from personalize_local.jobs.metrics import COUNT, MetricBuffer, Statistics
from personalize_local.jobs.repeater import Repeater
from personalize_local.jobs.service import Service
from personalize_local.jobs.settings import Settings
from personalize_local.store.resources import Resource
from personalize_local.store.workspace import Workspace
from personalize_local.wire.admission import Admission
from personalize_local.wire.dispatch import Dispatcher
from personalize_local.wire.guards import Request
from personalize_local.wire.models import operations
from personalize_local.wire.operations import Handlers
from personalize_spec.arns import Scope
from tests.behaviours import APPROXIMATED, EXACT, behaviour


class RecordingCloudWatch:
    """A client that remembers what was put, or fails as long as it is told to."""

    def __init__(self) -> None:
        self.batches: list[dict[str, Any]] = []
        self.is_down = False

    def put_metric_data(self, **request: Any) -> None:
        if self.is_down:
            raise EndpointConnectionError(endpoint_url="http://localhost")
        self.batches.append(request)

    def values(self) -> dict[tuple[str, tuple[str, ...]], tuple[float, str]]:
        """Give the sum and the unit of each metric, by its name and the last parts of its dimensions."""
        found: dict[tuple[str, tuple[str, ...]], tuple[float, str]] = {}
        for batch in self.batches:
            for datum in batch["MetricData"]:
                dimensions = tuple(
                    f"{each['Name']}={each['Value'].partition(':123456789012:')[2]}" for each in datum["Dimensions"]
                )
                key = (datum["MetricName"], dimensions)
                total = found.get(key, (0.0, ""))[0] + datum["StatisticValues"]["Sum"]
                found[key] = (total, datum["Unit"])
        return found


@pytest.fixture
def client() -> RecordingCloudWatch:
    return RecordingCloudWatch()


@pytest.fixture
def sender(world, client) -> MetricSender:
    """The world's sender; the world gathers from here on."""
    world.service.metrics.open()
    return MetricSender(world.service.metrics, world.workspace.resources, CloudWatch(lambda _scope: client))


@behaviour(
    "Metrics in CloudWatch",
    "Namespace AWS/Personalize, every 10 seconds, as sums per minute, with the documented names, dimensions and units",
    APPROXIMATED,
    source="documented; the intervals: inferred",
)
def test_calls_are_counted_per_campaign_tracker_and_dataset(world, client, sender):
    """Source: contract §8.2, names and dimensions documented."""
    group = world.create_group()
    world.create_dataset(group)
    items = world.create_dataset(group, "Items")
    tracking_id = world.personalize.create_event_tracker(name="t", datasetGroupArn=group)["trackingId"]
    world.settle()
    event = {"eventType": "view", "itemId": "i1", "sentAt": 1}
    for _ in range(3):
        world.events.put_events(trackingId=tracking_id, sessionId="s", userId="u", eventList=[event])
    with pytest.raises(ClientError):
        world.events.put_events(
            trackingId=tracking_id, sessionId="s", userId="u", eventList=[event | {"properties": "no json"}]
        )
    world.events.put_items(datasetArn=items, items=[{"itemId": "i1"}])
    sender.send()
    tracker = (
        "EventTrackerArn=event-tracker/"
        + next(name for _, dimensions in client.values() for name in dimensions if "event-tracker/" in name).rpartition(
            "/"
        )[2]
    )
    of_events = ("DatasetGroupArn=dataset-group/news", "DatasetArn=dataset/news/INTERACTIONS", tracker)
    of_items = ("DatasetGroupArn=dataset-group/news", "DatasetArn=dataset/news/ITEMS")
    values = client.values()
    assert values.pop(("PutEventLatency", of_events))[1] == "Milliseconds"
    assert values.pop(("PutItemsLatency", of_items))[1] == "Milliseconds"
    assert values == {
        ("PutEventsRequests", of_events): (4.0, "Count"),
        ("PutEvents4xxErrors", of_events): (1.0, "Count"),
        ("PutItemsRequests", of_items): (1.0, "Count"),
    }
    assert {batch["Namespace"] for batch in client.batches} == {"AWS/Personalize"}


@behaviour("Metrics in CloudWatch", "Latencies are of calls that went well", EXACT, source="documented, contract §8.2")
def test_a_latency_is_of_calls_that_went_well(world, client, sender):
    campaign = _deployed(world)
    status, _, _ = world.post("/recommendations", {"campaignArn": campaign, "numResults": 501, "userId": "u"}, SIGNED)
    assert status == 400
    status, _, _ = world.post("/recommendations", {"campaignArn": campaign, "numResults": "many"}, SIGNED)
    assert status == 400
    sender.send()
    assert client.values() == {
        ("GetRecommendations", ("CampaignArn=campaign/front-page",)): (2.0, "Count"),
        ("GetRecommendations4xxErrors", ("CampaignArn=campaign/front-page",)): (2.0, "Count"),
    }


def test_a_failure_of_the_service_counts_as_5xx(world, client, sender, monkeypatch, caplog):
    campaign = _deployed(world)
    request = {"campaignArn": campaign, "userId": "u"}  # its model has no files
    assert world.post("/recommendations", request, SIGNED)[0] == 503
    sender.send()
    key = ("GetRecommendations5xxErrors", ("CampaignArn=campaign/front-page",))
    assert client.values()[key] == (1.0, "Count")


@behaviour(
    "Metrics in CloudWatch",
    "Calls that name no campaign, tracker or dataset that exists are not counted",
    APPROXIMATED,
    source="inferred",
)
def test_a_call_about_nothing_that_exists_has_no_metric(world, client, sender):
    nowhere = "arn:aws:personalize:us-east-1:123456789012:campaign/nowhere"
    assert world.post("/recommendations", {"campaignArn": nowhere, "userId": "u"}, SIGNED)[0] == 404
    assert world.post("/recommendations", "[", SIGNED)[0] == 400
    assert world.post("/events", {"trackingId": "unknown"}, SIGNED)[0] == 400
    sender.send()
    assert client.batches == []


@behaviour(
    "Metrics in CloudWatch", "A job counts as an error when it ends in CREATE FAILED", APPROXIMATED, source="inferred"
)
def test_a_job_tells_how_often_how_long_and_whether_it_failed(world, client, sender):
    solution = world.create_solution(_group_with_data(world))
    arn = world.personalize.create_solution_version(solutionArn=solution, name="one")["solutionVersionArn"]
    world.clock.advance(90)
    with world.workspace.database.transaction() as connection:
        now = world.clock.now()
        world.workspace.resources.update(connection, arn, now, status="CREATE FAILED")
    note_end(world.service.metrics, world.workspace.resources.get(arn))
    sender.send()
    dimensions = ("SolutionArn=solution/front-page", "SolutionVersionArn=solution/front-page/one")
    assert client.values() == {
        ("SolutionTrainingJobRequests", dimensions): (1.0, "Count"),
        ("SolutionTrainingJobError", dimensions): (1.0, "Count"),
        ("SolutionTrainingJobExecutionTime", dimensions): (90.0, "Seconds"),
    }


def test_values_wait_while_cloudwatch_is_down(world, client, sender, caplog):
    campaign = _deployed(world)
    scope = Scope("us-east-1", "123456789012")
    client.is_down = True
    for _ in range(2):
        world.service.metrics.add(scope, "GetRecommendations", COUNT, campaign)
        sender.send()
    assert caplog.text.count("metrics could not be sent") == 1
    client.is_down = False
    sender.send()
    assert client.values() == {("GetRecommendations", ("CampaignArn=campaign/front-page",)): (2.0, "Count")}


def test_the_buffer_is_bounded_and_closed_at_first(world):
    scope = Scope("us-east-1", "123456789012")
    buffer = MetricBuffer(world.clock.now, limit=2)
    buffer.add(scope, "name", COUNT, "before")
    assert buffer.take() == {}
    buffer.open()
    for subject in ("a", "b", "c", "a"):
        buffer.add(scope, "name", COUNT, subject)
    assert {series.subject: values.count for series, values in buffer.take().items()} == {"a": 2, "b": 1}
    assert buffer.dropped_count == 1
    assert buffer.take() == {}


def test_a_batch_has_at_most_150_metrics(client):
    data = [Datum(f"m{number}", COUNT, (), 60, Statistics(1, 2.0, 2.0, 2.0)) for number in range(301)]
    CloudWatch(lambda _scope: client).put(Scope("us-east-1", "123456789012"), data)
    assert [len(batch["MetricData"]) for batch in client.batches] == [150, 150, 1]


@behaviour("Metrics in CloudWatch", "Without AWS_ENDPOINT_URL nothing is gathered", APPROXIMATED, source="inferred")
def test_without_an_endpoint_nothing_is_gathered(world):
    assert cloudwatch_endpoint({}) is None
    world.service.reporting.start({})
    assert not world.service.metrics.is_open


def test_an_endpoint_of_cloudwatch_alone_wins():
    environment = {"AWS_ENDPOINT_URL": "http://all", "AWS_ENDPOINT_URL_CLOUDWATCH": "http://own"}
    assert cloudwatch_endpoint(environment) == "http://own"


def test_a_repeater_goes_on_after_an_error_until_it_is_stopped(caplog):
    calls = []
    third = threading.Event()

    def task() -> None:
        calls.append(len(calls))
        if len(calls) == 1:
            raise ValueError("once")
        if len(calls) == 3:
            third.set()

    repeater = Repeater("metrics", task, 0.001)
    repeater.start()
    assert third.wait(30)
    repeater.stop()
    assert not any(thread.name == "personalize-metrics" for thread in threading.enumerate())
    assert "metrics could not be done" in caplog.text


SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=123456789012/20260101/us-east-1/personalize/aws4_request, x"}


def _group_with_data(world: Any) -> str:
    group = world.create_group()
    world.create_dataset(group)
    return group


def _deployed(world: Any) -> str:
    """Give a campaign; what its making counted is forgotten."""
    campaign = world.create_campaign(world.add_version(world.create_solution(_group_with_data(world)), "one"))
    world.service.metrics.take()
    return campaign


def test_calls_that_are_turned_away_at_the_door_count_as_errors(world, client, sender):
    tracking_id = world.personalize.create_event_tracker(name="t", datasetGroupArn=world.create_group())["trackingId"]
    world.app._admission = Admission(working=0, waiting=0)
    signature = "AWS4-HMAC-SHA256 Credential=123456789012/20260101/us-east-1/personalize/aws4_request"
    request = json.dumps({"trackingId": tracking_id}).encode()
    status, _, _ = world.post("/events", request, {"Authorization": signature})
    sender.send()
    counted = {name: value for (name, _), value in client.values().items()}
    assert status == 400
    assert counted == {"PutEventsRequests": (1.0, "Count"), "PutEvents4xxErrors": (1.0, "Count")}


def test_a_server_that_only_reads_counts_its_calls(tmp_path, make_world, client, monkeypatch):
    scope = Scope("us-east-1", "000000000000")
    arn = scope.arn("campaign", "a")
    world = make_world(tmp_path)
    now = world.clock.now()
    with world.workspace.database.transaction() as connection:
        resource = Resource("campaign", arn, "a", scope, None, "CREATE PENDING", {}, now, now)
        world.workspace.resources.insert(connection, resource)
    reader = Workspace(tmp_path, worker=True)
    service = Service(reader, world.clock, Settings(metrics_interval_s=0.01))
    monkeypatch.setattr(reporting, "client_maker", lambda *_: lambda _scope: client)
    service.reporting.start_metrics({"AWS_ENDPOINT_URL_CLOUDWATCH": "http://localhost"})
    request = Request("POST", "/recommendations", "", {}, json.dumps({"campaignArn": arn, "userId": "u"}).encode())
    Dispatcher(Handlers(service), service.metrics).answer(operations()["GetRecommendations"], request)
    for _ in range(1000):
        if client.batches:
            break
        threading.Event().wait(0.01)
    service.reporting.stop()
    reader.close()
    assert {name: value for (name, _), (value, _) in client.values().items()} == {
        "GetRecommendations": 1.0,
        "GetRecommendations4xxErrors": 1.0,
    }
