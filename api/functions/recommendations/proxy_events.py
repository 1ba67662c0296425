"""API Gateway's proxy events as requests, and answers as what it takes back."""

import base64
import binascii
from typing import Any

from recommendations.messages import HttpRequest, HttpResponse


def read_event(data: dict[str, Any]) -> HttpRequest:
    """Read a proxy event; header names lose their case, and the stage is not part of the path."""
    return HttpRequest(
        method=data.get("httpMethod") or "GET",
        path=data.get("resource") or data.get("path") or "/",
        headers={name.lower(): value for name, value in (data.get("headers") or {}).items()},
        query=data.get("queryStringParameters") or {},
        body=read_body(data.get("body") or "", bool(data.get("isBase64Encoded"))),
        request_id=(data.get("requestContext") or {}).get("requestId", ""),
    )


def read_body(text: str, encoded: bool) -> bytes:
    """Return the body's bytes, whichever way API Gateway passed them; half characters stay wrong and are refused."""
    try:
        return base64.b64decode(text, validate=True) if encoded else text.encode("utf-8", "surrogatepass")
    except binascii.Error:
        return b"\xff"


def write_response(response: HttpResponse) -> dict[str, Any]:
    """Return a proxy response."""
    return {"statusCode": response.status, "headers": response.headers, "body": response.body.decode()}
