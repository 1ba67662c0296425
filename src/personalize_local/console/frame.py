"""The frame around every page: navigation, style, scripts; and the pages' JSON twins."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined

from personalize_local.console import words
from personalize_local.console.http import Reply
from personalize_local.console.page import PREFIX, Page
from personalize_local.console.static_files import StaticFiles

NAVIGATION = (
    ("", "Home"),
    ("runs", "Runs"),
    ("data", "Data"),
    ("models", "Models"),
    ("readers", "Readers"),
    ("articles", "Articles"),
    ("experiments", "Experiments"),
    ("dashboards", "Dashboards"),
    ("api", "API"),
)


class Frame:
    """Renders pages. `facts` hold for all of them: region, mode, the token of forms."""

    def __init__(self, static_files: StaticFiles, facts: Mapping[str, Any]) -> None:
        self._environment = Environment(
            loader=PackageLoader("personalize_local.console"),
            autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        )  # fmt: skip
        self._environment.globals |= {"prefix": PREFIX, "navigation": NAVIGATION, "static": static_files.url}
        self._environment.globals |= {"query": _query, **facts}
        self._environment.filters |= {
            "ago": words.ago, "moment": words.moment, "name": words.name_of, "tone": words.tone, "count": words.count,
            "duration": words.duration, "id": words.element_id, "epoch": words.epoch,
        }  # fmt: skip

    def html(self, page: Page, json_url: str = "") -> Reply:
        """Give a page as HTML; `json_url` is the address of its twin."""
        values = {"title": page.title, "section": page.section, "json_url": json_url, **page.data}
        text = self._environment.get_template(page.template).render(values)
        return Reply(page.status, "text/html; charset=utf-8", text.encode(), {"cache-control": "no-store"})

    def json(self, page: Page) -> Reply:
        """Give a page's data as JSON."""
        text = json.dumps({"title": page.title, **page.data}, default=_plain, indent=2)
        return Reply(page.status, "application/json", text.encode(), {"cache-control": "no-store"})


def _query(values: Mapping[str, Any], **changes: Any) -> str:
    """Give a query string of the values that are not empty, with some changed."""
    kept = {name: value for name, value in {**values, **changes}.items() if value not in (None, "")}
    return "?" + urlencode(kept) if kept else ""


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} has no place in a page's data")
