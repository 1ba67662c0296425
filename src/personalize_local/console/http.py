"""Requests and answers of the console, between ASGI and the pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

AsgiScope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

MAX_FORM_BYTES = 64 * 1024


class FormTooLargeError(ValueError):
    """A form is larger than any of the console's."""


@dataclass(frozen=True)
class Request:
    """One request; names of headers are lower case, of fields with several values the last one counts."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    """One answer."""

    status: int
    content_type: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def redirect(location: str) -> Reply:
    """Send the browser on to another page after a form."""
    return Reply(303, "text/plain; charset=utf-8", b"", {"location": location})


async def read_request(scope: AsgiScope, receive: Receive) -> Request:
    """Read a request with its form.

    Errors: FormTooLargeError.
    """
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    form = _fields(await _read_body(receive)) if scope["method"] == "POST" else {}
    return Request(scope["method"], scope["path"], _fields(scope["query_string"]), headers, form)


async def send_reply(send: Send, reply: Reply, *, head_only: bool = False) -> None:
    """Send an answer, or what stands before its body."""
    headers = {"content-type": reply.content_type, "content-length": str(len(reply.body)), **reply.headers}
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": raw})
    await send({"type": "http.response.body", "body": b"" if head_only else reply.body})


async def _read_body(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > MAX_FORM_BYTES:
            raise FormTooLargeError(f"A form of the console has at most {MAX_FORM_BYTES} bytes.")
        if not message.get("more_body"):
            return body


def _fields(raw: bytes) -> dict[str, str]:
    text = raw.decode("latin-1")
    return {name: values[-1] for name, values in parse_qs(text, keep_blank_values=True).items()}
