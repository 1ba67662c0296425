"""Age limits by a parameter of the filter, whose value the API sends with each request.

A filter whose expression holds a date is old the next day, and between two of them is a gap; this one never changes.
An EXCLUDE expression whose parameter gets no value is left out, so the filter serves callers without an age limit too.

Source: contract §7.3 (missing values), newspaper system §8.M-16.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from personalize_spec.api_settings import DEFAULT_CONTEXT, DEFAULT_LIMIT_TIME_RANGE
from personalize_spec.filters import distinct_fields, parse_filter, placeholders
from personalize_spec.limits import FILTER_EXPRESSION_MAX_LENGTH, FILTER_MAX_FIELDS

TIME_PARAMETER = "minTimestamp"
CREATION_COLUMN = "CREATION_TIMESTAMP"
DEFAULT_FILTER = "unread"  # serves the default context where no filter says so
_LIMIT = f" | EXCLUDE ItemID WHERE Items.{CREATION_COLUMN} < ${TIME_PARAMETER}"

Parameters = Mapping[str, Any]


def with_age_limit(entry: Mapping[str, Any], parameters: Parameters) -> dict[str, Any]:
    """Give a filter of the file, its expression and its values extended where the API is to limit the age."""
    expression = entry["filterExpression"]
    if not _limits_age(entry) or not _items_have_dates(parameters):
        return dict(entry)
    values = list(dict.fromkeys([*entry.get("filter_values", []), TIME_PARAMETER]))
    if TIME_PARAMETER in placeholders(parse_filter(expression)):
        return {**entry, "filter_values": values}
    extended = expression + _LIMIT
    if not _is_within_limits(extended):
        return dict(entry)  # the API judges the age by the articles' own dates then
    return {**entry, "filterExpression": extended, "filter_values": values}


def _is_within_limits(expression: str) -> bool:
    if len(expression) > FILTER_EXPRESSION_MAX_LENGTH:
        return False
    return len(distinct_fields(parse_filter(expression))) <= FILTER_MAX_FIELDS


def _limits_age(entry: Mapping[str, Any]) -> bool:
    serves = entry.get("context") or (DEFAULT_CONTEXT if entry["name"] == DEFAULT_FILTER else None)
    always = entry.get("limit_time_range", DEFAULT_LIMIT_TIME_RANGE) is not False
    return serves is not None and (always or bool(entry.get("include_time_range_for_sections")))


def _items_have_dates(parameters: Parameters) -> bool:
    fields = parameters["datasets"].get("Items", {}).get("schema", {}).get("fields", [])
    return any(each["name"] == CREATION_COLUMN for each in fields)
