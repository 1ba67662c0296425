"""The API's paths: what each takes, gives and does. Adapters, OpenAPI document and docs read this table."""

from collections.abc import Callable
from typing import Any, NamedTuple

from recommendations.fields import Field, object_schema
from recommendations.requests import (
    EVENT_FIELDS,
    EVENTS_FIELDS,
    MAX_EVENTS,
    RELATED_FIELDS,
    RERANK_FIELDS,
    SENT_AT_MEANING,
    SUB_REQUEST_FIELDS,
    TOP_FIELDS,
)

SENT_AT = {
    "type": ["number", "null"],
    "minimum": 0,
    "exclusiveMaximum": 100_000_000_000,
    "description": SENT_AT_MEANING,
}


class Route(NamedTuple):
    """One operation: `handler` is the name of the method of Api that answers it."""

    method: str
    path: str
    handler: str
    summary: str
    body: Callable[[], dict[str, Any]] | None = None  # its schema
    query: tuple[Field, ...] = ()
    reply: str = "Recommendations"  # the name of its schema
    needs_key: bool = True
    example: dict[str, Any] | None = None  # a body to try


RECOMMENDATIONS_EXAMPLE = {
    "visitor_id": "reader-0000042",
    "sub_requests": [{"limit": 3, "context": "art_same_section_mostpopular", "section": "/canada/", "widget_id": "w"}],
}
RELATED_EXAMPLE = {"content_id": "4LTZGA2T7FA5FC3XJXTHCUGXLI", "visitor_id": "reader-0000042", "limit": 3}
RERANK_EXAMPLE = {"visitor_id": "reader-0000042", "content_ids": "4LTZGA2T7FA5FC3XJXTHCUGXLI,K7Q2", "limit": 2}
EVENTS_EXAMPLE = {
    "visitor_id": "reader-0000042",
    "session_id": "visit-7",
    "events": [{"event_type": "page_view", "content_id": "4LTZGA2T7FA5FC3XJXTHCUGXLI", "event_id": "e-1"}],
}


def recommendations_schema() -> dict[str, Any]:
    """Describe the newspaper's request."""
    top = object_schema(TOP_FIELDS)
    top["properties"]["sub_requests"] = {
        "type": "array",
        "minItems": 1,
        "prefixItems": [object_schema(SUB_REQUEST_FIELDS)],
        "description": "only the first counts",
    }
    top["required"].append("sub_requests")
    return top


def events_schema() -> dict[str, Any]:
    """Describe a reader's events."""
    event = object_schema(EVENT_FIELDS)
    event["properties"]["sent_at"] = SENT_AT
    top = object_schema(EVENTS_FIELDS)
    top["properties"]["events"] = {"type": "array", "minItems": 1, "maxItems": MAX_EVENTS, "items": event}
    top["required"].append("events")
    return top


def related_schema() -> dict[str, Any]:
    """Describe a request for articles like one."""
    return object_schema(RELATED_FIELDS)


def rerank_schema() -> dict[str, Any]:
    """Describe a request to order articles."""
    return object_schema(RERANK_FIELDS)


ROUTES = (
    Route("POST", "/recommendations", "recommendations", "Articles for a reader", recommendations_schema,
          example=RECOMMENDATIONS_EXAMPLE),
    Route("POST", "/related", "related", "Articles like one, for a reader or for anybody", related_schema,
          example=RELATED_EXAMPLE),
    Route("GET", "/related", "related_shared", "Articles like one: caches may keep it", None, RELATED_FIELDS),
    Route("POST", "/rerank", "rerank", "Given articles in a reader's order", rerank_schema, example=RERANK_EXAMPLE),
    Route("POST", "/events", "events", "What a reader did", events_schema, reply="Accepted", example=EVENTS_EXAMPLE),
    Route("GET", "/health", "health", "Whether the API can answer", reply="Health", needs_key=False),
    Route("GET", "/openapi.json", "document", "This document", reply="Document", needs_key=False),
)  # fmt: skip
PATHS = tuple(dict.fromkeys(route.path for route in ROUTES))


def methods_of(path: str) -> tuple[str, ...]:
    """Return the methods that a path takes; none when there is no such path."""
    return tuple(route.method for route in ROUTES if route.path == path)
