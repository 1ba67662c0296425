"""The console in a real browser: journeys, phones, and what axe finds. Skipped where there is no Chromium."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from personalize_local.console.demo import Demo
from tests.browser import chromium
from tests.console.conftest import Browser
from tests.console.fakes import EXPOSURES_TABLE, FakeStacks, FakeTables
from tests.console.test_dashboards import BODY, FakeCloudWatch
from tests.console.test_runs import add_run, entered, exited, failed

__all__ = ["chromium"]

Browse = Callable[..., Browser]
AXE = (Path(__file__).parent / "vendor" / "axe-core-4.14.1.min.js").read_text(encoding="utf-8")
SERIOUS = ("serious", "critical")
WIDTHS = (1280, 375, 320)


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
    """Give a console with data, two versions, an API, a dashboard, and a failed run after one that went well."""
    lists = [{"arm": {"S": arm}} for arm in ("blue", "green")]
    cloudwatch = FakeCloudWatch({"watch_news": BODY})
    services = {"cloudformation": FakeStacks(), "cloudwatch": cloudwatch}
    browser = in_a_thread(lambda: browse(town=True, inside=True, versions=2, services=services))
    tables = FakeTables({EXPOSURES_TABLE: lists})
    browser.console._sources.account._clients[("dynamodb",)] = tables
    add_run(browser, "well", "SUCCEEDED", [entered(1, "Import", 0), exited(2, "Import", 4)])
    return browser, add_run(browser, "ill", "FAILED", [entered(1, "Import", 0), failed(2, 5)])


@pytest.mark.parametrize(
    ("scheme", "paths"),
    [
        (
            "light",
            (
                "",
                "runs",
                "run?arn={run}",
                "data",
                "models",
                "readers",
                "articles",
                "articles?item=i3",
                "experiments",
                "dashboards/watch_news",
                "api",
                "nope",
            ),
        ),
        ("dark", ("run?arn={run}", "data", "models", "readers", "experiments", "api")),  # every colour is on these
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
    assert page.locator("rect.good").count() == 1


def test_what_is_unfolded_stays_so_while_a_run_gets_on(
    browse: Browse, serve: Callable[[Browser], str], page: Any
) -> None:
    browser = browse()
    arn = add_run(browser, "live", "RUNNING", [entered(1, "Import", 0)])
    page.goto(f"{serve(browser)}run?arn={arn}")
    page.locator("li.busy summary").click()
    browser.workflows.histories[arn] += [exited(2, "Import", 4), entered(3, "Train", 4)]
    page.locator("li.busy", has_text="Train").wait_for()
    assert page.get_by_label("Input of Import").is_visible()


def test_a_run_is_watched_where_there_are_no_streams(
    browse: Browse, serve: Callable[[Browser], str], page: Any
) -> None:
    browser = browse()
    arn = add_run(browser, "live", "RUNNING", [entered(1, "Import", 0)])
    page.add_init_script("delete window.EventSource")
    page.goto(f"{serve(browser)}run?arn={arn}")
    browser.workflows.histories[arn].append(exited(2, "Import", 4))
    browser.workflows.executions[0]["status"] = "SUCCEEDED"
    page.get_by_text("succeeded").wait_for()


def test_the_demo_is_started_from_home_and_watched_to_its_end(
    browse: Browse, serve: Callable[[Browser], str], page: Any, tmp_path: Path
) -> None:
    go_on = tmp_path / "go-on"
    program = (
        "import os,sys,time\nprint('1 · From nothing', flush=True)\n"
        f"while not os.path.exists({str(go_on)!r}): time.sleep(0.05)\nprint('recommendations', flush=True)"
    )
    demo = Demo((sys.executable, "-c", program), tmp_path, tmp_path / "demo.log", {})
    page.goto(serve(in_a_thread(lambda: browse(demo=demo))))
    page.get_by_role("button", name="Run the demo").click()
    page.get_by_role("button", name="Run the demo").click()  # asked first
    page.get_by_text("From nothing").wait_for()
    assert page.locator("h1 .badge").inner_text() == "running"
    go_on.touch()
    page.locator("h1 .badge.good").wait_for()
    assert "recommendations" in page.locator("pre.log").inner_text()


def test_two_versions_are_compared(browse: Browse, serve: Callable[[Browser], str], page: Any) -> None:
    browser, _ = furnished(browse)
    page.goto(serve(browser) + "models")
    table = page.get_by_role("region", name="Versions and their metrics")
    assert table.locator("thead th").count() == 1 + 2
    assert table.get_by_text("live", exact=True).count() == 1
    assert "±" in table.inner_text() and "popularity" in table.inner_text()
    page.get_by_text("As a table").first.click()
    assert page.get_by_role("region", name="Shares per tenth").first.is_visible()


def test_two_campaigns_are_compared_for_one_reader(browse: Browse, serve: Callable[[Browser], str], page: Any) -> None:
    browser, _ = furnished(browse)
    page.goto(serve(browser) + "readers?user=u7")
    assert page.locator(".explorer h2").all_inner_texts() == ["Read so far", "front-page", "front-page-b"]
    moves = page.locator(".move").all_inner_texts()
    assert moves and all(move == "same place" or move == "only here" or move[0] in "▲▼" for move in moves)
    page.get_by_text("Why here?").first.click()
    assert page.locator(".parts tr").first.is_visible()


def test_a_dashboard_is_read_on_a_phone(browse: Browse, serve: Callable[[Browser], str], page: Any) -> None:
    browser, _ = furnished(browse)
    page.set_viewport_size({"width": 375, "height": 700})
    page.goto(serve(browser) + "dashboards")
    page.get_by_role("link", name="watch_news").click()
    page.locator("[data-drawn]").wait_for()
    plot = page.locator(".plot canvas").first.bounding_box()
    assert plot["x"] >= 0 and plot["x"] + plot["width"] <= 375
    assert page.get_by_role("link", name="Dashboards").bounding_box()["x"] < 375  # the page one is on is in sight


def test_nothing_moves_while_a_page_loads(browse: Browse, serve: Callable[[Browser], str], page: Any) -> None:
    browser, run = furnished(browse)
    base = serve(browser)
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver((list) => { for (const one of list.getEntries())"
        " window.shift += one.value; }).observe({ type: 'layout-shift', buffered: true });"
    )
    for path in ("", "data", "models", "readers", "experiments", f"run?arn={run}"):
        page.goto(base + path, wait_until="load")
        assert page.evaluate("window.shift") < 0.05, path


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
    page.get_by_text("After the click:").first.wait_for()
    assert page.locator(".reads li").first.inner_text().startswith(before[0])
    assert before[0] not in page.locator(".picks button.plain").all_inner_texts()  # the filter is for unread ones


def test_pages_work_without_scripts(browse: Browse, serve: Callable[[Browser], str], chromium: Any) -> None:
    browser, _ = furnished(browse)
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(serve(browser) + "readers")
    page.get_by_label("Reader", exact=True).fill("u9")
    page.get_by_role("button", name="Show").click()
    assert page.get_by_label("Reader", exact=True).input_value() == "u9"
    context.close()
