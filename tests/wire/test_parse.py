"""Requests into snake case: types, constraints, times, and maps whose keys are data."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_local.wire.constraints import compiled
from personalize_local.wire.models import operations
from personalize_local.wire.parse import parse_request
from personalize_local.wire.serialize import to_wire
from personalize_spec.errors import InvalidInputException, SerializationException
from tests.behaviours import EXACT, behaviour


def parse(operation, text):
    return parse_request(operations()[operation].input_shape, text.encode())


def put_events(sent_at, more=""):
    event = f'{{"eventType":"click","sentAt":{sent_at}{more}}}'
    return parse("PutEvents", f'{{"trackingId":"t","sessionId":"s","eventList":[{event}]}}')["event_list"][0]


@behaviour(
    "PutEvents, PutActionInteractions",
    "Times are numbers, numbers in a text, or ISO 8601",
    EXACT,
    source="observed; ISO 8601: inferred",
)
@pytest.mark.parametrize(
    "text", ["1553631760", "1553631760.0", '"1553631760"', '"2019-03-26T20:22:40Z"', '"2019-03-26T20:22:40"']
)
def test_times_in_every_form_clients_send(text):
    assert put_events(text)["sent_at"] == datetime(2019, 3, 26, 20, 22, 40, tzinfo=UTC)


@behaviour(
    "PutEvents", "Milliseconds in place of seconds are taken for a time in the far future", EXACT, source="inferred"
)
@pytest.mark.parametrize("text", ["1553631760123", '"1553631760123"'])
def test_milliseconds_for_seconds_are_a_time_in_the_far_future(text):
    assert put_events(text)["sent_at"].year == 9999


@pytest.mark.parametrize("text", ['"yesterday"', "true", "[]", "1e300", '"nan"'])
def test_what_is_no_time_is_named(text):
    with pytest.raises(SerializationException, match=r"'eventList\.1\.member\.sentAt' should be a time"):
        put_events(text)


def test_properties_stay_the_text_they_are():
    event = put_events("1", ',"properties":"{\\"itemPrice\\":12.5}"')
    assert event["properties"] == '{"itemPrice":12.5}'


def test_keys_of_maps_stay_as_they_are():
    request = parse(
        "CreateCampaign",
        '{"name":"c","solutionVersionArn":"arn:aws:personalize:us-east-1:123456789012:solution/a/b",'
        '"campaignConfig":{"itemExplorationConfig":{"explorationWeight":"0.3"}}}',
    )
    assert request["campaign_config"] == {"item_exploration_config": {"explorationWeight": "0.3"}}


@pytest.mark.parametrize("value", ["true", "1.5", '"1"', "1e400"])
def test_whole_numbers_are_whole(value):
    with pytest.raises(SerializationException):
        parse("ListSchemas", f'{{"maxResults":{value}}}')


@pytest.mark.parametrize(("value", "words"), [(0, "greater than or equal to 1"), (101, "less than or equal to 100")])
def test_numbers_have_bounds(value, words):
    with pytest.raises(InvalidInputException, match=words):
        parse("ListSchemas", f'{{"maxResults":{value}}}')


def test_keys_and_values_of_maps_are_checked():
    with pytest.raises(InvalidInputException) as raised:
        parse(
            "GetRecommendations",
            '{"campaignArn":"arn:aws:personalize:us-east-1:123456789012:campaign/a","context":{"a b":"x"},'
            '"promotions":[{"percentPromotedItems":101}]}',
        )
    assert "at 'context.key' failed" in raised.value.message
    assert "at 'promotions.1.member.percentPromotedItems' failed" in raised.value.message


def test_patterns_of_every_shape_compile_and_mean_the_whole_value():
    name = compiled(r"^[a-zA-Z0-9][a-zA-Z0-9\-_]*")
    assert name.fullmatch("front-page_1") and not name.fullmatch("front page") and not name.fullmatch("a\n")
    tag = compiled(r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$")
    assert tag.fullmatch("métier 新聞 ½") and not tag.fullmatch("a;b")
    assert compiled(r"\p{ASCII}{0,1500}").fullmatch("abc") and not compiled(r"\p{ASCII}{0,1500}").fullmatch("é")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)


@given(name=st.sampled_from(sorted(operations())), data=st.data())
def test_no_json_is_worse_than_an_error_of_the_customer(name, data):
    shape = operations()[name].input_shape
    members = dict.fromkeys(shape.members, json_values)
    request = data.draw(st.fixed_dictionaries({}, optional=members) | json_values)
    try:
        parsed = parse_request(shape, json.dumps(request).encode())
    except (InvalidInputException, SerializationException) as error:
        assert error.message
    else:
        assert to_wire(shape, parsed) is not None
