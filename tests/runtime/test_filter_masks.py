"""Filters whose masks are kept: a repeated request is answered as the first one was, and what changes shows at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from personalize_local.runtime import filter_masks
from personalize_local.runtime.filter_masks import FilterMasks
from personalize_local.runtime.masks import compile_filter
from personalize_spec.errors import InvalidInputException
from personalize_spec.filters import parse_filter
from tests.runtime.sent import put, send

BY_CATEGORY = compile_filter(parse_filter("INCLUDE ItemID WHERE Items.CATEGORY IN ($CATEGORY)"))
STATE = (4, 0)


class Judge:
    """Makes masks and counts them."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> np.ndarray:
        self.count += 1
        return np.arange(4) == self.count


def test_a_mask_is_made_when_the_same_is_asked_again() -> None:
    masks, judge = FilterMasks(), Judge()
    given = [masks.mask(BY_CATEGORY, {"CATEGORY": [value]}, STATE, judge) for value in ("a", "b", "a", "a", "b")]
    assert [None if mask is None else int(np.flatnonzero(mask)[0]) for mask in given] == [None, None, 1, 1, 2]
    assert judge.count == 2


def test_nothing_is_kept_when_the_catalogue_changes() -> None:
    masks, judge = FilterMasks(), Judge()
    states = (STATE, STATE, (5, 0), (5, 0), (5, 1), (5, 1), (5, 1))
    given = [masks.mask(BY_CATEGORY, {"CATEGORY": ["a"]}, state, judge) for state in states]
    assert [mask is None for mask in given] == [True, False, True, False, True, False, False]
    assert judge.count == 3


def test_masks_take_no_more_memory_than_they_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filter_masks, "KEPT_BYTES", 8)  # two masks of four items
    masks, judge = FilterMasks(), Judge()
    for value in ("a", "a", "b", "b", "c", "c", "a"):
        last = masks.mask(BY_CATEGORY, {"CATEGORY": [value]}, STATE, judge)
    assert last is None
    assert judge.count == 3


@pytest.mark.parametrize(
    "expression",
    [
        'INCLUDE ItemID WHERE Items.CATEGORY IN ("a") IF CurrentUser.AGE > 3',
        "INCLUDE ItemID WHERE Items.CATEGORY IN CurrentItem.CATEGORY",
        'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("view")',
    ],
)
def test_what_depends_on_the_reader_or_the_item_is_never_kept(expression: str) -> None:
    masks, judge = FilterMasks(), Judge()
    assert [masks.mask(compile_filter(parse_filter(expression)), {}, STATE, judge) for _ in range(3)] == [None] * 3


def test_repeated_requests_see_new_items_and_changed_records(newsroom: Any) -> None:
    # GIVEN a filter asked often with the same value
    campaign_arn = newsroom.add_campaign()
    filter_arn = newsroom.add_filter("INCLUDE ItemID WHERE Items.CATEGORY IN ($category) AND Items.WORDS < 900")
    request = {"campaign_arn": campaign_arn, "user_id": "ann", "filter_arn": filter_arn}

    def ids(category: str) -> list[str]:
        return newsroom.recommended_ids(**request, filter_values={"category": f'"{category}"'})

    assert [ids("world") for _ in range(4)] == [["i3", "i0", "i5", "i8"]] * 4
    assert [ids("arts") for _ in range(3)] == [["i4"]] * 3  # another value is another mask

    # WHEN a record changes, an item comes, and an item comes with an event only
    put(newsroom, "i1", category="world", words=1)
    assert [ids("world") for _ in range(3)] == [["i3", "i0", "i1", "i5", "i8"]] * 3
    put(newsroom, "late", category="world", words=1)
    send(newsroom, "never heard of", user_id="bob")

    # THEN the next answers have them, or have them not
    assert [ids("world") for _ in range(3)] == [["i3", "i0", "i1", "i5", "i8", "late"]] * 3


def test_a_repeated_mistake_is_refused_each_time(newsroom: Any) -> None:
    campaign_arn = newsroom.add_campaign()
    filter_arn = newsroom.add_filter("INCLUDE ItemID WHERE Items.WORDS > $words")
    request = {"campaign_arn": campaign_arn, "user_id": "ann", "filter_arn": filter_arn}
    for _ in range(3):
        with pytest.raises(InvalidInputException, match="WORDS is a number"):
            newsroom.recommend(**request, filter_values={"words": '"many"'})
