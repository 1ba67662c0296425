"""Any filter over HTTP keeps what its plain reading over the imported rows keeps; the same question as to the mask."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.test_requests import EXAMPLES, PATIENT
from tests.town import CSV, ITEMS, Town, copy_town

CATEGORIES = st.sampled_from(["news", "world", "sport", "Sport", "none"])
EVENTS = st.sampled_from(["click", "CLICK", "read", "never"])
USERS = st.sampled_from(["u1", "u59", "stranger"])


def rows(dataset_type: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(CSV[dataset_type])))


CATEGORY_OF = {row["ITEM_ID"]: row["CATEGORY"].split("|") for row in rows("Items")}
MEMBERSHIP_OF = {row["USER_ID"]: row["MEMBERSHIP"] for row in rows("Users")}
EVENTS_OF: dict[str, dict[str, set[str]]] = {}
for row in rows("Interactions"):
    EVENTS_OF.setdefault(row["USER_ID"], {}).setdefault(row["EVENT_TYPE"], set()).add(row["ITEM_ID"])


@st.composite
def expressions(draw: st.DrawFn) -> dict[str, Any]:
    """Give one expression: its verb, its condition as a list, whether it is negated, and who it is for."""
    by_event = draw(st.booleans())
    values = draw(st.lists(EVENTS if by_event else CATEGORIES, min_size=1, max_size=3))
    padding = draw(st.sampled_from([0, 0, 120]))  # values that nothing has
    return {
        "verb": draw(st.sampled_from(["INCLUDE", "EXCLUDE", "exclude"])),
        "by_event": by_event,
        "negated": not by_event and draw(st.booleans()),
        "values": values + [f"x{number}" for number in range(padding)],
        "membership": draw(st.none() | st.sampled_from(["gold", "silver"])),
    }


def written(expression: dict[str, Any]) -> str:
    field = "Interactions.event_type" if expression["by_event"] else "ITEMS.Category"
    values = ", ".join(f'"{value}"' for value in expression["values"])
    operator = "NOT IN" if expression["negated"] else "IN"
    user = f' IF CurrentUser.MEMBERSHIP = "{expression["membership"]}"' if expression["membership"] else ""
    return f"{expression['verb']} ItemID WHERE {field} {operator} ({values}){user}"


def matching(expression: dict[str, Any], user: str) -> set[str] | None:
    """Give the items that the condition holds for; None when it is not for this user."""
    if expression["membership"] and MEMBERSHIP_OF.get(user) != expression["membership"]:
        return None
    if expression["by_event"]:
        wanted = {value.lower() for value in expression["values"]}
        return {item for kind, items in EVENTS_OF.get(user, {}).items() if kind in wanted for item in items}
    values = set(expression["values"])
    return {item for item in ITEMS if bool(values & set(CATEGORY_OF[item])) != expression["negated"]}


def kept(chain: list[dict[str, Any]], user: str) -> set[str]:
    """Give what the includes hold together, without what the excludes hold; without an include, all."""
    found = [(each["verb"].upper(), matching(each, user)) for each in chain]
    includes = [items for verb, items in found if verb == "INCLUDE" and items is not None]
    excludes = [items for verb, items in found if verb == "EXCLUDE" and items is not None]
    return (set().union(*includes) if includes else set(ITEMS)) - set().union(*excludes)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    copy = copy_town(tmp_path_factory.mktemp("filtered") / "town")
    yield copy
    copy.world.close()


@settings(PATIENT, max_examples=EXAMPLES)
@given(chain=st.lists(expressions(), min_size=1, max_size=4), user=USERS)
def test_what_is_recommended_is_what_the_filter_reads_as(town: Town, chain: list[dict[str, Any]], user: str) -> None:
    text = " | ".join(map(written, chain))
    if len(text) > 2500:
        return
    world = town.world
    arn = world.personalize.create_filter(
        name="any", datasetGroupArn=town.arns["dataset_group_arn"], filterExpression=text
    )["filterArn"]
    try:
        world.settle()
        answer = world.runtime.get_recommendations(
            campaignArn=town.arns["campaign_arn"], userId=user, numResults=500, filterArn=arn
        )
        assert {item["itemId"] for item in answer["itemList"]} == kept(chain, user), text
    finally:
        world.personalize.delete_filter(filterArn=arn)
        world.settle()
