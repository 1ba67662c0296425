from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from personalize_local.events.put_events import put_events
from personalize_spec.arns import Scope
from personalize_spec.errors import InvalidInputException
from tests.behaviours import APPROXIMATED, EXACT, behaviour

SCOPE = Scope("us-east-1", "123456789012")
NOW = datetime(2026, 1, 1, 12, 0, 0, 900_000, tzinfo=UTC)


def send(desk: Any, *events: dict[str, Any], scope: Scope = SCOPE, **request: Any) -> None:
    listed = [{"event_type": "click", "sent_at": NOW, **event} for event in events]
    members = {"tracking_id": "tracking-1", "session_id": "s", "event_list": listed, **request}
    put_events(desk.service, scope, members)


def with_properties(**properties: Any) -> dict[str, Any]:
    return {"item_id": "i", "properties": json.dumps(properties)}


@behaviour(
    "PutEvents",
    "Impressions lower the chance that an item is explored; models do not learn from them",
    APPROXIMATED,
    source="documented for AWS: User-Personalization learns from them",
)
def test_an_event_becomes_a_row_of_the_interactions(desk: Any) -> None:
    # GIVEN an event with all that an event can have
    event = {
        "item_id": "i",
        "event_id": "e",
        "event_value": 2.5,
        "recommendation_id": "RID-1",
        "impression": ["i", "j"],
        "metric_attribution": {"event_attribution_source": "front"},
        "properties": json.dumps({"scrollDepth": 80, "somethingElse": "x"}),
    }

    # WHEN it is put
    send(desk, event, user_id="u")

    # THEN it is stored under the names of the schema
    (stored,) = desk.events()
    assert (stored.user_id, stored.session_id, stored.item_id, stored.event_type) == ("u", "s", "i", "click")
    assert stored.sent_at_epoch_s == int(NOW.timestamp())
    assert (stored.event_id, stored.event_value, stored.recommendation_id) == ("e", 2.5, "RID-1")
    assert stored.impression == ("i", "j")
    assert stored.properties == {"SCROLL_DEPTH": 80, "EVENT_ATTRIBUTION_SOURCE": "front"}


@behaviour(
    "PutEvents",
    "Names of properties match columns in camel case, or however they are spelled",
    EXACT,
    source="documented, contract §3.7",
)
@pytest.mark.parametrize("name", ["scrollDepth", "SCROLL_DEPTH", "scrolldepth", "Scroll_Depth"])
def test_property_names_match_columns_in_any_spelling(desk: Any, name: str) -> None:
    send(desk, with_properties(**{name: "15"}))
    assert desk.events()[0].properties == {"SCROLL_DEPTH": 15}


@behaviour("PutEvents", "itemId and eventValue may be in the properties", EXACT, source="observed, contract §6.4")
def test_old_clients_put_the_item_and_the_value_into_the_properties(desk: Any) -> None:
    send(desk, {"properties": json.dumps({"itemId": "old", "eventValue": 3})})
    send(desk, {"item_id": "new", "event_value": 1.0, "properties": json.dumps({"itemId": "old", "eventValue": 3})})
    assert [(event.item_id, event.event_value) for event in desk.events()] == [("old", 3), ("new", 1)]


def test_an_event_may_have_no_item_and_no_user(desk: Any) -> None:
    send(desk, {})
    assert (desk.events()[0].item_id, desk.events()[0].user_id) == (None, None)


@behaviour("PutEvents", "An eventId counts once", EXACT, source="documented, contract §6.4")
def test_an_event_id_counts_once(desk: Any) -> None:
    send(desk, {"item_id": "a", "event_id": "e"}, {"item_id": "b", "event_id": "e"})
    send(desk, {"item_id": "c", "event_id": "e"})
    assert [event.item_id for event in desk.events()] == ["a"]


def test_a_value_the_schema_has_no_column_for_is_dropped(bare_desk: Any) -> None:
    bare_desk.add_dataset(
        "INTERACTIONS",
        [
            {"name": "USER_ID", "type": "string"},
            {"name": "ITEM_ID", "type": "string"},
            {"name": "TIMESTAMP", "type": "long"},
        ],
    )
    bare_desk.add_tracker()
    send(bare_desk, {"item_id": "i", "event_value": 4.0})
    assert bare_desk.events()[0].event_value is None


@behaviour(
    "PutEvents",
    'Properties are the JSON text of an object, else "Error parsing properties json"',
    EXACT,
    source="observed, contract §2.6",
)
@pytest.mark.parametrize("text", ["{", "[]", '"{}"', "7", "null"])
def test_properties_must_be_the_json_of_an_object(desk: Any, text: str) -> None:
    with pytest.raises(InvalidInputException) as raised:
        send(desk, {"item_id": "i"}, {"item_id": "i", "properties": text})
    assert raised.value.message == "Error parsing properties json"
    assert desk.events() == []


@behaviour(
    "PutEvents",
    "userId, sessionId, eventType, timestamp, recommendationId and impression may not be properties",
    EXACT,
    source="documented, contract §6.4",
)
@pytest.mark.parametrize(
    ("name", "member"),
    [
        ("userId", "userId"),
        ("USER_ID", "userId"),
        ("sessionid", "sessionId"),
        ("eventType", "eventType"),
        ("timestamp", "sentAt"),
        ("recommendationId", "recommendationId"),
        ("Impression", "impression"),
    ],
)
def test_some_properties_are_forbidden(desk: Any, name: str, member: str) -> None:
    with pytest.raises(InvalidInputException) as raised:
        send(desk, with_properties(**{name: "x"}))
    assert raised.value.message == (
        f"'{name}' may not be one of the properties: its value belongs in the request's {member}."
    )


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"scrollDepth": "deep"}, "The value of SCROLL_DEPTH is not of type int."),
        ({"scrollDepth": 1.5}, "The value of SCROLL_DEPTH is not of type int."),
        ({"scrollDepth": True}, "The value of SCROLL_DEPTH is not of type int."),
        ({"itemId": 7}, "itemId must be a string of 1 to 256 characters."),
        ({"itemId": ""}, "itemId must be a string of 1 to 256 characters."),
    ],
)
def test_values_must_be_of_the_columns_type(desk: Any, properties: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInputException) as raised:
        send(desk, {"properties": json.dumps(properties)})
    assert raised.value.message == message


def test_required_columns_need_a_value(bare_desk: Any) -> None:
    fields = [
        {"name": "USER_ID", "type": "string"},
        {"name": "ITEM_ID", "type": "string"},
        {"name": "TIMESTAMP", "type": "long"},
        {"name": "DEVICE", "type": "string"},
    ]
    bare_desk.add_dataset("INTERACTIONS", fields)
    bare_desk.add_tracker()
    with pytest.raises(InvalidInputException) as raised:
        send(bare_desk, {"item_id": "i"})
    assert raised.value.message == "DEVICE is required, and there is no value for it in the properties."


def test_an_unknown_tracker(desk: Any) -> None:
    with pytest.raises(InvalidInputException) as raised:
        send(desk, {"item_id": "i"}, tracking_id="other")
    assert raised.value.message == "There is no event tracker with the tracking id other."


def test_a_tracker_of_another_account(desk: Any) -> None:
    with pytest.raises(InvalidInputException, match="There is no event tracker"):
        send(desk, {"item_id": "i"}, scope=Scope("us-east-1", "000000000000"))


@behaviour(
    "PutEvents",
    "Events are taken as soon as CreateEventTracker has given the trackingId",
    APPROXIMATED,
    source="observed: notebooks send events in the next call; documented for AWS: the tracker is to be ACTIVE first",
)
@pytest.mark.parametrize("status", ["CREATE PENDING", "CREATE IN_PROGRESS"])
def test_events_are_taken_while_the_tracker_is_being_created(bare_desk: Any, status: str) -> None:
    bare_desk.add_dataset("INTERACTIONS")
    bare_desk.add_tracker(status=status)
    send(bare_desk, {"item_id": "i"}, user_id="u")
    assert [event.item_id for event in bare_desk.events()] == ["i"]


@pytest.mark.parametrize("status", ["CREATE FAILED", "DELETE PENDING", "DELETE IN_PROGRESS"])
def test_a_tracker_that_is_on_its_way_out(bare_desk: Any, status: str) -> None:
    bare_desk.add_dataset("INTERACTIONS")
    bare_desk.add_tracker(status=status)
    with pytest.raises(InvalidInputException, match=f"is not ACTIVE: it is {status}"):
        send(bare_desk, {"item_id": "i"})


def test_a_group_without_interactions(bare_desk: Any) -> None:
    bare_desk.add_tracker()
    with pytest.raises(InvalidInputException, match="has no Interactions dataset"):
        send(bare_desk, {"item_id": "i"})
