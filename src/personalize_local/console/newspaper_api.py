"""Call the newspaper's own API as its pages do: the deployed stack's address and key, the fields of its request."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from personalize_local.console.account import Account
from personalize_local.console.api_stack import ApiStack

TIMEOUT_S = 15.0
DOCUMENT_S = 300.0
MOST_BYTES = 2_000_000


@dataclass(frozen=True)
class ApiReply:
    """What came back. Units: took_ms. `status` is 0 where nothing did."""

    status: int
    body: str
    took_ms: int

    @property
    def articles(self) -> list[dict[str, Any]]:
        """Give the articles of a reply of the newspaper's shape; none of any other."""
        try:
            found = json.loads(self.body)[0]["recommendations"]
        except (ValueError, KeyError, IndexError, TypeError):
            return []
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


class NewspaperApi:
    """Args: address: where an API is, with `{api}` and `{stage}`; empty takes what the stack says."""

    def __init__(self, account: Account, address: str = "") -> None:
        self._account, self._address = account, address
        self._documents: dict[str, tuple[float, dict[str, Any]]] = {}

    def url(self, stack: ApiStack, path: str) -> str:
        """Give the address of one of the API's paths."""
        if self._address:
            api, stage = stack.outputs.get("ApiId", ""), stack.outputs.get("StageName", "v1")
            return f"{self._address.format(api=api, stage=stage)}/{path}"
        return stack.outputs.get("POSTRecommendationsApiGatewayInvokeURL", "").rpartition("/")[0] + f"/{path}"

    def ask(self, stack: ApiStack, body: Mapping[str, Any]) -> ApiReply:
        """Send a request for recommendations with the stack's key. Errors: those of boto3, for the key."""
        found = self._account.client("apigateway").get_api_key(apiKey=stack.outputs["ApiKeyId"], includeValue=True)
        headers = {"x-api-key": found["value"], "content-type": "application/json"}
        return _send(self.url(stack, "recommendations"), json.dumps(body).encode(), headers)

    def document(self, stack: ApiStack) -> dict[str, Any] | None:
        """Give the API's OpenAPI document, kept for some minutes; None where it does not answer with one."""
        url = self.url(stack, "openapi.json")
        read_at, document = self._documents.get(url, (float("-inf"), None))
        if time.monotonic() - read_at > DOCUMENT_S:
            document = _document(_send(url, None, {}))
            if document is not None:
                self._documents[url] = (time.monotonic(), document)
        return document


def request_body(fields: Mapping[str, str]) -> dict[str, Any]:
    """Give the newspaper's request; fields that are empty are left out of it."""
    names = ("section", "platform", "visitor_type", "last_content_ids")
    context = fields.get("context", "").strip() or "art_same_section_mostpopular"
    asked = {name: fields[name].strip() for name in names if fields.get(name, "").strip()}
    count = fields.get("limit", "")
    limit = int(count) if count.isascii() and count.isdigit() else 10
    sub_request = {"widget_id": f"recommended-{context}", "limit": limit, "context": context} | asked
    return {"sub_requests": [sub_request], "visitor_id": fields.get("visitor_id", "").strip()}


def _document(reply: ApiReply) -> dict[str, Any] | None:
    try:
        document = json.loads(reply.body)
    except ValueError:
        return None
    return document if reply.status == 200 and isinstance(document, dict) and "paths" in document else None


def _send(url: str, body: bytes | None, headers: Mapping[str, str]) -> ApiReply:
    started = time.perf_counter()

    def reply(status: int, content: bytes) -> ApiReply:
        took_ms = round((time.perf_counter() - started) * 1000)
        return ApiReply(status, content[:MOST_BYTES].decode(errors="replace"), took_ms)

    if not url.startswith(("https://", "http://localhost:", "http://127.0.0.1:")):
        return reply(0, f"This stack names no address of its API: {url!r}.".encode())
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, dict(headers)), timeout=TIMEOUT_S) as answer:
            return reply(answer.status, answer.read(MOST_BYTES))
    except urllib.error.HTTPError as error:
        return reply(error.code, error.read(MOST_BYTES))
    except OSError as error:
        return reply(0, f"The API at {url} does not answer: {error}".encode())
