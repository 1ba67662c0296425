"""The three APIs as an ASGI application; no sockets here.

Rule 1: what takes a moment only is answered in the event loop: handing it to a thread and back would cost more.
Rule 2: all that may wait, for the disk, a lock or a long computation, is a thread's, and the loop goes on meanwhile.
Rule 3: long computations have few threads, which take them in the order in which they came: many of them take turns at
    Python's lock and wait for each other, some several times as long as others (measured).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from personalize_local.jobs.service import Service
from personalize_local.runtime.engine import CostlyAnswerError, Engine, NotAtHandError
from personalize_local.wire.admission import BODY_LIMIT_BYTES, Admission, throttled, too_large
from personalize_local.wire.dispatch import Dispatcher
from personalize_local.wire.gate import Gate
from personalize_local.wire.guards import Guard, Request
from personalize_local.wire.models import Operation, find_operation
from personalize_local.wire.operations import ENGINE_HANDLERS, Handlers
from personalize_local.wire.response import Response, unknown_operation

HANDLER_THREADS = 32  # so many calls of PutEvents may share a commit
COMPUTING_THREADS = (os.cpu_count() or 1) + 2

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class ClientGoneError(Exception):
    """The client left before it had sent its whole request."""


class PersonalizeApp:
    """Amazon Personalize over HTTP: the control plane, the runtime and the events API at one address.

    Each of the `guards` may refuse a request before it is looked at further.
    """

    def __init__(self, service: Service, guards: Sequence[Guard] = (), engine: Engine | None = None) -> None:
        self._gate = Gate(guards)
        self._metrics = service.metrics
        self._dispatcher = Dispatcher(Handlers(service, engine), service.metrics)
        self._admission = Admission(HANDLER_THREADS)
        self._threads = ThreadPoolExecutor(HANDLER_THREADS, thread_name_prefix="personalize-handler")
        self._computing = ThreadPoolExecutor(COMPUTING_THREADS, thread_name_prefix="personalize-computing")

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        has_place = self._admission.enter()
        answer = self._answered if has_place else self._throttled
        try:
            await _send_response(send, await answer(scope, receive))
        except ClientGoneError:
            return
        finally:
            if has_place:
                self._admission.leave()

    async def _throttled(self, scope: Mapping[str, Any], receive: Receive) -> Response:
        """Turn a request away; when calls are counted, what it was about is read first."""
        answer = throttled(scope)
        body = await _read_body(receive) if self._metrics.is_open else None
        if body is not None:
            request = _request(scope, body)
            operation = find_operation(request.method, request.path, request.headers)
            if operation is not None:
                self._dispatcher.note_refusal(operation, request, answer.status)
        return answer

    async def _answered(self, scope: Mapping[str, Any], receive: Receive) -> Response:
        body = await _read_body(receive)
        if body is None:
            return too_large(scope)
        request = _request(scope, body)
        operation = find_operation(request.method, request.path, request.headers)
        if operation is None:
            return unknown_operation(request.method, request.path, request.headers)
        threads = self._threads
        if operation.name in ENGINE_HANDLERS:
            try:
                return self._gate.refusal(operation, request) or self._dispatcher.answer_at_hand(operation, request)
            except CostlyAnswerError:
                threads = self._computing
            except NotAtHandError:
                pass
        return await asyncio.get_running_loop().run_in_executor(threads, self._answer, operation, request)

    def _answer(self, operation: Operation, request: Request) -> Response:
        return self._gate.refusal(operation, request) or self._dispatcher.answer(operation, request)

    def close(self) -> None:
        """Wait for the requests in progress and end the threads."""
        for threads in (self._threads, self._computing):
            threads.shutdown()


def _request(scope: Mapping[str, Any], body: bytes) -> Request:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = scope.get("query_string", b"").decode("latin-1")
    return Request(scope["method"], scope["path"], query, headers, body)


async def _read_body(receive: Receive) -> bytes | None:
    """Read a request's body; None when it is too large, of which no more is kept than that.

    Errors: ClientGoneError.
    """
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        body += message.get("body", b"")
        if len(body) > BODY_LIMIT_BYTES:
            return None
        if not message.get("more_body", False):
            return bytes(body)


async def _send_response(send: Send, response: Response) -> None:
    """Send head and body one right after the other, for the server to write them together.

    The server's sockets need TCP_NODELAY all the same: asyncio's own loop writes the two apart, and without it the body
    would wait 40 ms for the client to acknowledge the head (measured).
    """
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})
