"""Dashboards: the list of them, and one with its charts."""

from __future__ import annotations

from datetime import UTC, datetime

from botocore.exceptions import BotoCoreError, ClientError

from personalize_local.console.dashboards import (
    DEFAULT_HOURS,
    SPANS,
    charts_of,
    dashboard_names,
    read_body,
    read_values,
    texts_of,
)
from personalize_local.console.http import Request
from personalize_local.console.page import Page
from personalize_local.console.sources import Sources

SECTION = "dashboards"
PATH = "/_personalize/dashboards/"


def dashboards_page(sources: Sources, request: Request) -> Page:
    """List the dashboards; where CloudWatch may not be asked, say so."""
    try:
        names, problem = dashboard_names(sources.account), ""
    except (ClientError, BotoCoreError) as error:
        names, problem = [], str(error)
    return Page("dashboards.html", "Dashboards", {"names": names, "problem": problem}, SECTION)


def dashboard_page(sources: Sources, request: Request) -> Page:
    """Show one dashboard: its texts and charts, over the hours that are asked for."""
    name = request.path.removeprefix(PATH).removesuffix(".json").rstrip("/")
    asked = request.query.get("hours", "")
    hours = int(asked) if asked in map(str, SPANS) else DEFAULT_HOURS
    body = read_body(sources.account, name)
    charts = read_values(sources.account, charts_of(body, sources.account.region), hours, datetime.now(UTC))
    data = {"name": name, "hours": hours, "spans": list(SPANS), "texts": texts_of(body), "charts": charts}
    return Page("dashboard.html", name, data, SECTION)
