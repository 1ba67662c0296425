"""Answers as text against what the JSON library writes of the same members."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from personalize_local.jobs.unique_ids import new_uuid
from personalize_local.wire.models import operations
from personalize_local.wire.serialize import serialize_answer

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
ITEMS = st.fixed_dictionaries(
    {"item_id": TEXTS},
    optional={
        "score": st.floats(allow_nan=False, allow_infinity=False) | st.integers(-5, 5),
        "promotion_name": TEXTS | st.none(),
        "metadata": st.dictionaries(TEXTS, TEXTS, max_size=3),
        "reason": st.lists(TEXTS, max_size=2),
        "unheard_of": TEXTS,
    },
)
NAMES = {"item_id": "itemId", "score": "score", "promotion_name": "promotionName"}
SAME = {"metadata": "metadata", "reason": "reason"}


@given(items=st.lists(ITEMS, max_size=5), recommendation_id=TEXTS)
def test_an_answer_is_what_the_library_writes(items: list[dict[str, Any]], recommendation_id: str) -> None:
    shape = operations()["GetRecommendations"].output_shape
    text = serialize_answer(shape, {"item_list": items, "recommendation_id": recommendation_id})
    plain = [
        {
            wire: float(each[key]) if key == "score" else each[key]
            for key, wire in (NAMES | SAME).items()
            if each.get(key) is not None
        }
        for each in items
    ]
    wanted = {"itemList": plain, "recommendationId": recommendation_id}
    assert json.loads(text) == wanted
    ordered = {"itemId": None, "score": None, "promotionName": None, "metadata": None, "reason": None}
    first = json.loads(text)["itemList"][:1]
    assert [list(each) for each in first] == [[name for name in ordered if name in first[0]] for _ in first]


def test_times_are_seconds_with_milliseconds_and_absent_members_are_left_out() -> None:
    shape = operations()["DescribeSchema"].output_shape
    moment = datetime(2026, 1, 2, 3, 4, 5, 678_900, tzinfo=UTC)
    text = serialize_answer(shape, {"schema": {"name": 'é\n"', "creation_date_time": moment, "domain": None}})
    assert text == b'{"schema":{"name":"\xc3\xa9\\n\\"","creationDateTime":1767323045.679}}'


def test_no_output_is_no_body() -> None:
    assert serialize_answer(None, {}) == b""


def test_ids_are_random_uuids() -> None:
    texts = [new_uuid() for _ in range(1000)]
    ids = [uuid.UUID(text) for text in texts]
    assert [str(each) for each in ids] == texts
    assert len(set(ids)) == 1000
    assert {each.version for each in ids} == {4}
    assert {each.variant for each in ids} == {uuid.RFC_4122}
    every_other = [bit for bit in range(128) if bit not in {62, 63, 76, 77, 78, 79}]
    assert all(len({each.int >> bit & 1 for each in ids}) == 2 for bit in every_other)
