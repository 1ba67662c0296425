"""A request and an answer, whatever carries them: API Gateway, or a server of one's own."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from recommendations.errors import InvalidRequestError, RequestTooLargeError

MAX_BODY_BYTES = 64 * 1024  # 500 ids of 256 characters, escaped, are no reader's request
JSON_TYPE = "application/json; charset=utf-8"
PRIVATE = "private, no-store"


@dataclass(frozen=True)
class HttpRequest:
    """One request; header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    request_id: str = ""


@dataclass
class HttpResponse:
    """One answer."""

    status: int
    headers: dict[str, str]
    body: bytes = b""


def read_json(body: bytes) -> Any:
    """Parse a body.

    Errors: RequestTooLargeError; InvalidRequestError for anything but JSON in UTF-8.
    """
    if len(body) > MAX_BODY_BYTES:
        raise RequestTooLargeError(f"The body has {len(body)} bytes: send at most {MAX_BODY_BYTES}.")
    if not body.strip():
        raise InvalidRequestError("The body is empty: send a JSON object.")
    try:
        return json.loads(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise InvalidRequestError("The body is not UTF-8 text: send JSON encoded as UTF-8.") from None
    except (ValueError, RecursionError) as error:
        where = f" at line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise InvalidRequestError(f"The body is not valid JSON{where}: send one JSON object.") from None


def json_response(status: int, body: Any, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Answer with JSON; unless the headers say otherwise it is one reader's, and nobody keeps it."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return HttpResponse(status, {"Content-Type": JSON_TYPE, "Cache-Control": PRIVATE, **(headers or {})}, text.encode())


def shared_response(request: HttpRequest, body: Any, max_age_s: int, stable: Any = None) -> HttpResponse:
    """Answer with what is nobody's own: caches may keep it, and 304 for who has it already.

    `stable` is what the tag is made of where the body holds a request's id. A tag says what the content is, so a
    tag from another address cannot match by chance.
    """
    response = json_response(200, body, {"Cache-Control": f"public, max-age={max_age_s}"})
    tagged = response.body if stable is None else json.dumps(stable, sort_keys=True).encode()
    tag = f'"{sha256(request.path.encode() + b" " + tagged).hexdigest()[:32]}"'
    response.headers["ETag"] = tag
    if matches_tag(request.headers.get("if-none-match", ""), tag):
        kept = {name: response.headers[name] for name in ("Cache-Control", "ETag")}
        return HttpResponse(304, kept)
    return response


def matches_tag(header: str, tag: str) -> bool:
    """Tell whether If-None-Match names a tag; weak tags count, as RFC 9110 §13.1.2 has it."""
    named = [entry.strip().removeprefix("W/") for entry in header.split(",")]
    return tag in named or named == ["*"]
