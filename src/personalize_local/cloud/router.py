"""One port for everything: who answers which request.

Requests signed for the service `personalize` are ours (all three Personalize APIs sign with that name),
`/_personalize/…` are small JSON pages about the local cloud itself, everything else belongs to the emulator of the
other AWS services.
"""

import re
from collections.abc import Sequence
from typing import Protocol

from personalize_local.cloud.asgi import AsgiApp, AsgiScope, Receive, Send, header

PAGES_PREFIX = "/_personalize/"
TARGET_PREFIX = b"AmazonPersonalize"
_SIGNED_SERVICE = re.compile(rb"Credential=[^,\s]*/([^/,\s]+)/aws4_request")
_PRESIGNED_SERVICE = re.compile(rb"X-Amz-Credential=[^&]*?(?:/|%2F)([^/&%]+)(?:/|%2F)aws4_request", re.IGNORECASE)


class Part(Protocol):
    """Something that runs as long as the local cloud does."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


class CloudApp:
    """The ASGI application of the gateway: a router with a life span.

    `parts` start in order before the port opens and stop in reverse order; when one fails to start, those started
    before it are stopped again and the error goes on to the server.
    """

    def __init__(self, *, personalize: AsgiApp, pages: AsgiApp, elsewhere: AsgiApp, parts: Sequence[Part] = ()) -> None:
        self._personalize = personalize
        self._pages = pages
        self._elsewhere = elsewhere
        self._parts = tuple(parts)
        self._started: list[Part] = []

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._route(scope)(scope, receive, send)

    def _route(self, scope: AsgiScope) -> AsgiApp:
        if signed_service(scope) == b"personalize" or header(scope, b"x-amz-target").startswith(TARGET_PREFIX):
            return self._personalize
        if scope["path"].startswith(PAGES_PREFIX):
            return self._pages
        return self._elsewhere

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()  # lifespan.startup
        try:
            await self._start()
        except Exception as error:
            await self._stop()
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            raise
        await send({"type": "lifespan.startup.complete"})
        await receive()  # lifespan.shutdown
        await self._stop()
        await send({"type": "lifespan.shutdown.complete"})

    async def _start(self) -> None:
        for part in self._parts:
            await part.start()
            self._started.append(part)

    async def _stop(self) -> None:
        while self._started:
            await self._started.pop().stop()


def signed_service(scope: AsgiScope) -> bytes:
    """Return the service name in the request's SigV4 credential scope, from the header or a presigned query.

    Source: documented (SigV4: `Credential=<key>/<date>/<region>/<service>/aws4_request`; SigV4A leaves the region out).
    """
    signature = header(scope, b"authorization")
    found = _SIGNED_SERVICE.search(signature) if signature else _PRESIGNED_SERVICE.search(scope["query_string"])
    return found[1] if found else b""
