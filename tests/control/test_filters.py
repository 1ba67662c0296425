"""Filters at their creation: what does not suit the datasets, and the quotas of a dataset group."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.behaviours import EXACT, behaviour
from tests.refusals import refusal

UNREAD = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")'
WIDE_ITEMS = [
    {"name": "ITEM_ID", "type": "string"},
    {"name": "TITLE", "type": "string", "textual": True},
    {"name": "IS_FREE", "type": "boolean"},
    *({"name": f"C{number}", "type": ["float", "null"]} for number in range(24)),
]


def refused(world: Any, group: str, expression: str, name: str = "bad") -> tuple[str, str]:
    request = {"name": name, "datasetGroupArn": group, "filterExpression": expression}
    return refusal(world.personalize.create_filter, **request)


@pytest.fixture
def group(world: Any) -> str:
    """A dataset group with items of many columns, and interactions."""
    arn = world.create_group()
    world.create_dataset(arn)
    record = {"type": "record", "name": "Items", "fields": WIDE_ITEMS, "version": "1.0"}
    schema = world.personalize.create_schema(name="wide", schema=json.dumps(record))["schemaArn"]
    world.personalize.create_dataset(name="items", schemaArn=schema, datasetGroupArn=arn, datasetType="Items")
    world.settle()
    return arn


@behaviour(
    "CreateFilter",
    "Columns that are not there, textual and boolean ones are refused at once, not by CREATE FAILED",
    EXACT,
    source="observed for booleans, else inferred",
)
@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ('INCLUDE ItemID WHERE Items.COLOUR IN ("red")', "COLOUR"),
        ('INCLUDE ItemID WHERE Items.TITLE IN ("x")', "textual columns cannot be filtered"),
        ('INCLUDE ItemID WHERE Items.IS_FREE IN ("True")', "boolean columns cannot be filtered"),
        ("INCLUDE ItemID WHERE Items.C1 = 1 IF CurrentUser.AGE > 18", "there is no Users dataset"),
    ],
)
def test_what_does_not_suit_the_datasets_is_refused_in_the_opening_words_of_aws(
    world: Any, group: str, expression: str, words: str
) -> None:
    code, message = refused(world, group, expression)
    assert (code, message.startswith("Could not create filter. Invalid Expression")) == ("InvalidInputException", True)
    assert words in message and world.personalize.list_filters()["Filters"] == []


@behaviour(
    "CreateFilter",
    "The filters of a dataset group use at most 20 different fields, one of them at most 10",
    EXACT,
    source="documented, contract §8.1",
)
def test_the_filters_of_a_group_use_twenty_different_fields_together(world: Any, group: str) -> None:
    for half in (range(10), range(10, 20)):
        conditions = " AND ".join(f"Items.C{number} > 0" for number in half)
        world.personalize.create_filter(
            name=f"from-{half[0]}", datasetGroupArn=group, filterExpression=f"INCLUDE ItemID WHERE {conditions}"
        )
    world.personalize.create_filter(
        name="again", datasetGroupArn=group, filterExpression="INCLUDE ItemID WHERE Items.c3 > 0"
    )
    code, message = refused(world, group, "INCLUDE ItemID WHERE Items.C20 > 0")
    assert (code, "21 different fields; 20 are allowed" in message) == ("LimitExceededException", True)


@behaviour("CreateFilter", "A dataset group has thirty filters", EXACT, source="documented, contract §8.1")
def test_a_group_has_thirty_filters(world: Any, group: str) -> None:
    for number in range(30):
        world.personalize.create_filter(name=f"f{number}", datasetGroupArn=group, filterExpression=UNREAD)
    code, message = refused(world, group, UNREAD)
    assert (code, message) == ("LimitExceededException", "More than 30 filters in the dataset group.")
