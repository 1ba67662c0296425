"""The ASGI server: the door, the page, and requests made from the OpenAPI document."""

import asyncio
import json
import re
from typing import Any

import pytest
import schemathesis
import serve
from hypothesis import HealthCheck, settings
from recommendations.asgi import Server, refresh_popular
from recommendations.exposures import BufferedExposures
from recommendations.messages import MAX_BODY_BYTES
from recommendations_fakes import IDS, FakeDynamo, FakePersonalize, ManualClock, Shop, article, client_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

EXAMPLES = 25
BODY = json.dumps({"visitor_id": "r", "sub_requests": [{"limit": 2}]}).encode()
CHECKS = (
    schemathesis.checks.not_a_server_error,
    content_type_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)


def ask(server: Server, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, dict[str, str], bytes]:
    sent: list[dict[str, Any]] = []
    parts = [body[start : start + 50_000] for start in range(0, len(body), 50_000)] or [b""]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    path, _, query = path.partition("?")
    scope = {"type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": pairs}
    asyncio.run(server(scope, receive, send))
    start, end = sent
    return start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, end["body"]


@pytest.fixture
def server(shop: Shop) -> Server:
    return Server(shop.application)


def test_an_answer(server):
    status, headers, body = ask(server, "POST", "/recommendations", BODY, origin="https://www.theglobeandmail.com")
    assert (status, headers["content-type"], int(headers["content-length"])) == (
        200,
        "application/json; charset=utf-8",
        len(body),
    )
    assert headers["access-control-allow-origin"] == "https://www.theglobeandmail.com"
    assert [entry["content_id"] for entry in json.loads(body)[0]["recommendations"]] == IDS[:2]


def test_a_query_and_a_tag(server):
    status, headers, _ = ask(server, "GET", "/related?content_id=A-0&limit=2")
    assert status == 200
    again = ask(server, "GET", "/related?content_id=A-0&limit=2", if_none_match=headers["etag"])
    assert (again[0], again[2], "content-length" in again[1]) == (304, b"", False)


def test_keys_let_in(shop):
    server = Server(shop.application, api_keys=("secret", "other"))
    assert ask(server, "POST", "/recommendations", BODY)[0] == 403
    assert ask(server, "POST", "/recommendations", BODY, x_api_key="wrong")[0] == 403
    assert ask(server, "POST", "/recommendations", BODY, x_api_key="other")[0] == 200
    assert [ask(server, method, path)[0] for method, path in (("GET", "/health"), ("OPTIONS", "/events"))] == [200, 204]


def test_more_than_the_server_takes_at_once_is_429(shop):
    status, headers, body = ask(Server(shop.application, most_at_once=1), "GET", "/health")
    assert status == 200
    full = Server(shop.application, most_at_once=1)
    full._at_once = 1
    status, headers, body = ask(full, "GET", "/health")
    assert (status, headers["retry-after"], json.loads(body)["code"]) == (429, "1", "TooManyRequests")


def test_a_body_that_is_too_large_is_413(server):
    status, _, body = ask(server, "POST", "/recommendations", b"x" * (MAX_BODY_BYTES + 200_000))
    assert (status, json.loads(body)["code"]) == (413, "RequestTooLarge")


def test_the_page_needs_nothing_from_elsewhere(server):
    status, headers, body = ask(server, "GET", "/docs")
    page = body.decode()
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "sub_requests" in page
    assert not re.findall(r'<(?:script|link)[^>]+(?:src|href)="https?:', page)


def test_the_page_links_to_the_document(server):
    status, headers, body = ask(server, "GET", "/docs?format=json")
    assert (status, headers["content-type"]) == (200, "application/json; charset=utf-8")
    assert json.loads(body)["openapi"] == "3.1.0"


def test_the_server_keeps_the_popular_list_and_ends(server, shop, personalize):
    assert refresh_popular(shop.application)
    personalize.broken["main"] = ValueError("a bug")
    assert not refresh_popular(shop.application)
    messages = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    sent: list[str] = []

    async def receive() -> dict[str, str]:
        return messages.pop(0)

    async def send(message: dict[str, str]) -> None:
        sent.append(message["type"])

    asyncio.run(server({"type": "lifespan"}, receive, send))
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_a_server_writes_lists_together_and_the_last_ones_when_it_ends(dynamodb):
    exposures = BufferedExposures(dynamodb, "exposures", lambda: 0.0)
    writings = [exposures.shown(f"RID-{number}", "blue") for number in range(25)]
    assert writings[:24] == [None] * 24 and dynamodb.calls == []
    writings[24]()
    for number in range(25, 30):
        exposures.shown(f"RID-{number}", "blue")
    assert len(dynamodb.stored["exposures"]) == 25 and dynamodb.calls == [{"batch": "exposures"}]
    exposures.flush()
    assert exposures.arm_of("RID-29") == "blue"
    dynamodb.errors["exposures"] = client_error("ThrottlingException", "PutItem")
    exposures.shown("RID-30", "blue")
    exposures.flush()  # lost, and nobody waits for it


@pytest.mark.parametrize(("left", "kept", "said"), [([7], 10, ""), ([7, 3], 7, '"lists": 3')])
def test_lists_that_dynamodb_did_not_get_to_are_written_again(dynamodb, capsys, left, kept, said):
    exposures = BufferedExposures(dynamodb, "exposures", lambda: 0.0)
    dynamodb.unprocessed["exposures"] = left
    for number in range(10):
        exposures.shown(f"RID-{number}", "blue")
    exposures.flush()
    assert len(dynamodb.stored["exposures"]) == kept and said in capsys.readouterr().out


def test_the_server_is_made_of_the_environment(monkeypatch):
    for name in ("AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "us-east-1")
    monkeypatch.setenv("API_KEYS", "secret, other")
    made = serve.make_server()
    assert made._api_keys == ("secret", "other")


def fuzzed_shop() -> Shop:
    """A shop outside of fixtures: the schema is read when the tests are collected."""
    rows = {"articles": [article(number) for number in range(300)], "images": [], "settings": []}
    dynamodb = FakeDynamo(rows, {"articles": "ContentId", "images": "ContentID"})
    return Shop(FakePersonalize({"daily-category": IDS, "daily-unread": IDS, "": IDS}), dynamodb, ManualClock())


SCHEMA = schemathesis.openapi.from_asgi("/openapi.json", Server(fuzzed_shop().application))


@SCHEMA.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_what_the_document_says_is_what_the_server_does(case: Any) -> None:
    case.call_and_validate(checks=CHECKS)
