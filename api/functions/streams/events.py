"""From a record of the event stream to an event of Personalize: the rules of what to skip, and one mapping table.

Source: newspaper system §5.1; nulls are left out, names are those of the Interactions schema.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from recommendations.event_calls import ReaderEvent

from personalize_spec.reader_ids import MAX_CHARACTERS, reader_id
from streams.records import MalformedError, Record, SkippedError, moment_of, text_of

# Hosts that are no readers: developers, previews, stagings.
OTHER_HOSTS = ("localhost", "sandbox.", "dev.", "origin.", "preview.", "staging.", "stage.", "test.")
MAX_RECOMMENDATION_ID = 40  # PutEvents' recommendationId; documented
MAX_PROPERTIES = 1024  # PutEvents' properties; documented
READ = "page_view"


class Mapped(NamedTuple):
    """A field of the record and the column of the Interactions dataset that it fills."""

    field: str
    column: str


PROPERTY_COLUMNS = (
    Mapped("visitor_type", "visitor_type"),
    Mapped("visitor_countryCode", "visitor_countrycode"),
    Mapped("device_detector_visitorPlatform", "device_detector_visitorplatform"),
    Mapped("device_detector_brandName", "device_detector_brandname"),
    Mapped("device_detector_browserFamily", "device_detector_browserfamily"),
)


class Rule(NamedTuple):
    """Why a record is no event."""

    name: str
    skips: Callable[[Mapping[str, Any], str], bool]


def missing(name: str) -> Callable[[Mapping[str, Any], str], bool]:
    """Make a rule that wants a field."""
    return lambda fields, app_id: not text_of(fields, name)


def differs(name: str, value: str) -> Callable[[Mapping[str, Any], str], bool]:
    """Make a rule that wants a field to be one value."""
    return lambda fields, app_id: text_of(fields, name) != value


def from_elsewhere(fields: Mapping[str, Any], app_id: str) -> bool:
    """Tell whether the page was none of the readers'."""
    host = text_of(fields, "sp_page_urlhost").lower()
    return any(host == entry.rstrip(".") or host.startswith(entry) for entry in OTHER_HOSTS)


# In this order: the first that skips is the reason that is counted.
RULES = (
    Rule("no event id", missing("sp_event_id")),
    Rule("no time", missing("sp_derived_tstamp")),
    Rule("another application", lambda fields, app_id: bool(app_id) and text_of(fields, "sp_app_id") != app_id),
    Rule("no article", missing("content_contentId")),
    Rule("no article's page", differs("page_type", "article")),
    Rule("a bot", lambda fields, app_id: text_of(fields, "device_detector_visitorPlatform") == "Bot"),
    Rule("no reader's host", from_elsewhere),
    Rule("no page view", differs("sp_event_name", READ)),
    Rule("no session", missing("sp_domain_sessionid")),
    Rule("no reader", lambda fields, app_id: not user_of(fields)),
)


def user_of(fields: Mapping[str, Any]) -> str:
    """Give the reader's id."""
    return reader_id(text_of(fields, "sp_user_id"), text_of(fields, "sp_domain_userid"))


def reader_event(record: Record, app_id: str) -> ReaderEvent:
    """Read a record.

    Errors: SkippedError by a rule; MalformedError for no JSON, no time, or ids that Personalize cannot take.
    """
    fields = record.fields()
    for rule in RULES:
        if rule.skips(fields, app_id):
            raise SkippedError(rule.name)
    sent_at = moment_of(text_of(fields, "sp_derived_tstamp"))
    if sent_at is None or sent_at < 0:
        raise MalformedError("sp_derived_tstamp is no time")
    names = ("sp_event_id", "content_contentId", "sp_domain_sessionid")
    event_id, item_id, session_id = (text_of(fields, name) for name in names)
    if any(len(value) > MAX_CHARACTERS for value in (event_id, item_id, session_id, user_of(fields))):
        raise MalformedError(f"an id is longer than {MAX_CHARACTERS} characters")
    event = {"eventType": READ, "itemId": item_id, "eventId": event_id, "sentAt": int(sent_at)}
    if properties := properties_of(fields):
        event["properties"] = properties
    recommendation_id = text_of(fields, "page_rid")
    known = recommendation_id if len(recommendation_id) <= MAX_RECOMMENDATION_ID else ""
    return ReaderEvent(user_of(fields), session_id, event, known, record.sequence)


def properties_of(fields: Mapping[str, Any]) -> str:
    """Give the properties as JSON; columns without a value are left out, "" when there is none.

    Errors: MalformedError when they are longer than Personalize takes.
    """
    values = {mapped.column: text for mapped in PROPERTY_COLUMNS if (text := text_of(fields, mapped.field))}
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":")) if values else ""
    if len(text) > MAX_PROPERTIES:
        raise MalformedError(f"the properties are longer than {MAX_PROPERTIES} characters")
    return text
