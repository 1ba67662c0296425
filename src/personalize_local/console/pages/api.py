"""The newspaper's API: a form that asks it as a page does, the reply as its widget, and its OpenAPI document."""

from __future__ import annotations

import json
from typing import Any

from personalize_local.console.api_stack import ApiStack
from personalize_local.console.http import Request
from personalize_local.console.newspaper_api import ApiReply, request_body
from personalize_local.console.openapi import operations_of
from personalize_local.console.page import NotFoundError, Page
from personalize_local.console.sources import Sources

DEFAULTS = {"limit": "10", "context": "art_same_section_mostpopular", "section": "/canada/", "platform": "desktop",
            "visitor_type": "subscribed", "visitor_id": "42", "last_content_ids": ""}  # fmt: skip
SHOWN_CHARACTERS = 30_000


def api_page(sources: Sources, request: Request) -> Page:
    """Give the form, filled with what the address says, and the document."""
    return _page(sources, {name: request.query.get(name, default) for name, default in DEFAULTS.items()}, None)


def ask_api(sources: Sources, request: Request) -> Page:
    """Send the form's request and show the reply: the list counts as shown to this reader.

    Errors: NotFoundError without an API, and for a console that only reads.
    """
    stack = _stack(sources)
    if stack is None or not sources.may_change:
        raise NotFoundError("There is no API that this console may ask: it only reads, or none is deployed.")
    fields = {name: request.form.get(name, "") for name in DEFAULTS}
    return _page(sources, fields, sources.newspaper_api.ask(stack, request_body(fields)))


def _page(sources: Sources, fields: dict[str, str], reply: ApiReply | None) -> Page:
    stack = _stack(sources)
    if stack is None:
        return Page("api_empty.html", "API", {}, section="api")
    document = sources.newspaper_api.document(stack)
    data = {
        "stack": stack.name,
        "url": sources.newspaper_api.url(stack, "recommendations"),
        "fields": fields,
        "request": json.dumps(request_body(fields), indent=2, ensure_ascii=False),
        "reply": None if reply is None else _reply(reply),
        "operations": [] if document is None else operations_of(document),
        "document_url": sources.newspaper_api.url(stack, "openapi.json"),
    }
    return Page("api.html", "API", data, section="api")


def _stack(sources: Sources) -> ApiStack | None:
    return next((stack for stack in sources.api_stacks.find() if "ApiId" in stack.outputs), None)


def _reply(reply: ApiReply) -> dict[str, Any]:
    try:
        text = json.dumps(json.loads(reply.body), indent=2, ensure_ascii=False)
    except ValueError:
        text = reply.body
    return {
        "status": reply.status,
        "took_ms": reply.took_ms,
        "articles": [_article(one) for one in reply.articles],
        "text": text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "\n… cut here",
    }


def _article(article: dict[str, Any]) -> dict[str, str]:
    pictures = article.get("picture_rel") or [{}]
    picture = str(pictures[0].get("url220", "")) if isinstance(pictures[0], dict) else ""
    names = ("content_id", "title", "deck", "byline", "category", "label", "published_at")
    return {name: str(article.get(name) or "") for name in names} | {
        "picture": picture if picture.startswith("https://") else ""
    }
