"""The console in a real browser: journeys, phones, and what axe finds. Skipped where there is no Chromium."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from tests.console.conftest import Browser
from tests.console.test_runs import add_run, entered, exited, failed

Browse = Callable[..., Browser]
AXE = (Path(__file__).parent / "vendor" / "axe-core-4.14.1.min.js").read_text(encoding="utf-8")
NAMES = ("chromium", "chromium-browser", "google-chrome")
SERIOUS = ("serious", "critical")
WIDTHS = (1280, 375, 320)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Give a headless browser: Debian's, or what `playwright install chromium` brought."""
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as playwright:
        found = next(filter(None, map(shutil.which, NAMES)), None) or playwright.chromium.executable_path
        if not os.path.exists(found):
            pytest.skip("no Chromium here: apt-get install chromium, or .venv/bin/playwright install chromium")
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def serve() -> Iterator[Callable[[Browser], str]]:
    """Serve consoles on free ports; give their addresses."""
    stops: list[Callable[[], None]] = []

    def start(browser: Browser) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(browser.console, lifespan="off", log_level="warning", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True)
        thread.start()

        def stop() -> None:
            server.should_exit = True
            thread.join(10)
            listener.close()

        stops.append(stop)
        return f"http://localhost:{listener.getsockname()[1]}/_personalize/"

    yield start
    for stop in stops:
        stop()


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    """Give a page that fails the test for any script error or refused resource."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    opened.set_default_timeout(20_000)
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda said: problems.append(said.text) if "Content Security Policy" in said.text else None)
    yield opened
    context.close()
    assert problems == []


def in_a_thread(make: Callable[[], Browser]) -> Browser:
    """Make something that runs an event loop of its own: Playwright's runs in this thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(make).result()


def furnished(browse: Browse) -> tuple[Browser, str]:
    """Give a console with data, models, and a failed run after one that went well."""
    browser = in_a_thread(lambda: browse(town=True))
    add_run(browser, "well", "SUCCEEDED", [entered(1, "Import", 0), exited(2, "Import", 4)])
    return browser, add_run(browser, "ill", "FAILED", [entered(1, "Import", 0), failed(2, 5)])


@pytest.mark.parametrize(
    ("scheme", "paths"),
    [
        ("light", ("", "runs", "run?arn={run}", "readers", "articles", "articles?item=i3", "nope")),
        ("dark", ("run?arn={run}", "readers")),  # every colour is on these
    ],
    ids=["light", "dark"],
)
def test_axe_finds_nothing_serious_and_nothing_is_wider_than_the_screen(
    browse: Browse, serve: Callable[[Browser], str], page: Any, scheme: str, paths: tuple[str, ...]
) -> None:
    browser, run = furnished(browse)
    base = serve(browser)
    page.emulate_media(color_scheme=scheme)
    for path in paths:
        page.goto(base + path.format(run=run))
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 0, (path, width)
        # By the protocol, not as a script of the page, which the policy would refuse.
        found = page.evaluate(AXE + ";axe.run()")["violations"]
        serious = [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in SERIOUS]
        assert serious == [], path


def test_a_failing_run_is_understood_from_home(browse: Browse, serve: Callable[[Browser], str], page: Any) -> None:
    browser, _ = furnished(browse)
    page.goto(serve(browser))
    page.get_by_role("link", name="Look at the run").click()
    assert page.get_by_text("The file <x> is empty.").first.is_visible()
    assert "passed" not in page.locator("li.bad").inner_text()


def test_a_run_is_watched_to_its_end(browse: Browse, serve: Callable[[Browser], str], page: Any) -> None:
    browser = browse()
    arn = add_run(browser, "live", "RUNNING", [entered(1, "Import", 0)])
    page.goto(f"{serve(browser)}run?arn={arn}")
    assert page.locator("li.busy").count() == 1
    browser.workflows.histories[arn].append(exited(2, "Import", 4))
    browser.workflows.executions[0]["status"] = "SUCCEEDED"
    page.get_by_text("succeeded").wait_for()  # without loading the page again
    assert page.locator("li.good").count() == 1


def test_a_reader_is_explored_filtered_and_reacts_by_keyboard(
    browse: Browse, serve: Callable[[Browser], str], page: Any
) -> None:
    browser, _ = furnished(browse)
    page.goto(serve(browser) + "readers?user=u7")
    page.get_by_label("Filter").select_option(label="unread")  # sends the form by itself
    page.wait_for_url("**filter=arn*")
    before = page.locator(".picks button.plain").all_inner_texts()
    first = page.locator(".picks button.plain").first
    first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Record this click").click()
    page.get_by_text("After the click:").wait_for()
    assert page.locator(".reads li").first.inner_text().startswith(before[0])
    assert before[0] not in page.locator(".picks button.plain").all_inner_texts()


def test_pages_work_without_scripts(browse: Browse, serve: Callable[[Browser], str], chromium: Any) -> None:
    browser, _ = furnished(browse)
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(serve(browser) + "readers")
    page.get_by_label("Reader", exact=True).fill("u9")
    page.get_by_role("button", name="Show").click()
    assert page.get_by_label("Reader", exact=True).input_value() == "u9"
    context.close()
