"""The three APIs as an ASGI application; no sockets here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from personalize_local.jobs.service import Service
from personalize_local.wire.dispatch import Dispatcher
from personalize_local.wire.operations import Handlers
from personalize_local.wire.response import Response

HANDLER_THREADS = 8

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class ClientGoneError(Exception):
    """The client left before it had sent its whole request."""


class PersonalizeApp:
    """Amazon Personalize over HTTP: the control plane, the runtime and the events API at one address."""

    def __init__(self, service: Service) -> None:
        self._dispatcher = Dispatcher(Handlers(service), service.metrics)
        self._threads = ThreadPoolExecutor(HANDLER_THREADS, thread_name_prefix="personalize-handler")

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        try:
            body = await _read_body(receive)
        except ClientGoneError:
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        loop = asyncio.get_running_loop()
        response = await loop.run_in_executor(
            self._threads, self._dispatcher.answer, scope["method"], scope["path"], headers, body
        )
        await _send_response(send, response)

    def close(self) -> None:
        """Wait for the requests in progress and end the threads."""
        self._threads.shutdown()


async def _read_body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


async def _send_response(send: Send, response: Response) -> None:
    """Send head and body one right after the other, for the server to write them together.

    The server's sockets need TCP_NODELAY all the same: asyncio's own loop writes the two apart, and without it the body
    would wait 40 ms for the client to acknowledge the head (measured).
    """
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})
