"""What a model's parts say, in words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from personalize_local.console.contributions import PLACE, WORDS, in_words, moved_up
from personalize_local.models.part_names import PART_NAMES
from personalize_local.runtime.explain import ALIKE, LIVE, POPULARITY, SEEN
from tests.console.conftest import Browser, text

Browse = Callable[..., Browser]


def test_every_part_of_a_blend_has_words() -> None:
    assert {*PART_NAMES.values(), ALIKE, LIVE, POPULARITY, SEEN} <= WORDS.keys()


def test_the_strongest_part_comes_first_and_what_hardly_matters_is_left_out() -> None:
    told = in_words({"popularity": -2.0, "content": 0.5, "taste": 0.01, PLACE: 7.0})
    assert [(one["says"], one["share"]) for one in told] == [
        ("read by few", 100.0),
        ("like in content to what was read", 25.0),
    ]
    assert in_words({}) == []


@pytest.mark.parametrize(
    ("places", "moved"),
    [
        ([1, 2, 3], [False, False, False]),
        ([40, 1, 2], [True, False, False]),
        ([1, 9, None, 3], [False, True, False, False]),
        ([2, 5, 9], [False, False, False]),  # a filter leaves out
        ([], []),
    ],
)
def test_what_stands_higher_than_its_score_was_moved(places: list[float | None], moved: list[bool]) -> None:
    assert moved_up(places) == moved


def test_readers_see_the_parts_where_they_can_be_known(browse: Browse) -> None:
    page = "/_personalize/readers.json?user=u7&count=5"
    items = browse(town=True, inside=True).json(page)["lists"][0]["items"]
    assert all(one["place"] >= 1 for one in items)
    assert any(one["parts"] for one in items)
    assert all(part["part"] in WORDS for one in items for part in one["parts"])
    closed = browse(town=True).json(page)["lists"][0]["items"]
    assert all(one["parts"] == [] and one["place"] is None for one in closed)


def test_an_anonymous_reader_gets_reasons_as_well(browse: Browse) -> None:
    browser = browse(town=True, inside=True)
    items = browser.json("/_personalize/readers.json?user=anonymous-1")["lists"][0]["items"]
    assert items[0]["place"] >= 1
    assert "Against an average article" in text(browser.get("/_personalize/readers?user=u7"))
