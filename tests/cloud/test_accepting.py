"""Connections that come at once are all taken in before the first of them is answered."""

import contextlib
import errno
import logging
import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn

from personalize_local.cloud import accepting
from personalize_local.cloud.accepting import AcceptingServer
from personalize_local.cloud.connection import Connection

CLIENTS = 60
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Counting:
    """An application that answers with how many connections there are."""

    server: AcceptingServer

    async def __call__(self, scope, receive, send):
        body = b"%d" % len(self.server.server_state.connections)
        headers = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


class Exhausted:
    """A listener of a process that has as many files open as it may, for the first attempt."""

    def __init__(self, listener):
        self._listener = listener
        self.refusals = 0

    def accept(self):
        if not self.refusals:
            self.refusals += 1
            raise OSError(errno.EMFILE, "Too many open files")
        return self._listener.accept()

    def __getattr__(self, name):
        return getattr(self._listener, name)


@contextlib.contextmanager
def serving(listener) -> Iterator[None]:
    application = Counting()
    server = application.server = AcceptingServer(
        uvicorn.Config(application, http=Connection, lifespan="off", ws="none", log_config=None)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


def ask(connection: socket.socket) -> int:
    """Read an answer's number."""
    received = b""
    while b"\r\n\r\n" not in received or received.endswith(b"\r\n\r\n"):
        received += connection.recv(4096)
    return int(received.rpartition(b"\r\n\r\n")[2])


def test_the_first_answer_knows_all_who_came_at_once():
    """GIVEN clients that wait with their requests WHEN the server starts THEN none waits for others' answers."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=CLIENTS)
    connections = [socket.create_connection(listener.getsockname(), timeout=30) for _ in range(CLIENTS)]
    for connection in connections:
        connection.sendall(REQUEST)
    with serving(listener):
        answers = [ask(connection) for connection in connections]
    assert answers == [CLIENTS] * CLIENTS
    for connection in connections:
        connection.close()


def test_who_comes_while_no_file_can_be_opened_is_taken_in_later(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(accepting, "PAUSE_S", 0.0)
    exhausted = Exhausted(socket.create_server(("127.0.0.1", 0)))
    with caplog.at_level(logging.ERROR), serving(exhausted):
        connection = socket.create_connection(exhausted.getsockname(), timeout=30)
        connection.sendall(REQUEST)
        assert ask(connection) == 1
        connection.close()
    assert exhausted.refusals == 1
    assert "no connection can be taken in for 0 s: Too many open files" in caplog.text


def test_nobody_is_taken_in_once_the_server_ends():
    listener = socket.create_server(("127.0.0.1", 0))
    address = listener.getsockname()
    with serving(listener):
        connection = socket.create_connection(address, timeout=30)
        connection.sendall(REQUEST)
        ask(connection)
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(address, timeout=30)
