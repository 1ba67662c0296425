"""Over a real socket: what uvicorn makes of the application, and that an answer leaves in one piece at once."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn

REQUEST = (
    b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\n"
    b"X-Amz-Target: AmazonPersonalize.ListSchemas\r\nContent-Length: 2\r\n\r\n{}"
)


@contextlib.contextmanager
def serving(app) -> Iterator[tuple[str, int]]:
    """Serve an application on a free port of this machine."""
    listener = socket.create_server(("127.0.0.1", 0))
    # Without it the body may wait 40 ms for the client to acknowledge the head.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", http="httptools"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
    thread.start()
    try:
        yield listener.getsockname()
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def read_answer(connection: socket.socket) -> bytes:
    """Read one answer."""
    received = b""
    while b"\r\n\r\n" not in received or not received.endswith(b"}"):
        piece = connection.recv(65536)
        assert piece, received
        received += piece
    return received


@pytest.fixture
def connection(world) -> Iterator[socket.socket]:
    with serving(world.app) as address, socket.create_connection(address, timeout=30) as connection:
        yield connection


def test_answers_come_whole_and_many_on_one_connection(connection):
    for _ in range(20):
        connection.sendall(REQUEST)
        answer = read_answer(connection)
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert answer.endswith(b'\r\n\r\n{"schemas":[]}')


def test_head_and_body_are_sent_without_a_wait_in_between(world):
    """Rule: nothing but the two sends stands between head and body, so that the server's buffer joins them."""
    sent = []
    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def receive():
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def send(message):
        sent.append((message["type"], turns))

    async def request() -> None:
        counter = asyncio.create_task(count_turns())
        headers = [(b"x-amz-target", b"AmazonPersonalize.ListSchemas")]
        await world.app({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive, send)
        counter.cancel()

    asyncio.run(request())
    (start, start_turn), (body, body_turn) = sent
    assert (start, body) == ("http.response.start", "http.response.body")
    assert start_turn == body_turn > 0


def test_a_client_that_leaves_early_gets_nothing(world):
    async def receive():
        return {"type": "http.disconnect"}

    async def send(message):
        raise AssertionError(message)

    asyncio.run(world.app({"type": "http", "method": "POST", "path": "/", "headers": []}, receive, send))
