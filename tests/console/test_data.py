"""The page of data: counts, findings, drift, samples of what is large, and reading aside."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_local.console.background import Background, StillReadingError
from personalize_local.console.drift import stability_index
from tests.console.conftest import Browser, text
from tests.town import CSV

Browse = Callable[..., Browser]
DATA = "/_personalize/data"


@pytest.fixture
def background() -> Iterator[Background[str]]:
    made: Background[str] = Background(2, 0.0)
    yield made
    made.close()


def test_without_data_the_page_says_what_is_missing(browse: Browse) -> None:
    assert "needs a dataset group" in text(browse().get(DATA))


def test_the_towns_data_are_described(browse: Browse) -> None:
    page = browse(town=True).json(f"{DATA}.json")
    told = page["interactions"]
    assert (told["events"], told["users"], told["items"]) == (1200, 60, 40)
    assert told["filled_share"] == pytest.approx(0.5)
    assert told["per_user"] == {"median": 20, "ninth": 20, "most": 20, "once": 0}
    assert told["tail"][-1]["items_share"] == 0.5
    assert 0.5 <= told["tail"][-1]["events_share"] <= 1
    assert sum(day["events"] for day in told["days"]) == 1200
    interactions, items, users = page["datasets"]
    assert [one["kind"] for one in page["datasets"]] == ["Interactions", "Items", "Users"]
    assert (interactions["rows"], items["rows"], users["rows"]) == (1200, 40, 60)
    assert interactions["read_share"] == 1
    assert len(interactions["sample"]) == 5
    membership = next(field for field in users["fields"] if field["name"] == "MEMBERSHIP")
    assert 0 < membership["column"]["null_share"] < 1
    assert [value["value"] for value in membership["column"]["top"]] == ["gold"]
    assert page["cold"] == {"items": 40, "cold": 0, "unknown": 0}
    assert page["drift"]["why"] == "the last seventh of the time"
    assert {one["name"] for one in page["drift"]["columns"]} >= {"EVENT_TYPE", "CATEGORY of the items"}


def test_duplicates_unknown_and_cold_items_are_counted(browse: Browse) -> None:
    browser = browse(town=True)
    s3 = browser.console._sources.account.client("s3")
    rows = CSV["Interactions"].splitlines()
    s3.put("bucket", "Interactions.csv", "\n".join([*rows, rows[1], "u1,elsewhere,click,1767216600"]) + "\n")
    s3.put("bucket", "Items.csv", CSV["Items"] + "unread,sport\n")
    page = browser.json(f"{DATA}.json")
    assert page["datasets"][0]["duplicates"] == 1
    assert page["cold"] == {"items": 41, "cold": 1, "unknown": 1}


def test_the_check_before_an_import_looks_aside_and_tells(browse: Browse) -> None:
    browser = browse(town=True)
    s3 = browser.console._sources.account.client("s3")
    s3.put("bucket", "Interactions.csv", CSV["Interactions"] + CSV["Interactions"].splitlines()[1] + "\n")
    browser.get(DATA)
    browser.console._sources.examination._checks._thread.submit(lambda: None).result(30)  # the looking is over
    check = browser.json(f"{DATA}.json")["check"]
    assert check["is_done"]
    (finding,) = check["findings"]
    assert finding["path"] == "datasets.Interactions"
    assert finding["message"].startswith("1 row repeats")
    assert "What the check before an import finds" in text(browser.get(DATA))


def test_of_what_is_large_a_sample_is_read_and_said_to_be_one(browse: Browse) -> None:
    browser = browse(town=True, settings={"read_bytes": 16_384})
    interactions = browser.json(f"{DATA}.json")["datasets"][0]
    assert 0.2 < interactions["read_share"] < 0.9
    assert interactions["rows"] == pytest.approx(1200, rel=0.1)
    assert "spread evenly" in text(browser.get(DATA))
    assert len(browser.json("/_personalize/readers.json?user=u0")["found"]) == 12


def test_files_that_are_gone_are_said_to_be(browse: Browse) -> None:
    browser = browse(town=True)
    browser.console._sources.account.client("s3").objects.clear()
    page = browser.json(f"{DATA}.json")
    assert page["interactions"] is None
    assert "No file of the last import is left" in text(browser.get(DATA))


def test_what_takes_long_is_told_of_and_made_once(background: Background[str]) -> None:
    may_end, made = threading.Event(), []

    def make(tell: Callable[[str], None]) -> str:
        tell("3 of 4 MB")
        may_end.wait(30)
        made.append(1)
        return "done"

    while True:
        with pytest.raises(StillReadingError) as told:
            background.get("key", make)
        if str(told.value) == "3 of 4 MB":
            break
    may_end.set()
    background._thread.submit(lambda: None).result(30)
    assert background.get("key", make) == "done"
    assert made == [1]


def test_what_failed_is_tried_again(background: Background[str]) -> None:
    def fail(tell: Callable[[str], None]) -> str:
        raise ValueError("no such file")

    with pytest.raises(ValueError, match="no such file"):
        patiently(background, fail)
    assert patiently(background, lambda tell: "well") == "well"
    assert background.get("key", fail) == "well"


def patiently(background: Background[str], make: Callable[[Callable[[str], None]], str]) -> str:
    """Ask as a page that looks again does."""
    while True:
        with contextlib.suppress(StillReadingError):
            return background.get("key", make)


def test_a_page_whose_data_are_read_looks_again(browse: Browse, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = browse(town=True)

    def read(group_arn: str) -> None:
        raise StillReadingError("Interactions: 3 of 4 MB read.")

    monkeypatch.setattr(browser.console._sources.bulk, "read", read)
    for path in ("readers", "articles", "data"):
        page = browser.get(f"/_personalize/{path}")
        assert page.status == 202
        assert "3 of 4 MB" in text(page) and "data-reload" in text(page)
        assert browser.get(f"/_personalize/{path}.json").status == 202


@given(st.dictionaries(st.text(), st.tuples(st.integers(0, 1000), st.integers(0, 1000)), min_size=1))
def test_the_stability_index_is_never_negative(counts: dict[str, tuple[int, int]]) -> None:
    assert stability_index(counts) >= 0


def test_the_stability_index_tells_moves() -> None:
    assert stability_index({"a": (500, 500), "b": (500, 500)}) == pytest.approx(0, abs=1e-6)
    assert stability_index({"a": (500, 600), "b": (500, 400)}) < 0.1
    assert stability_index({"a": (900, 300), "b": (100, 700)}) > 0.25
