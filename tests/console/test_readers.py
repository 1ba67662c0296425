"""The explorer of readers, and the pages of articles."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from personalize_local.console.recommendations import mark_moves
from tests.console.conftest import Browser, text

Browse = Callable[..., Browser]
READERS = "/_personalize/readers"
HOSTILE = "</title><script>alert(1)</script>\"'"


def token_of(page: str) -> str:
    return re.search(r'name="token" value="([^"]+)"', page)[1]


def fields_of(page: str) -> dict[str, str]:
    """Read the hidden fields of the first form that clicks an article."""
    form = re.search(r'action="/_personalize/readers/click">(.*?)</form>', page, re.DOTALL)[1]
    found = re.findall(r'name="([^"]+)" value="([^"]*)"', form)
    return {name: value.replace("&amp;", "&") for name, value in found}


def test_without_data_the_page_says_what_is_missing(browse: Browse) -> None:
    assert "needs a dataset group" in text(browse().get(READERS))
    assert "needs a dataset group" in text(browse().get("/_personalize/articles"))


def test_a_reader_is_shown_with_what_they_read_and_what_they_would_get(browse: Browse) -> None:
    shown = browse(town=True).json(f"{READERS}.json?user=u7&count=5")
    assert len(shown["history"]) == 15  # of 20
    assert shown["history"][0]["event_type"] in ("click", "read")
    (only,) = shown["lists"]  # the other campaign ranks: it lists nothing by itself
    assert only["recipe"] == "aws-user-personalization"
    assert len(only["items"]) == 5
    assert all(item["reasons"] for item in only["items"])


def test_nobody_chosen_is_the_busiest_reader(browse: Browse) -> None:
    assert browse(town=True).json(f"{READERS}.json")["chosen"]["user"] == "u0"


def test_readers_are_found_by_a_part_of_their_id(browse: Browse) -> None:
    found = browse(town=True).json(f"{READERS}.json?find=U5")["found"]
    assert {one["user_id"] for one in found} == {"u5", *(f"u5{digit}" for digit in range(10))}


def test_a_filter_with_a_value_holds(browse: Browse) -> None:
    browser = browse(town=True)
    filters = browser.json(f"{READERS}.json")["filters"]
    category = next(one for one in filters if one["name"] == "category")
    assert category["asks"] == ["CATEGORY"]
    asked = urlencode({"filter": category["arn"], "f.CATEGORY": "sport", "count": 25})
    items = browser.json(f"{READERS}.json?{asked}")["lists"][0]["items"]
    assert items
    assert all(item["item_id"] >= "i2" for item in items)  # the town's sport


def test_an_error_of_the_service_stands_where_the_list_would(browse: Browse) -> None:
    browser = browse(town=True)
    category = next(one for one in browser.json(f"{READERS}.json")["filters"] if one["name"] == "category")
    asked = urlencode({"filter": category["arn"], "f.CATEGORY": '"not closed'})
    shown = browser.json(f"{READERS}.json?{asked}")
    assert shown["lists"][0]["items"] == []
    assert "Exception" in shown["lists"][0]["error"]


def test_titles_come_from_the_content_table_and_are_escaped(browse: Browse) -> None:
    browser = browse(town=True)
    for number in range(40):
        row = {"ContentId": {"S": f"i{number}"}, "Title": {"S": HOSTILE}, "Category": {"S": "<i>"}}
        browser.dynamodb.rows[f"i{number}"] = row
    for address in (READERS, "/_personalize/articles", "/_personalize/articles?item=i3"):
        page = text(browser.get(address))
        assert "&lt;script&gt;" in page
        assert "<script>alert" not in page
        assert "<i>" not in page
    page = text(browser.get(f"{READERS}?{urlencode({'user': HOSTILE, 'find': HOSTILE})}"))
    assert "<script>alert" not in page


def test_a_click_is_asked_about_once_recorded_and_seen(browse: Browse) -> None:
    browser = browse(town=True)
    page = text(browser.get(f"{READERS}?user=anonymous-1"))
    assert "a reader whom nobody knows yet" in page
    fields = fields_of(page)
    asked = browser.post("/_personalize/readers/click", **fields)
    assert "Record clicks" in text(asked)
    assert browser.json(f"{READERS}.json?user=anonymous-1")["history"] == []
    done = browser.post("/_personalize/readers/click", **fields, confirmed="yes")
    assert done.status == 303
    after = text(browser.get(done.headers["location"]))
    assert "After the click:" in after
    assert fields_of(after)["confirmed"] == "yes"
    history = browser.json(f"{READERS}.json?user=anonymous-1")["history"]
    assert [row["item_id"] for row in history] == [fields["item"]]


def test_a_console_that_only_reads_offers_no_click_and_takes_none(browse: Browse) -> None:
    browser = browse(town=True, may_change=False)
    page = text(browser.get(READERS))
    assert "readers/click" not in page
    assert "read-only" in page
    group = browser.world.personalize.list_dataset_groups()["datasetGroups"][0]["datasetGroupArn"]
    form = {"token": browser.console._guard.token, "confirmed": "yes", "group": group, "user": "u1", "item": "i1"}
    assert browser.post("/_personalize/readers/click", **form).status == 404
    assert browser.console._sources.clicks.of(group, "u1") == []


@pytest.mark.parametrize("missing", ["user", "item", "group"])
def test_a_click_without_all_its_fields_is_not_sent(browse: Browse, missing: str) -> None:
    browser = browse(town=True)
    fields = fields_of(text(browser.get(READERS))) | {"confirmed": "yes"}
    del fields[missing]
    assert browser.post("/_personalize/readers/click", **fields).status == 404


def test_moves_between_two_lists() -> None:
    items = [{"item_id": one} for one in "cabx"]
    mark_moves(items, list("abc"))
    assert [item["moved"] for item in items] == [2, -1, -1, None]


def test_articles_are_listed_by_readers_and_each_has_a_page(browse: Browse) -> None:
    browser = browse(town=True)
    listed = browser.json("/_personalize/articles.json")["articles"]
    assert len(listed) == 40
    assert [one["readers"] for one in listed] == sorted((one["readers"] for one in listed), reverse=True)
    article = browser.json("/_personalize/articles.json?item=i3")["article"]
    assert sum(article["bins"]) == article["events"] > 0
    assert article["metadata"]["CATEGORY"] == "sport"
    assert article["together"] and article["recent_readers"]


def test_an_article_that_nobody_read_has_a_page(browse: Browse) -> None:
    assert "Nobody read it" in text(browse(town=True).get("/_personalize/articles?item=none"))
