"""What pages may ask, field by field: the tables from which requests are read and documented.

Source: the newspaper's request; only the first sub-request counts, as in its previous API.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from personalize_spec.reader_ids import MAX_CHARACTERS as MAX_ID
from recommendations.errors import InvalidRequestError
from recommendations.fields import Anything, Columns, Field, Text, TextList, WholeNumber, read_fields
from recommendations.sections import section_of

DEFAULT_LIMIT = 25
MAX_LIMIT = 500  # Personalize's numResults; documented
MAX_EVENTS = 10  # PutEvents' eventList; documented
MAX_RECOMMENDATION_ID = 40  # PutEvents' recommendationId; documented
LIMIT = Field("limit", WholeNumber(1, MAX_LIMIT, DEFAULT_LIMIT), f"how many articles; {DEFAULT_LIMIT} without it")
WIDGET = Field("widget_id", Text(), "comes back in the reply")
CONTEXT = Field("context", Text(), "chooses the filter: the settings row's for this context, else its `default`")
EXCLUDED = Field("last_content_ids", TextList(MAX_ID), "articles that are not to come back")
PLATFORM = Field("platform", Text(), "the model's device_detector_visitorplatform: `mobile` is sent as `Mobile`")
VISITOR_TYPE = Field("visitor_type", Text(), "the model's visitor_type: `subscribed` is sent as `Subscribed`")
IGNORED = "accepted, and without effect"

TOP_FIELDS = (
    Field("visitor_id", Text(MAX_ID), "the reader's id, the same as in the events", required=True),
    Field("platform", Anything(), IGNORED),
    Field("hash_id", Anything(), IGNORED),
)
SUB_REQUEST_FIELDS = (
    LIMIT,
    CONTEXT,
    Field("section", Text(), "`/canada/alberta/`, `canada`: the first piece is the category asked for"),
    Field("include_sections", TextList(), "categories asked for, before `section`"),
    EXCLUDED,
    PLATFORM,
    VISITOR_TYPE,
    WIDGET,
    *(
        Field(name, Anything(), IGNORED)
        for name in ("include_read", "include_content_types", "width", "min_content_age", "max_content_age")
    ),
    *(Field(name, Anything(), IGNORED) for name in ("rank", "newsletter_ids", "seo_keywords")),
)
RELATED_FIELDS = (
    Field("content_id", Text(MAX_ID), "the article that the others are to be like", required=True),
    Field("visitor_id", Text(MAX_ID), "the reader; without it the answer is nobody's own and may be cached"),
    LIMIT,
    CONTEXT,
    EXCLUDED,
    WIDGET,
)
RERANK_FIELDS = (
    Field("visitor_id", Text(MAX_ID), "the reader's id, the same as in the events", required=True),
    Field("content_ids", TextList(MAX_ID), "the articles to put in the reader's order", required=True),
    LIMIT,
    CONTEXT,
    PLATFORM,
    VISITOR_TYPE,
    WIDGET,
)
EVENTS_FIELDS = (
    Field("visitor_id", Text(MAX_ID), "the reader's id, the same as in requests", required=True),
    Field("session_id", Text(MAX_ID), "the visit; events before the reader signed in are joined by it", required=True),
)
EVENT_FIELDS = (
    Field("event_type", Text(MAX_ID), "what happened, such as `page_view`", required=True),
    Field("content_id", Text(MAX_ID), "the article", required=True),
    Field("event_id", Text(MAX_ID), "an id of the event: the same one sent twice counts once"),
    Field("page_rid", Text(MAX_RECOMMENDATION_ID), "the recommendationId of the list that led here"),
    Field("properties", Columns(), "more of the event, by the names of the dataset's columns"),
)
SENT_AT_MEANING = "when it happened: seconds since 1970, or an ISO time with its zone; now without it"


@dataclass(frozen=True)
class RecommendationsRequest:
    """Who asks, for how many, and where on the site."""

    visitor_id: str
    limit: int = DEFAULT_LIMIT
    context: str = ""
    platform: str = ""
    visitor_type: str = ""
    sections: tuple[str, ...] = ()
    excluded_ids: tuple[str, ...] = ()
    widget_id: str = ""
    content_id: str = ""  # /related
    content_ids: tuple[str, ...] = ()  # /rerank
    context_values: tuple[tuple[str, str], ...] = ()  # model column → value, from the headers


@dataclass(frozen=True)
class Event:
    """One thing that a reader did."""

    event_type: str
    content_id: str
    event_id: str
    page_rid: str
    properties: Mapping[str, Any]
    sent_at_epoch_s: float | None


@dataclass(frozen=True)
class EventsRequest:
    """What one reader did on one visit."""

    visitor_id: str
    session_id: str
    events: tuple[Event, ...]


def parse_recommendations(data: Any) -> RecommendationsRequest:
    """Read the newspaper's request.

    Errors: InvalidRequestError naming the field and what to change.
    """
    top = an_object(data, "visitor_id and sub_requests")
    visitor_id = TOP_FIELDS[0].read(top)
    read = read_fields(SUB_REQUEST_FIELDS, first_sub_request(top.get("sub_requests")))
    asked = read["include_sections"] or (read["section"],)
    return RecommendationsRequest(
        visitor_id=visitor_id,
        limit=read["limit"],
        context=read["context"],
        platform=read["platform"].capitalize(),
        visitor_type=read["visitor_type"].capitalize(),
        sections=tuple(dict.fromkeys(filter(None, map(section_of, asked)))),
        excluded_ids=read["last_content_ids"],
        widget_id=read["widget_id"],
    )


def parse_related(data: Any) -> RecommendationsRequest:
    """Read a request for articles like one."""
    read = read_fields(RELATED_FIELDS, an_object(data, "content_id"))
    excluded = (read["content_id"], *read.pop("last_content_ids"))
    return RecommendationsRequest(**read, excluded_ids=tuple(dict.fromkeys(excluded)))


def parse_rerank(data: Any) -> RecommendationsRequest:
    """Read a request to order articles for a reader."""
    read = read_fields(RERANK_FIELDS, an_object(data, "visitor_id and content_ids"))
    for name in ("platform", "visitor_type"):
        read[name] = read[name].capitalize()
    return RecommendationsRequest(**read)


def parse_events(data: Any) -> EventsRequest:
    """Read a reader's events."""
    top = an_object(data, "visitor_id, session_id and events")
    entries = top.get("events")
    if not isinstance(entries, list) or not 1 <= len(entries) <= MAX_EVENTS:
        raise InvalidRequestError(f"events must be a list of 1 to {MAX_EVENTS} objects.")
    events = tuple(parse_event(an_object(entry, "event_type and content_id")) for entry in entries)
    return EventsRequest(**read_fields(EVENTS_FIELDS, top), events=events)


def parse_event(data: Mapping[str, Any]) -> Event:
    """Read one event."""
    return Event(**read_fields(EVENT_FIELDS, data), sent_at_epoch_s=read_time(data.get("sent_at")))


def read_time(value: Any) -> float | None:
    """Read a time; None when there is none.

    Errors: InvalidRequestError for what is no time, or one without a zone.
    """
    if value is None or value == "":
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and 0 <= value < 1e11:
        return value
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        if moment and moment.tzinfo and moment.timestamp() >= 0:
            return moment.timestamp()
    except (ValueError, OverflowError):
        pass
    raise InvalidRequestError("sent_at must be seconds since 1970, or an ISO time with its zone.")


def first_sub_request(value: Any) -> Mapping[str, Any]:
    """Return the sub-request that counts."""
    if not isinstance(value, list) or not value or not isinstance(value[0], dict):
        raise InvalidRequestError("sub_requests must be a list holding one object: put limit, context, section in it.")
    return value[0]


def an_object(data: Any, fields: str) -> Mapping[str, Any]:
    """Refuse what is no object."""
    if not isinstance(data, dict):
        raise InvalidRequestError(f"The body must be a JSON object with {fields}: entries are objects too.")
    return data
