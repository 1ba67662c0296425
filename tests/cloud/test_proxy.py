"""Requests and answers pass between client and emulator as they came, or not at all."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from personalize_local.cloud.proxy import BrokenAnswerError, EmulatorProxy, request_head
from tests.cloud.asgi_calls import Answer, call, http_scope

PLAIN = b'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: "a"\r\nDate: then\r\nConnection: close\r\n\r\nhello'


@pytest.fixture
def socket_path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "emulator.sock"


class ScriptedEmulator:
    """Takes one request, answers with prepared bytes and closes."""

    def __init__(self, answer: bytes, *, reads_request: bool = True) -> None:
        self._answer = answer
        self._reads_request = reads_request
        self.received = b""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._reads_request:
            head = await reader.readuntil(b"\r\n\r\n")
            self.received = head + await self._read_body(head.lower(), reader)
        writer.write(self._answer)
        await writer.drain()
        writer.close()

    async def _read_body(self, head: bytes, reader: asyncio.StreamReader) -> bytes:
        if b"transfer-encoding: chunked" in head:
            return await reader.readuntil(b"0\r\n\r\n")
        if b"content-length: " in head:
            return await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
        return b""


def pass_on(
    socket_path: Path, emulator: ScriptedEmulator, scope: dict[str, Any], body: list[bytes] | None = None
) -> Answer:
    async def run() -> Answer:
        async with await asyncio.start_unix_server(emulator.serve, str(socket_path)):
            return await asyncio.wait_for(call(EmulatorProxy(socket_path, lambda: True), scope, body), 10)

    return asyncio.run(run())


def test_an_answer_passes_with_its_headers_but_without_the_connections_own(socket_path: Path) -> None:
    status, headers, body = pass_on(socket_path, ScriptedEmulator(PLAIN), http_scope())
    assert (status, headers, body) == (200, {"Content-Length": "5", "ETag": '"a"'}, b"hello")


def test_a_chunked_answer_passes_without_its_framing(socket_path: Path) -> None:
    answer = b"HTTP/1.1 206 Partial Content\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"
    assert pass_on(socket_path, ScriptedEmulator(answer), http_scope()) == (206, {}, b"abcdefg")


def test_an_answer_that_ends_with_its_connection_passes(socket_path: Path) -> None:
    assert pass_on(socket_path, ScriptedEmulator(b"HTTP/1.1 200 OK\r\n\r\nabc"), http_scope()) == (200, {}, b"abc")


def test_a_head_answer_has_a_length_and_no_body(socket_path: Path) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
    status, headers, body = pass_on(socket_path, ScriptedEmulator(answer), http_scope("HEAD"))
    assert (status, headers, body) == (200, {"Content-Length": "1000000"}, b"")


def test_a_body_of_known_length_passes_byte_for_byte(socket_path: Path) -> None:
    emulator = ScriptedEmulator(PLAIN)
    pieces = [b"a" * 100_000, b"b" * 50_000]
    pass_on(socket_path, emulator, http_scope("PUT", "/bucket/key", {"Content-Length": "150000"}), pieces)
    assert emulator.received.partition(b"\r\n\r\n")[2] == b"".join(pieces)


def test_a_body_of_unknown_length_is_chunked_again(socket_path: Path) -> None:
    emulator = ScriptedEmulator(PLAIN)
    pass_on(socket_path, emulator, http_scope("PUT", "/", {"Transfer-Encoding": "chunked"}), [b"abc", b"", b"defg"])
    assert emulator.received.partition(b"\r\n\r\n")[2] == b"3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"


def test_the_head_keeps_path_query_and_order_and_drops_what_is_for_one_hop() -> None:
    headers = {"Host": "x", "Expect": "100-continue", "Connection": "keep-alive", "X-Api-Key": "k"}
    assert request_head(http_scope("GET", "/b/a%20b%2Fc", headers, "a=1&a=2")).split(b"\r\n") == [
        b"GET /b/a%20b%2Fc?a=1&a=2 HTTP/1.1",
        b"host: x",
        b"x-api-key: k",
        b"connection: close",
        b"",
        b"",
    ]


def test_a_client_that_goes_away_takes_the_emulators_connection_along(socket_path: Path) -> None:
    received: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.read())  # until the connection ends, which without the proxy's help it would not
        writer.close()

    messages = iter([{"type": "http.request", "body": b"half", "more_body": True}, {"type": "http.disconnect"}])

    async def receive() -> dict[str, Any]:
        return next(messages)

    async def send(message: dict[str, Any]) -> None:
        pass

    async def run() -> None:
        async with await asyncio.start_unix_server(serve, str(socket_path)):
            app = EmulatorProxy(socket_path, lambda: True)
            await asyncio.wait_for(app(http_scope("PUT", "/", {"Content-Length": "8"}), receive, send), 10)

    asyncio.run(run())
    assert received[0].endswith(b"\r\n\r\nhalf")


def test_an_answer_before_the_end_of_the_request_passes(socket_path: Path) -> None:
    refusal = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"
    scope = http_scope("PUT", "/", {"Content-Length": "10000000"})
    status, _, body = pass_on(
        socket_path, ScriptedEmulator(refusal, reads_request=False), scope, [b"x" * 1_000_000] * 10
    )
    assert (status, body) == (403, b"no")


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    ],
)
def test_an_answer_that_breaks_off_is_not_passed_on_as_whole(socket_path: Path, answer: bytes) -> None:
    with pytest.raises(BrokenAnswerError, match="in the middle of an answer"):
        pass_on(socket_path, ScriptedEmulator(answer), http_scope())


def test_without_an_answer_the_service_is_unavailable(socket_path: Path) -> None:
    status, headers, body = pass_on(socket_path, ScriptedEmulator(b""), http_scope())
    assert (status, headers["retry-after"]) == (503, "1")
    assert json.loads(body)["message"].startswith("The emulator of the other AWS services is not running")


@pytest.mark.parametrize("is_available", [True, False])
def test_without_an_emulator_the_service_is_unavailable(socket_path: Path, is_available: bool) -> None:
    status, _, body = asyncio.run(call(EmulatorProxy(socket_path, lambda: is_available), http_scope()))
    assert (status, json.loads(body)["__type"]) == (503, "ServiceUnavailable")


def test_a_web_socket_is_refused_in_words(socket_path: Path) -> None:
    scope = http_scope(headers={"Connection": "Upgrade", "Upgrade": "websocket"})
    status, _, body = asyncio.run(call(EmulatorProxy(socket_path, lambda: True), scope))
    assert status == 501
    assert "does not pass WebSockets on" in json.loads(body)["message"]
