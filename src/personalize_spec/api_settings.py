"""The row of the API's settings table, as the pipeline writes it and the API reads it: one description for both.

The table is `<prefix>-<environment>-api-settings`, key `name` and `status`. Only rows whose status is `active` serve.
Rows written before a column existed stay valid: every column but name, status and campaignArn is optional.

Source: newspaper system §6.4; relatedCampaignArn, rankingCampaignArn and filter_days_limit are ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

ACTIVE = "active"
DEFAULT_CONTEXT = "default"
DEFAULT_LIMIT_TIME_RANGE = True  # a filter says false to recommend articles of any age


class RowColumn(NamedTuple):
    """A column: its type in words, whether a row must have it, and what it says."""

    name: str
    kind: str
    required: bool
    meaning: str


ROW_COLUMNS = (
    RowColumn("name", "text", True, "the backend: the dataset group's name; the arm's name in replies and metrics"),
    RowColumn("status", "text", True, "active serves; anything else does not"),
    RowColumn("campaignArn", "campaign ARN", True, "answers /recommendations"),
    RowColumn("relatedCampaignArn", "campaign ARN", False, "answers /related: a similar-items campaign"),
    RowColumn("rankingCampaignArn", "campaign ARN", False, "answers /rerank: a personalized-ranking campaign"),
    RowColumn("eventTrackerId", "text", False, "where events go"),
    RowColumn("datasetArn", "dataset ARN", False, "the items dataset: where new articles go"),
    RowColumn("trafficRatio", "number", False, "the share of the visitors is this ÷ the sum; 0 is none; 1 without it"),
    RowColumn("context", "map", False, "per context of a page, and `default`, the filter that serves it"),
)
CONTEXT_KEYS = (
    RowColumn("filter_name", "text", True, "the filter's name in Personalize"),
    RowColumn("filter_values", "list of texts", False, "the `$parameters` that the API gives: category, minTimestamp"),
    RowColumn("limit_time_range", "yes or no", False, "recent articles only; true without it"),
    RowColumn("include_time_range_for_sections", "list of texts", False, "sections with recent articles only, always"),
    RowColumn("filter_days_limit", "number", False, "what recent means, in days; the API's parameter without it"),
)

_ARN = re.compile(r"arn:[a-z-]+:personalize:[a-z0-9-]+:\d{12}:(\w+)/\S+")
_KINDS = {
    "text": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, int | float | Decimal) and not isinstance(value, bool) and value >= 0,
    "map": lambda value: isinstance(value, Mapping),
    "yes or no": lambda value: isinstance(value, bool),
    "list of texts": lambda value: isinstance(value, list | tuple | set) and all(isinstance(x, str) for x in value),
    "campaign ARN": lambda value: is_arn(value, "campaign"),
    "dataset ARN": lambda value: value == "" or is_arn(value, "dataset"),
}


def is_arn(value: Any, kind: str) -> bool:
    """Tell whether a value is the ARN of a Personalize resource of this kind."""
    found = _ARN.fullmatch(value) if isinstance(value, str) else None
    return found is not None and found.group(1) == kind


def row_problems(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Give what is wrong with a row, and what to change; nothing for one that may go live."""
    return (*_problems(row, ROW_COLUMNS, ""), *_context_problems(row.get("context")))


def _problems(data: Mapping[str, Any], columns: tuple[RowColumn, ...], where: str) -> Iterator[str]:
    for column in columns:
        value = data.get(column.name)
        if value is None:
            if column.required:
                yield f"{where}{column.name} is missing: {column.meaning}."
        elif not _KINDS[column.kind](value):
            yield f"{where}{column.name} must be a {column.kind}: {column.meaning}."


def _context_problems(context: Any) -> Iterator[str]:
    for name, entry in (context or {}).items() if isinstance(context, Mapping) else ():
        if isinstance(entry, Mapping):
            yield from _problems(entry, CONTEXT_KEYS, f"context.{name}.")
        else:
            yield f"context.{name} must be a map with filter_name."
