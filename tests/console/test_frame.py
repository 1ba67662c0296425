"""What holds for every page: the frame, the JSON twin, and who is refused."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from personalize_local.console.demo import Demo
from personalize_local.console.pages import PAGES
from tests.console.conftest import Browser, text

Browse = Callable[..., Browser]


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    command = (sys.executable, "-c", "print('\\x1b[1mhello <script>\\x1b[0m')")
    return Demo(command, tmp_path, tmp_path / "demo.log", {})


def test_every_page_has_a_title_one_heading_a_twin_and_the_policy(browse: Browse, demo: Demo) -> None:
    browser = browse(demo=demo)
    for name in PAGES:
        page = browser.get(f"/_personalize/{name}")
        assert page.status in (200, 404), name  # 404: a page about one thing, not told which
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert text(page).count("<h1") == 1
        assert not re.search(r"<style|style=|<script>|\son[a-z]+=", text(page))
        if page.status == 200:
            twin = browser.get(re.search(r'href="([^"]+\.json[^"]*)"', text(page))[1].replace("&amp;", "&"))
            assert twin.content_type == "application/json"
            assert json.loads(text(twin))["title"]


def test_an_empty_account_offers_the_demo_which_runs_once_confirmed(browse: Browse, demo: Demo) -> None:
    browser = browse(demo=demo)
    home = text(browser.get("/_personalize/"))
    token = re.search(r'name="token" value="([^"]+)"', home)[1]
    asked = browser.post("/_personalize/demo/start", token=token)
    assert "Run the demo?" in text(asked)
    assert demo.status == "NOT STARTED"
    assert browser.post("/_personalize/demo/start", token=token, confirmed="yes").status == 303
    demo._process.wait(30)
    said = text(browser.get("/_personalize/demo"))
    assert "hello &lt;script&gt;" in said
    assert "\x1b" not in said


def test_an_empty_account_without_the_demo_says_what_to_do(browse: Browse) -> None:
    assert "make demo" in text(browse().get("/_personalize/"))


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example:4566"},
        {"host": ""},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "cross-site", "sec_fetch_dest": "iframe"},
        {"origin": "http://localhost:3000"},
        {"origin": "null"},
    ],
)
def test_requests_of_other_sites_are_refused(browse: Browse, headers: dict[str, str]) -> None:
    refused = browse().get("/_personalize/", **headers)
    assert refused.status == 403
    assert "<h1>Refused</h1>" in text(refused)


def test_a_link_from_elsewhere_leads_to_a_page(browse: Browse) -> None:
    page = browse().get("/_personalize/", sec_fetch_site="cross-site", sec_fetch_dest="document")
    assert page.status == 200


@pytest.mark.parametrize("token", ["", "guessed", "schlüssel"])
def test_a_form_without_the_token_is_refused(browse: Browse, demo: Demo, token: str) -> None:
    assert browse(demo=demo).post("/_personalize/demo/start", token=token, confirmed="yes").status == 403
    assert demo.status == "NOT STARTED"


@pytest.mark.parametrize("path", ["/_personalize/nope", "/_personalize/<b>", "/_personalize/static/../app.py"])
def test_what_is_not_there_is_not_found(browse: Browse, path: str) -> None:
    page = browse().get(path)
    assert page.status == 404
    assert "<b>" not in text(page)


def test_files_are_kept_by_browsers_while_their_address_is_current(browse: Browse) -> None:
    browser = browse()
    address = re.search(r'href="([^"]+style\.css[^"]*)"', text(browser.get("/_personalize/")))[1]
    assert "immutable" in browser.get(address).headers["cache-control"]
    assert browser.get(address.partition("?")[0]).headers["cache-control"] == "no-cache"


def test_home_names_groups_and_what_failed(browse: Browse) -> None:
    browser = browse()
    browser.world.create_group("news")
    home = browser.get("/_personalize/index.json")
    (group,) = json.loads(text(home))["groups"]
    assert (group["name"], group["status"], group["live"]) == ("news", "ACTIVE", [])
    assert "Nothing is live" in text(browser.get("/_personalize/"))


def test_a_page_that_fails_says_so_without_details(browse: Browse) -> None:
    browser = browse()
    browser.console._sources.account._clients[("personalize",)] = browser.console._sources.account
    failed = browser.get("/_personalize/")
    assert failed.status == 500
    assert "server’s log" in text(failed) or "server&#39;s log" in text(failed)
    assert "AttributeError" not in text(failed)
