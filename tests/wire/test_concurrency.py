"""Many clients at once: every answer is right or says that there are too many, and nothing waits without end."""

import asyncio
import contextlib
import http.client
import json
import socket
import threading

import pytest
import uvicorn

from personalize_local.wire.admission import BODY_LIMIT_BYTES, Admission
from tests.behaviours import APPROXIMATED, behaviour
from tests.town import USERS, copy_town

CLIENTS = 200
TARGET = {"X-Amz-Target": "AmazonPersonalize.ListSchemas"}


@pytest.fixture
def town(tmp_path):
    town = copy_town(tmp_path / "town")
    yield town
    town.world.close()


@contextlib.contextmanager
def serving(app):
    listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", http="httptools"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


class Caller:
    """One client, which sends what it was given and keeps what came back."""

    def __init__(self, port, requests):
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._requests = requests
        self.answers = []

    def run(self):
        for path, headers, request in self._requests:
            self._connection.request("POST", path, json.dumps(request), headers)
            response = self._connection.getresponse()
            content = response.read()
            self.answers.append((response.status, json.loads(content) if content else None))
        self._connection.close()


def call_at_once(port, requests_of):
    callers = [Caller(port, requests_of(number)) for number in range(CLIENTS)]
    threads = [threading.Thread(target=caller.run) for caller in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [caller.answers for caller in callers]


SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=123456789012/20260101/us-east-1/personalize/aws4_request, x"}


def test_two_hundred_clients_get_right_answers(town):
    campaign = town.arns["campaign_arn"]

    def requests_of(number):
        user = USERS[number % len(USERS)]
        event = {"eventType": "click", "itemId": "i1", "sentAt": 1_767_000_000 + number, "eventId": f"e{number}"}
        events = {"trackingId": town.tracking_id, "userId": user, "sessionId": "s", "eventList": [event]}
        return [
            ("/recommendations", SIGNED, {"campaignArn": campaign, "userId": user, "numResults": 7}),
            ("/events", SIGNED, events),
            ("/", SIGNED | {"X-Amz-Target": "AmazonPersonalize.DescribeCampaign"}, {"campaignArn": campaign}),
            ("/recommendations", SIGNED, {"campaignArn": "nothing", "userId": user}),
        ]

    with serving(town.world.app) as port:
        answers = call_at_once(port, requests_of)
    assert len(answers) == CLIENTS
    for first, second, third, fourth in answers:
        assert first[0] == 200 and len({item["itemId"] for item in first[1]["itemList"]}) == 7
        assert second == (200, None)
        assert third[1]["campaign"]["campaignArn"] == campaign
        assert (fourth[0], fourth[1]["__type"]) == (400, "InvalidInputException")
    stored = town.world.workspace.events.scan(town.dataset_arns["INTERACTIONS"])
    assert {event.event_id for event in stored} == {f"e{number}" for number in range(CLIENTS)}


@behaviour(
    "Protocol",
    "Who finds no place in the queue gets ThrottlingException, which SDKs try again",
    APPROXIMATED,
    source="documented; when: inferred",
)
def test_who_finds_no_place_is_told_to_come_again(world):
    """A handler holds the only place until all others had their answers."""
    world.app._admission = Admission(working=1, waiting=0)
    entered, finished = threading.Event(), threading.Event()
    handle = world.app._dispatcher.answer

    def slow(*arguments):
        entered.set()
        finished.wait()
        return handle(*arguments)

    world.app._dispatcher.answer = slow
    first = []
    thread = threading.Thread(target=lambda: first.append(world.post("/", {}, TARGET)))
    thread.start()
    entered.wait()
    refused = [world.post("/", {}, TARGET) for _ in range(3)]
    finished.set()
    thread.join()
    assert first[0][0] == 200
    for status, headers, body in refused:
        assert (status, headers["x-amzn-errortype"]) == (400, "ThrottlingException")
        assert json.loads(body) == {"__type": "ThrottlingException", "message": "Rate exceeded"}
    assert world.post("/", {}, TARGET)[0] == 200


def test_boto3_tries_again_when_it_was_throttled(world):
    world.app._admission = Admission(working=1, waiting=0)
    world.app._admission.enter()
    with pytest.raises(world.personalize.exceptions.ClientError, match="Rate exceeded") as raised:
        world.personalize.list_schemas()
    assert raised.value.response["ResponseMetadata"]["RetryAttempts"] == 1
    world.app._admission.leave()
    assert world.personalize.list_schemas()["schemas"] == []


def test_a_place_is_free_again_after_an_answer_of_any_kind(world):
    world.app._admission = Admission(working=1, waiting=0)
    for body in (b"{}", b"{", b"x" * (BODY_LIMIT_BYTES + 1), b"{}"):
        status, _, _ = world.post("/", body, TARGET)
        assert status == (200 if body == b"{}" else 400)


def test_a_body_beyond_any_operation_is_refused(world):
    target = {"X-Amz-Target": "AmazonPersonalize.CreateSchema"}
    status, _, body = world.post("/", b" " * (BODY_LIMIT_BYTES + 1), target)
    assert (status, json.loads(body)["__type"]) == (400, "InvalidInputException")
    assert json.loads(body)["message"] == f"The request's body is larger than {BODY_LIMIT_BYTES} bytes."


def test_what_is_in_memory_needs_no_thread(town):
    request = {"campaignArn": town.arns["campaign_arn"], "userId": USERS[0], "numResults": 5}
    path, app = "/recommendations", town.world.app
    first = town.world.post(path, request, SIGNED)
    for model in town.world.app._dispatcher._handlers._engine.group_data(
        town.arns["dataset_group_arn"]
    ).models.values():
        model.cost.note(0.0)
    app._threads.shutdown()
    second = town.world.post(path, request, SIGNED)
    assert first[0] == second[0] == 200
    assert json.loads(first[2])["itemList"] == json.loads(second[2])["itemList"]
    with pytest.raises(RuntimeError, match="after shutdown"):
        town.world.post("/", {}, TARGET)
