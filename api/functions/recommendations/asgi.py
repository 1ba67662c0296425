"""The application as an ASGI server: API Gateway's part of the work (key, size, load) is done at the door here.

`api/serve.py` runs it with uvicorn. Requests are answered in threads, as the AWS clients wait for the network.
"""

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hmac import compare_digest
from typing import Any
from urllib.parse import parse_qsl

from recommendations.application import Application
from recommendations.errors import ApiError
from recommendations.logs import error_code, log_event
from recommendations.messages import MAX_BODY_BYTES, HttpRequest, HttpResponse, json_response
from recommendations.routes import ROUTES

REFRESH_S = 300
RETRY_S = 15
FLUSH_S = 1
REFRESH_DEADLINE_S = 5.0
FREE = frozenset(route.path for route in ROUTES if not route.needs_key) | {"/docs"}
Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class Server:
    """Answers HTTP, and keeps the popular list fresh."""

    def __init__(self, application: Application, *, api_keys: tuple[str, ...] = (), most_at_once: int = 64) -> None:
        self._application = application
        self._api_keys = api_keys
        self._most_at_once = most_at_once
        self._threads = ThreadPoolExecutor(most_at_once, thread_name_prefix="request")
        self._at_once = 0
        self._tasks: list[asyncio.Task[None]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one connection of the ASGI protocol."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await respond(send, await self._answer(scope, receive))

    async def _answer(self, scope: Scope, receive: Receive) -> HttpResponse:
        body = await read_body(receive)
        request = as_request(scope, body)
        if request.path == "/docs" and request.query.get("format") != "json":
            return await asyncio.to_thread(swagger_page)
        if request.path == "/docs":  # what the page links to
            request = replace(request, path="/openapi.json")
        if request.method != "OPTIONS" and request.path not in FREE and not self._lets_in(request):
            return refusal(403, "Forbidden", "Send a valid API key in the header x-api-key.", request.request_id)
        if self._at_once >= self._most_at_once:
            return refusal(429, "TooManyRequests", "Too many requests at once: slow down.", request.request_id)
        self._at_once += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._application.api.handle, request)
        finally:
            self._at_once -= 1

    def _lets_in(self, request: HttpRequest) -> bool:
        """Tell whether a key fits; without any key everybody comes in."""
        sent = request.headers.get("x-api-key", "").encode()
        return not self._api_keys or any(compare_digest(sent, key.encode()) for key in self._api_keys)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._tasks = [asyncio.create_task(self._keep_popular_fresh()), asyncio.create_task(self._flush())]
                await send({"type": "lifespan.startup.complete"})
            else:
                for task in self._tasks:
                    task.cancel()
                await asyncio.to_thread(self._application.exposures.flush)
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _flush(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_S)
            await asyncio.to_thread(self._application.exposures.flush)

    async def _keep_popular_fresh(self) -> None:
        while True:
            done = await asyncio.to_thread(refresh_popular, self._application)
            await asyncio.sleep(REFRESH_S if done else RETRY_S)


def refresh_popular(application: Application) -> bool:
    """Refresh the popular list; say whether it worked."""
    try:
        application.service.refresh_popular(application.service.deadline(REFRESH_DEADLINE_S))
    except ApiError as error:
        log_event("warning", "popular_not_refreshed", code=error.code)
        return False
    except Exception as error:
        log_event("error", "popular_not_refreshed", error=error_code(error))
        return False
    return True


async def read_body(receive: Receive) -> bytes:
    """Read a body; one byte more than is allowed is enough to refuse it."""
    body = b""
    while True:
        message = await receive()
        body = (body + message.get("body", b""))[: MAX_BODY_BYTES + 1]
        if not message.get("more_body"):
            return body


def as_request(scope: Scope, body: bytes) -> HttpRequest:
    """Read a request out of ASGI's scope."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    query = dict(parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True, errors="replace"))
    return HttpRequest(scope["method"], scope["path"], headers, query, body, str(uuid.uuid4()))


def refusal(status: int, code: str, message: str, request_id: str) -> HttpResponse:
    """Answer at the door."""
    headers = {"Retry-After": "1"} if status == 429 else {}
    return json_response(status, {"code": code, "message": message, "request_id": request_id}, headers)


async def respond(send: Send, response: HttpResponse) -> None:
    """Send an answer."""
    headers = {**response.headers, "Content-Length": str(len(response.body))}
    if response.status in (204, 304):
        del headers["Content-Length"]
    pairs = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": response.status, "headers": pairs})
    await send({"type": "http.response.body", "body": response.body})


def swagger_page() -> HttpResponse:
    """Answer with the OpenAPI document in a page to read and try; everything in it is in the page itself."""
    from aws_lambda_powertools.event_handler.openapi import swagger_ui

    from recommendations.openapi import openapi_document

    files = swagger_ui.__path__[0]
    text = {name: open(f"{files}/{name}", encoding="utf-8").read() for name in SWAGGER_FILES}  # noqa: SIM115
    page = swagger_ui.generate_swagger_html(
        spec=json.dumps(openapi_document()).replace("</", "<\\/"),
        swagger_js=text["swagger-ui-bundle.min.js"],
        swagger_css=text["swagger-ui.min.css"],
        swagger_base_url="",
        oauth2_config=None,
        persist_authorization=True,
    )
    return HttpResponse(200, {"Content-Type": "text/html; charset=utf-8"}, page.encode())


SWAGGER_FILES = ("swagger-ui-bundle.min.js", "swagger-ui.min.css")
