"""The newspaper's API: the form, the reply as a widget, and the document as rows."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from personalize_local.console.newspaper_api import request_body
from personalize_local.console.openapi import operations_of
from tests.console.conftest import Browser, text
from tests.console.fakes import FakeKeys, FakeStacks, FakeTables

Browse = Callable[..., Browser]
API = "/_personalize/api"
FIELDS = {"visitor_id": "42", "section": "/canada/", "limit": "3", "context": "", "platform": "", "visitor_type": "",
          "last_content_ids": ""}  # fmt: skip
DOCUMENT = {
    "openapi": "3.1.0",
    "paths": {
        "/recommendations": {
            "post": {
                "summary": "Articles for a reader",
                "security": [{"key": []}],
                "responses": {"200": {"description": "as asked"}},
                "requestBody": {"content": {"application/json": {"schema": {
                    "required": ["visitor_id"],
                    "properties": {
                        "visitor_id": {"type": "string", "description": "who"},
                        "sub_requests": {"type": "array", "prefixItems": [{"properties": {
                            "limit": {"anyOf": [{"type": "integer"}, {"type": "null"}]}}}]},
                    }}}}},
            }
        },
        "/health": {"get": {"parameters": [{"name": "deep", "schema": {"type": ["boolean", "null"]}}]}},
    },
}  # fmt: skip
ARTICLE = {"content_id": "A-1", "title": "<b>Bold</b>", "category": "canada", "byline": "Ann",
           "picture_rel": [{"url220": "http://not.safe/x.png"}]}  # fmt: skip


class FakeApi(BaseHTTPRequestHandler):
    """Answers as the API would; remembers what it was asked."""

    asked: ClassVar[list[tuple[dict[str, str], Any]]] = []

    def do_GET(self) -> None:
        self._reply(200, DOCUMENT)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.asked.append(({name.lower(): value for name, value in self.headers.items()}, body))
        failed = {"error": {"code": "InvalidRequest", "message": "visitor_id <is> blank"}}
        self._reply(*((200, [{"recommendations": [ARTICLE]}]) if body["visitor_id"] else (400, failed)))

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _reply(self, status: int, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def address() -> Iterator[str]:
    FakeApi.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), FakeApi)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    thread.join(10)
    server.server_close()


def open_console(browse: Browse, address: str, **more: Any) -> Browser:
    services = {"cloudformation": FakeStacks(address), "apigateway": FakeKeys(), "dynamodb": FakeTables()}
    return browse(services=services, **more)


def test_without_an_api_the_page_says_what_to_do(browse: Browse) -> None:
    assert "No API yet" in text(browse().get(API))


def test_the_newspapers_request_is_sent_and_shown_as_its_widget(browse: Browse, address: str) -> None:
    browser = open_console(browse, address)
    token = browser.console._guard.token
    page = browser.post(f"{API}/ask", token=token, **FIELDS)
    assert page.status == 200
    assert "&lt;b&gt;Bold&lt;/b&gt;" in text(page) and "<b>" not in text(page)
    assert "not.safe" not in text(page).replace("http://not.safe/x.png&#34;", "")  # in the JSON alone
    (headers, body), = FakeApi.asked  # fmt: skip
    assert headers["x-api-key"] == "secret"
    assert body == request_body(FIELDS)
    assert body["sub_requests"][0] == {
        "widget_id": "recommended-art_same_section_mostpopular", "limit": 3,
        "context": "art_same_section_mostpopular", "section": "/canada/",
    }  # fmt: skip


def test_the_key_is_not_shown(browse: Browse, address: str) -> None:
    browser = open_console(browse, address)
    page = browser.post(f"{API}/ask", token=browser.console._guard.token, **FIELDS)
    assert "secret" not in text(page)


def test_a_refusal_is_shown_with_its_words(browse: Browse, address: str) -> None:
    browser = open_console(browse, address)
    page = text(browser.post(f"{API}/ask", token=browser.console._guard.token, **FIELDS | {"visitor_id": ""}))
    assert "visitor_id &lt;is&gt; blank" in page
    assert ">400<" in page


def test_a_form_without_the_token_asks_nothing(browse: Browse, address: str) -> None:
    assert open_console(browse, address).post(f"{API}/ask", **FIELDS).status == 403
    assert FakeApi.asked == []


def test_a_console_that_only_reads_asks_nothing(browse: Browse, address: str) -> None:
    browser = open_console(browse, address, may_change=False)
    assert ">Ask<" not in text(browser.get(API))
    assert browser.post(f"{API}/ask", token=browser.console._guard.token, **FIELDS).status == 404
    assert FakeApi.asked == []


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/v1", "file:///etc/v1", ""])
def test_an_api_that_does_not_answer(browse: Browse, address: str) -> None:
    browser = open_console(browse, address)
    page = text(browser.get(API))
    assert "does not answer with its document" in page
    asked = text(browser.post(f"{API}/ask", token=browser.console._guard.token, **FIELDS))
    assert "does not answer:" in asked or "names no address" in asked


def test_the_document_becomes_rows() -> None:
    recommend, health = operations_of(DOCUMENT)
    assert (recommend["method"], recommend["path"], recommend["needs_key"]) == ("POST", "/recommendations", True)
    assert [(one["name"], one["type"], one["required"]) for one in recommend["fields"]] == [
        ("visitor_id", "string", True), ("sub_requests", "array", False), ("sub_requests[0].limit", "integer", False),
    ]  # fmt: skip
    assert health["fields"] == [{"name": "deep", "type": "boolean", "required": False, "says": ""}]
