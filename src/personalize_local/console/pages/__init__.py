"""The pages by their paths, and the forms that they send."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from personalize_local.console.page import NotFoundError
from personalize_local.console.pages.api import api_page, ask_api
from personalize_local.console.pages.articles import articles_page
from personalize_local.console.pages.changes import roll_back, run_again, stop_run
from personalize_local.console.pages.dashboards import dashboard_page, dashboards_page
from personalize_local.console.pages.data import data_page
from personalize_local.console.pages.demo import demo_page, start_demo
from personalize_local.console.pages.experiments import experiments_page
from personalize_local.console.pages.home import home_page
from personalize_local.console.pages.models import models_page
from personalize_local.console.pages.readers import click_article, readers_page
from personalize_local.console.pages.runs import run_events, run_page, run_picture, runs_page

PAGES: dict[str, Callable[..., Any]] = {
    "": home_page,
    "demo": demo_page,
    "runs": runs_page,
    "run": run_page,
    "run/events": run_events,
    "run/picture": run_picture,
    "data": data_page,
    "models": models_page,
    "readers": readers_page,
    "articles": articles_page,
    "experiments": experiments_page,
    "dashboards": dashboards_page,
    "api": api_page,
}
FORMS: dict[str, Callable[..., Any]] = {
    "demo/start": start_demo,
    "readers/click": click_article,
    "api/ask": ask_api,
    "run/stop": stop_run,
    "run/again": run_again,
    "rollback": roll_back,
}


def find_page(name: str, method: str) -> Callable[..., Any]:
    """Give the function that answers for a path below the console's.

    Errors: NotFoundError.
    """
    known = FORMS if method == "POST" else PAGES
    if method != "POST" and name.startswith("dashboards/"):
        return dashboard_page  # the rest is the dashboard's name
    if name not in known:
        raise NotFoundError(f"The console has no page “{name}”.")
    return known[name]
