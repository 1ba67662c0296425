"""The demo started from the console's empty home page and watched to its end, in a real browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import chromium
from tests.e2e.console_pictures import take_pictures
from tests.e2e.local_cloud import LocalCloud

__all__ = ["chromium"]

LONG_MS = 840_000


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[LocalCloud]:
    cloud = LocalCloud(tmp_path)
    cloud.up(DEMO_EVENTS="20000")
    yield cloud
    cloud.down()


@pytest.mark.e2e
@pytest.mark.timeout(1200)
def test_the_demo_is_started_and_watched_to_its_end(cloud: LocalCloud, chromium: Any, tmp_path: Path) -> None:
    page = chromium.new_page()
    page.set_default_timeout(LONG_MS)
    page.goto(f"{cloud.url}/_personalize/")
    page.get_by_role("button", name="Run the demo").click()
    page.get_by_role("button", name="Run the demo").click()  # asked first

    # WHEN its run of the pipeline has begun THEN home leads to it, and it is seen to end without loading the page
    home = chromium.new_page()
    home.set_default_timeout(LONG_MS)
    home.goto(f"{cloud.url}/_personalize/")
    home.get_by_role("link", name="run of").first.click()
    home.wait_for_url("**/run?arn=*")
    home.evaluate("window.watched = true")
    home.locator("h1 .badge.good").wait_for()
    assert home.evaluate("window.watched") is True
    assert home.locator("li.bad").count() == 0

    # AND the demo's page shows it succeed
    page.locator("h1 .badge.good").wait_for()
    assert "make down" in page.locator("pre.log").inner_text()  # how to stop, its last words

    # AND every page has something to show
    pictures = take_pictures(chromium, cloud.url, Path(os.environ.get("CONSOLE_PICTURES", tmp_path / "pictures")))
    assert all(picture.stat().st_size > 20_000 for picture in pictures)
