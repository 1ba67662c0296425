"""The newspaper's request, checked and typed.

Fields the front end also sends and that change nothing (platform and hash_id at the top, include_read,
include_content_types, width, min_content_age, max_content_age, rank, newsletter_ids, seo_keywords) are accepted.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recommendations.errors import InvalidRequestError
from recommendations.sections import section_of
from recommendations.settings import split_list

DEFAULT_LIMIT = 25
MAX_LIMIT = 500  # Personalize's numResults; documented
MAX_ID_CHARACTERS = 256  # Personalize's userId and itemId; documented
MAX_CONTEXT_CHARACTERS = 1000  # Personalize's context values; documented


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


def parse_event(event: Mapping[str, Any]) -> RecommendationsRequest:
    """Read the request out of an API Gateway proxy event.

    Errors: InvalidRequestError naming the field and what to change.
    """
    return parse_request(read_json(body_text(event)))


def body_text(event: Mapping[str, Any]) -> str:
    """Return the body as text, whichever way API Gateway passed it."""
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return body
    try:
        return base64.b64decode(body, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        raise InvalidRequestError("The body is not UTF-8 text: send JSON encoded as UTF-8.") from None


def read_json(text: str) -> Any:
    """Parse the body."""
    if not text.strip():
        raise InvalidRequestError("The body is empty: send a JSON object with visitor_id and sub_requests.")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f" at line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise InvalidRequestError(f"The body is not valid JSON{where}: send one JSON object.") from None


def parse_request(data: Any) -> RecommendationsRequest:
    """Check the parsed body, field by field.

    Source: the newspaper's request; only the first sub-request counts, as in its previous API.
    """
    if not isinstance(data, dict):
        raise InvalidRequestError("The body must be a JSON object with visitor_id and sub_requests.")
    visitor_id = read_text(data, "visitor_id", MAX_ID_CHARACTERS)
    if not visitor_id:
        raise InvalidRequestError("visitor_id is missing: send the reader's id as a non-empty string.")
    sub_request = first_sub_request(data.get("sub_requests"))
    return RecommendationsRequest(
        visitor_id=visitor_id,
        limit=read_limit(sub_request.get("limit")),
        context=read_text(sub_request, "context", MAX_CONTEXT_CHARACTERS),
        platform=read_text(sub_request, "platform", MAX_CONTEXT_CHARACTERS).capitalize(),
        visitor_type=read_text(sub_request, "visitor_type", MAX_CONTEXT_CHARACTERS).capitalize(),
        sections=read_sections(sub_request),
        excluded_ids=read_list(sub_request, "last_content_ids"),
        widget_id=read_text(sub_request, "widget_id", MAX_CONTEXT_CHARACTERS),
    )


def first_sub_request(value: Any) -> dict[str, Any]:
    """Return the sub-request that counts."""
    if not isinstance(value, list) or not value or not isinstance(value[0], dict):
        raise InvalidRequestError("sub_requests must be a list holding one object: put limit, context, section in it.")
    return value[0]


def read_text(data: Mapping[str, Any], field: str, most: int) -> str:
    """Read an optional string; absent, null and blank are the same."""
    value = data.get(field)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InvalidRequestError(f"{field} must be a string.")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise InvalidRequestError(f"{field} holds half a character: send whole Unicode characters.")
    if len(value) > most:
        raise InvalidRequestError(f"{field} has {len(value)} characters: send at most {most}.")
    return value.strip()


def read_limit(value: Any) -> int:
    """Read how many items are wanted: a whole number or its digits."""
    if value is None:
        return DEFAULT_LIMIT
    digits = value.strip() if isinstance(value, str) else value
    number = int(digits) if isinstance(digits, str) and digits.isdecimal() and len(digits) <= 9 else digits
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= MAX_LIMIT:
        raise InvalidRequestError(f"limit must be a whole number from 1 to {MAX_LIMIT}; without it, {DEFAULT_LIMIT}.")
    return number


def read_list(data: Mapping[str, Any], field: str) -> tuple[str, ...]:
    """Read a list of strings, or the same as one comma list; each once, in order."""
    value = data.get(field)
    if value is None:
        return ()
    pieces = [value] if isinstance(value, str) else value
    if not isinstance(pieces, list) or not all(isinstance(piece, str) for piece in pieces):
        raise InvalidRequestError(f"{field} must be a comma-separated string or a list of strings.")
    return tuple(dict.fromkeys(part for piece in pieces for part in split_list(piece)))


def read_sections(sub_request: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the asked sections: include_sections when given, else section."""
    asked = read_list(sub_request, "include_sections") or (read_text(sub_request, "section", MAX_CONTEXT_CHARACTERS),)
    return tuple(dict.fromkeys(filter(None, map(section_of, asked))))
