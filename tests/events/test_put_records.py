from __future__ import annotations

import json
from typing import Any

import pytest

from personalize_local.events.properties import parse_properties
from personalize_local.events.put_items import put_items
from personalize_local.events.put_users import put_users
from personalize_spec.arns import Scope
from personalize_spec.errors import InvalidInputException, ResourceInUseException, ResourceNotFoundException
from tests.behaviours import EXACT, behaviour

SCOPE = Scope("us-east-1", "123456789012")


def put(desk: Any, *items: tuple[str, Any], dataset_arn: str | None = None) -> None:
    listed = [
        {"item_id": item_id, "properties": value if isinstance(value, str) else json.dumps(value)}
        for item_id, value in items
    ]
    put_items(desk.service, SCOPE, {"dataset_arn": dataset_arn or desk.dataset_arn("ITEMS"), "items": listed})


def test_properties_become_columns(desk: Any) -> None:
    put(desk, ("i", {"categoryL1": "news|world", "wordCount": "120", "isFree": "True", "other": 1}))
    assert desk.records("ITEMS") == {
        "i": {"CATEGORY_L1": "news|world", "WORD_COUNT": 120, "IS_FREE": True, "STORY": None}
    }


@behaviour("PutItems", "A put replaces the whole record", EXACT, source="documented, contract §3.7")
def test_a_put_replaces_the_whole_record(desk: Any) -> None:
    put(desk, ("i", {"categoryL1": "news", "wordCount": 120}))
    put(desk, ("i", {"categoryL1": "sport"}))
    assert desk.records("ITEMS")["i"]["WORD_COUNT"] is None


@behaviour("PutUsers", "Users are put as items are", EXACT, source="documented, contract §3.7")
def test_users_too(desk: Any) -> None:
    users = [{"user_id": "u", "properties": '{"age": 30}'}, {"user_id": "v"}]
    put_users(desk.service, SCOPE, {"dataset_arn": desk.dataset_arn("USERS"), "users": users})
    assert desk.records("USERS") == {"u": {"AGE": 30}, "v": {"AGE": None}}


def test_long_texts_are_cut(desk: Any) -> None:
    put(desk, ("i", {"categoryL1": "news", "story": "x" * 20_001}))
    assert len(desk.records("ITEMS")["i"]["STORY"]) == 20_000


@behaviour("PutItems", "One wrong record refuses the call", EXACT, source="inferred")
@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({}, "bad: CATEGORY_L1 is required, and there is no value for it in the properties."),
        ({"categoryL1": 5}, "bad: The value of CATEGORY_L1 is not of type string."),
        ({"categoryL1": "x" * 1001}, "bad: Length cannot be more than 1000 characters for CATEGORY_L1."),
        ({"categoryL1": "x", "wordCount": "many"}, "bad: The value of WORD_COUNT is not of type int."),
        ({"categoryL1": "x", "wordCount": 1e400}, "bad: The value of WORD_COUNT is not of type int."),
        ({"categoryL1": "x", "isFree": "maybe"}, "bad: The value of IS_FREE is not of type boolean."),
        ("[1]", "bad: Error parsing properties json"),
    ],
)
def test_all_or_nothing(desk: Any, properties: Any, message: str) -> None:
    with pytest.raises(InvalidInputException) as raised:
        put(desk, ("good", {"categoryL1": "news"}), ("bad", properties))
    assert raised.value.message == message
    assert desk.records("ITEMS") == {}


def test_datasets_that_do_not_take_items(desk: Any) -> None:
    users_arn, missing_arn = desk.dataset_arn("USERS"), SCOPE.dataset_arn("other", "ITEMS")
    with pytest.raises(InvalidInputException) as raised:
        put(desk, ("i", {"categoryL1": "x"}), dataset_arn=users_arn)
    assert raised.value.message == f"{users_arn} is a dataset of type USERS, not ITEMS: use PutUsers for it."
    with pytest.raises(ResourceNotFoundException, match=f"Resource Arn {missing_arn} does not exist"):
        put(desk, ("i", {"categoryL1": "x"}), dataset_arn=missing_arn)


def test_a_dataset_that_is_not_ready(bare_desk: Any) -> None:
    bare_desk.add_dataset("ITEMS", status="CREATE PENDING")
    with pytest.raises(ResourceInUseException, match="is not ACTIVE: it is CREATE PENDING"):
        put(bare_desk, ("i", {"categoryL1": "x"}))


def test_half_a_surrogate_pair_in_the_properties_is_refused():
    with pytest.raises(InvalidInputException, match="Error parsing properties json"):
        parse_properties('{"CATEGORY_L1": "\\ud800"}')
