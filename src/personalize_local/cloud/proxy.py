"""Hand a request on to the emulator's process and its answer back, both as streams.

Rule 1: one connection per request, closed after the answer. On a local socket that costs a fraction of a millisecond,
and no connection is ever stale after the emulator was started anew.
Rule 2: bytes pass as they came (raw path, header order, names): API Gateway and S3 sign and match on them.
Rule 3: an answer that breaks off is never passed on as a whole one: the client's connection breaks as well.
Rule 4: a connection stays HTTP: WebSockets, which the emulator has for API Gateway and AppSync, are refused in words.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httptools

from personalize_local.cloud.asgi import AsgiScope, Message, Receive, Send, header, send_json

logger = logging.getLogger(__name__)

READ_BYTES = 256 * 1024
# Between client and gateway only (RFC 9110 §7.6.1); `expect` was answered by the gateway's server.
HOP_BY_HOP = frozenset(
    {b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"te", b"upgrade", b"expect"}
)

NO_WEBSOCKETS = "The local cloud does not pass WebSockets on to the emulator: its APIs can be called over HTTP only."
NOT_PASSED_BACK = HOP_BY_HOP | {b"date"}  # the gateway's server sends its own


class BrokenAnswerError(ConnectionError):
    """The emulator's connection ended in the middle of an answer."""


class EmulatorProxy:
    """An ASGI application that answers with what the emulator behind `socket_path` answers."""

    def __init__(self, socket_path: Path, is_available: Callable[[], bool]) -> None:
        self._socket_path = socket_path
        self._is_available = is_available

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        if header(scope, b"upgrade").lower() == b"websocket":
            await send_json(send, 501, {"__type": "NotImplemented", "message": NO_WEBSOCKETS})
            return
        if not self._is_available():
            await _refuse(send)
            return
        try:
            reader, writer = await asyncio.open_unix_connection(str(self._socket_path), limit=READ_BYTES)
        except OSError:
            await _refuse(send)
            return
        pump = asyncio.create_task(_send_request(scope, receive, writer))
        try:
            await _pass_answer(scope["method"], reader, send)
        finally:
            pump.cancel()
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await pump


async def _refuse(send: Send) -> None:
    message = (
        "The emulator of the other AWS services is not running; see the log of the local cloud. Personalize is up."
    )
    await send_json(send, 503, {"__type": "ServiceUnavailable", "message": message}, headers={b"retry-after": b"1"})


async def _send_request(scope: AsgiScope, receive: Receive, writer: asyncio.StreamWriter) -> None:
    """Pass the request on; a client that goes away in the middle of it takes the emulator's connection along."""
    writer.write(request_head(scope))
    chunked = _is_chunked(scope)
    try:
        async for chunk in _body(receive):
            writer.write(b"%x\r\n%b\r\n" % (len(chunk), chunk) if chunked else chunk)
            await writer.drain()
    except ConnectionAbortedError:
        writer.close()
        return
    if chunked:
        writer.write(b"0\r\n\r\n")
    await writer.drain()


def request_head(scope: AsgiScope) -> bytes:
    """Write the request's line and headers as they go to the emulator."""
    query = scope["query_string"]
    target = scope["raw_path"] + (b"?" + query if query else b"")
    lines = [b"%b %b HTTP/1.1" % (scope["method"].encode(), target)]
    lines += [b"%b: %b" % (name, value) for name, value in scope["headers"] if name.lower() not in HOP_BY_HOP]
    lines += [b"transfer-encoding: chunked"] if _is_chunked(scope) else []
    return b"\r\n".join([*lines, b"connection: close", b"", b""])


def _is_chunked(scope: AsgiScope) -> bool:
    return b"chunked" in header(scope, b"transfer-encoding").lower()


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionAbortedError("the client went away")
        if message.get("body"):
            yield message["body"]
        more = message.get("more_body", False)


async def _pass_answer(method: str, reader: asyncio.StreamReader, send: Send) -> None:
    answer = _Answer(has_body=method != "HEAD")
    while not answer.is_complete and (data := await reader.read(READ_BYTES)):
        for message in answer.feed(data):
            await send(message)
    if not answer.is_begun:
        logger.error("the emulator ended a connection without an answer")
        await _refuse(send)
    elif not answer.is_complete and answer.is_framed:
        raise BrokenAnswerError("the emulator ended a connection in the middle of an answer")
    else:
        await send({"type": "http.response.body", "body": b""})


class _Answer:
    """The emulator's answer as ASGI messages. httptools calls the `on_…` methods."""

    def __init__(self, *, has_body: bool) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._has_body = has_body
        self._headers: list[tuple[bytes, bytes]] = []
        self._messages: list[Message] = []
        self.is_begun = False
        self.is_framed = False  # its end is told by a length or a last chunk, not by the connection's end
        self.is_complete = False

    def feed(self, data: bytes) -> list[Message]:
        """Parse what came; return the messages to send for it."""
        self._messages = []
        self._parser.feed_data(data)
        return self._messages

    def on_header(self, name: bytes, value: bytes) -> None:
        self.is_framed |= name.lower() in (b"content-length", b"transfer-encoding")
        if name.lower() not in NOT_PASSED_BACK:
            self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        self.is_begun = True
        self.is_complete = not self._has_body
        status = self._parser.get_status_code()
        self._messages.append({"type": "http.response.start", "status": status, "headers": self._headers})

    def on_body(self, body: bytes) -> None:
        self._messages.append({"type": "http.response.body", "body": body, "more_body": True})

    def on_message_complete(self) -> None:
        self.is_complete = True
