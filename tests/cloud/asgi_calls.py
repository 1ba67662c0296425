"""Ask an ASGI application without a server."""

from __future__ import annotations

import asyncio
from typing import Any

Answer = tuple[int, dict[str, str], bytes]


def http_scope(
    method: str = "GET", path: str = "/", headers: dict[str, str] | None = None, query: str = ""
) -> dict[str, Any]:
    """A request's head as a server gives it to an ASGI application."""
    return {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
    }


async def call(app: Any, scope: dict[str, Any], body: list[bytes] | None = None) -> Answer:
    """Send one request, its body in pieces; return the whole answer."""
    pieces = body or [b""]
    received = iter(
        [
            {"type": "http.request", "body": piece, "more_body": index < len(pieces) - 1}
            for index, piece in enumerate(pieces)
        ]
    )
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return next(received, {"type": "http.disconnect"})

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(message["body"] for message in sent[1:])


def ask(app: Any, scope: dict[str, Any], body: list[bytes] | None = None) -> Answer:
    return asyncio.run(call(app, scope, body))
