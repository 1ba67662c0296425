"""Pictures of the console's pages for the documentation, taken of a local cloud where the demo has run.

`python -m tests.e2e.console_pictures http://localhost:4566 docs/images` takes them of one that is up; the test of the
demo in the console takes them too, and keeps them where CONSOLE_PICTURES says.
"""

from __future__ import annotations

import json
import shutil
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3

from tests.browser import NAMES

PHONE, DESKTOP = {"width": 375, "height": 812}, {"width": 1200, "height": 860}
WAIT_MS = 90_000


def take_pictures(browser: Any, url: str, folder: Path) -> list[Path]:
    """Take all pictures; give their files."""
    folder.mkdir(parents=True, exist_ok=True)
    _split_traffic(url)
    machines = _json(url, "runs.json")["machines"]
    run = next(one["runs"][0]["arn"] for one in machines if "deploy" in one["name"].lower() and one["runs"])
    wanted: list[tuple[str, str, dict[str, int], str, Callable[[Any], None]]] = [
        ("home", "", DESKTOP, "light", _nothing),
        ("run", f"run?arn={run}", DESKTOP, "light", _nothing),
        ("data", "data", DESKTOP, "light", _until_checked),
        ("models", "models", DESKTOP, "light", _nothing),
        ("readers", "readers", DESKTOP, "light", _unfold_a_reason),
        ("experiments", "experiments", DESKTOP, "dark", _nothing),
        ("api", "api", DESKTOP, "light", _ask),
        ("phone", "models", PHONE, "dark", _nothing),
    ]
    return [_take(browser, f"{url}/_personalize/", folder, *one) for one in wanted]


def _take(
    browser: Any, base: str, folder: Path, name: str, path: str, size: dict[str, int], scheme: str,
    prepare: Callable[[Any], None],
) -> Path:  # fmt: skip
    page = browser.new_page(viewport=size, color_scheme=scheme)
    page.set_default_timeout(WAIT_MS)
    page.goto(base + path, wait_until="domcontentloaded")
    page.get_by_role("heading", name="Reading the data").wait_for(state="hidden")
    prepare(page)
    file = folder / f"console-{name}.png"
    page.screenshot(path=file)
    page.close()
    return file


def _nothing(page: Any) -> None:
    """Take the page as it is."""


def _until_checked(page: Any) -> None:
    page.get_by_text("It is looking").wait_for(state="hidden")


def _unfold_a_reason(page: Any) -> None:
    page.get_by_text("Why here?").first.click()


def _ask(page: Any) -> None:
    page.get_by_role("button", name="Ask").click()
    page.locator(".widget").wait_for()


def _split_traffic(url: str) -> None:
    """Give the API's settings a second arm, and both arms lists that were shown: something to compare."""
    keys = {"aws_access_key_id": "000000000000", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    dynamodb = boto3.resource("dynamodb", endpoint_url=url, **keys)
    names = [table.name for table in dynamodb.tables.all()]
    settings = dynamodb.Table(next(name for name in names if name.endswith("-api-settings")))
    exposures = dynamodb.Table(next(name for name in names if "ExposuresTable" in name))
    row = min(settings.scan()["Items"], key=lambda one: one["name"])
    for name, weight in ((row["name"], 60), (f"{row['name']}-b", 40)):
        settings.put_item(Item=row | {"name": name, "trafficRatio": weight})
    with exposures.batch_writer() as batch:
        for name, shown, followed in ((row["name"], 900, 103), (f"{row['name']}-b", 600, 89)):
            for number in range(shown):
                more = {"followedAt": 1} if number < followed else {}
                batch.put_item(
                    Item={"recommendationId": f"{name}-{number}", "arm": name, "expiresAt": 4_000_000_000} | more
                )


def _json(url: str, path: str) -> Any:
    with urllib.request.urlopen(f"{url}/_personalize/{path}", timeout=60) as reply:
        return json.load(reply)


def main() -> None:
    """Take the pictures of the local cloud that the first argument names into the folder of the second."""
    from playwright.sync_api import sync_playwright

    url, folder = sys.argv[1:3]
    with sync_playwright() as playwright:
        found = next(filter(None, map(shutil.which, NAMES)), None) or playwright.chromium.executable_path
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        for file in take_pictures(browser, url.rstrip("/"), Path(folder)):
            print(file)  # noqa: T201
        browser.close()


if __name__ == "__main__":
    main()
