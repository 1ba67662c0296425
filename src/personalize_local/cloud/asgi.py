"""ASGI as types, and the one answer every part of the cloud gives by itself: a small JSON page."""

import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

AsgiScope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[AsgiScope, Receive, Send], Awaitable[None]]


def header(scope: AsgiScope, name: bytes) -> bytes:
    """Return the first header called `name` (lower case); empty when there is none."""
    return next((value for key, value in scope["headers"] if key.lower() == name), b"")


async def send_json(send: Send, status: int, body: object, *, headers: Mapping[bytes, bytes] | None = None) -> None:
    """Answer with one JSON document."""
    payload = json.dumps(body, indent=2).encode() + b"\n"
    head = {b"content-type": b"application/json", b"content-length": b"%d" % len(payload), **(headers or {})}
    await send({"type": "http.response.start", "status": status, "headers": list(head.items())})
    await send({"type": "http.response.body", "body": payload})
