"""Many clients at once: every answer is right or says that there are too many, and nothing waits without end."""

import asyncio
import contextlib
import json
import re
import socket
import threading

import pytest
import uvicorn

from personalize_local.wire.admission import BODY_LIMIT_BYTES, WAITING_LIMIT, Admission
from personalize_local.wire.asgi import HANDLER_THREADS
from tests.behaviours import APPROXIMATED, behaviour
from tests.town import USERS, copy_town

CLIENTS = 1000
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


class CountedAdmission(Admission):
    """Counts how many were inside at most."""

    def __init__(self):
        super().__init__(HANDLER_THREADS)
        self.inside = self.most = 0

    def enter(self):
        is_in = super().enter()
        self.inside += is_in
        self.most = max(self.most, self.inside)
        return is_in

    def leave(self):
        self.inside -= 1
        super().leave()


async def exchange(reader, writer, path, headers, request):
    """Send one request on a connection and give status and content of its answer."""
    body = json.dumps(request).encode()
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    writer.write("\r\n".join([*lines, "", ""]).encode() + body)
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = int(re.search(r"content-length: (\d+)", head)[1])
    content = await reader.readexactly(length)
    return int(head.split(" ", 2)[1]), json.loads(content) if content else None


async def call_at_once(port, requests_of):
    """Open a connection for each client, then have all of them send their requests, one after the other."""
    connections = [await asyncio.open_connection("127.0.0.1", port) for _ in range(CLIENTS)]

    async def call(number):
        return [await exchange(*connections[number], *request) for request in requests_of(number)]

    answers = await asyncio.gather(*map(call, range(CLIENTS)))
    for _, writer in connections:
        writer.close()
    return answers


SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=123456789012/20260101/us-east-1/personalize/aws4_request, x"}
THROTTLED = (400, {"__type": "ThrottlingException", "message": "Rate exceeded"})


def test_a_thousand_clients_get_right_answers_or_are_throttled(town):
    """GIVEN a thousand clients WHEN they come at once THEN what is not told to come again is right, and only that."""
    campaign = town.arns["campaign_arn"]
    admission = town.world.app._admission = CountedAdmission()

    def requests_of(number):
        user = USERS[number % len(USERS)]
        event = {"eventType": "click", "itemId": "i1", "sentAt": 1_767_000_000 + number, "eventId": f"e{number}"}
        events = {"trackingId": town.tracking_id, "userId": user, "sessionId": "s", "eventList": [event]}
        wrong = ("/recommendations", SIGNED, {"campaignArn": "nothing", "userId": user})
        describe = ("/", SIGNED | {"X-Amz-Target": "AmazonPersonalize.DescribeCampaign"}, {"campaignArn": campaign})
        recommend = ("/recommendations", SIGNED, {"campaignArn": campaign, "userId": user, "numResults": 7})
        return [("/events", SIGNED, events), recommend, wrong if number % 2 else describe]

    with serving(town.world.app) as port:
        answers = asyncio.run(call_at_once(port, requests_of))
    assert len(answers) == CLIENTS
    for number, (event, recommended, other) in enumerate(answers):
        assert event in ((200, None), THROTTLED)
        assert recommended == THROTTLED or len({item["itemId"] for item in recommended[1]["itemList"]}) == 7
        if other != THROTTLED and number % 2:
            assert (other[0], other[1]["__type"]) == (400, "InvalidInputException")
        elif other != THROTTLED:
            assert other[1]["campaign"]["campaignArn"] == campaign
    acknowledged = {f"e{number}" for number, (event, *_) in enumerate(answers) if event[0] == 200}
    stored = town.world.workspace.events.scan(town.dataset_arns["INTERACTIONS"])
    assert {event.event_id for event in stored} == acknowledged
    assert len(acknowledged) >= WAITING_LIMIT
    assert admission.inside == 0
    assert HANDLER_THREADS < admission.most <= HANDLER_THREADS + WAITING_LIMIT


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


def served_models(town):
    engine = town.world.app._dispatcher._handlers._engine
    return list(engine.group_data(town.arns["dataset_group_arn"]).models.values())


def test_long_computations_have_threads_of_their_own(town):
    """GIVEN a model that takes long WHEN no other thread is left THEN it is answered all the same."""
    request = {"campaignArn": town.arns["campaign_arn"], "userId": USERS[0], "numResults": 5}
    assert town.world.post("/recommendations", request, SIGNED)[0] == 200
    for model in served_models(town):
        model.cost._usual_s = 1.0
    town.world.app._threads.shutdown()
    assert town.world.post("/recommendations", request, SIGNED)[0] == 200


def test_what_is_in_memory_needs_no_thread(town):
    request = {"campaignArn": town.arns["campaign_arn"], "userId": USERS[0], "numResults": 5}
    path, app = "/recommendations", town.world.app
    first = town.world.post(path, request, SIGNED)
    for model in served_models(town):
        model.cost.note(0.0)
    app._threads.shutdown()
    second = town.world.post(path, request, SIGNED)
    assert first[0] == second[0] == 200
    assert [len(json.loads(each[2])["itemList"]) for each in (first, second)] == [5, 5]  # exploration draws anew
    with pytest.raises(RuntimeError, match="after shutdown"):
        town.world.post("/", {}, TARGET)
