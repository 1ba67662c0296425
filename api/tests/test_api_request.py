"""Every field of the request, right and wrong."""

from typing import Any

import pytest
from recommendations.errors import InvalidRequestError, RequestTooLargeError
from recommendations.messages import MAX_BODY_BYTES, read_json
from recommendations.proxy_events import read_event
from recommendations.requests import (
    RecommendationsRequest,
    parse_events,
    parse_recommendations,
    parse_related,
    parse_rerank,
)


def parse(visitor_id: Any = "reader-1", **sub_request: Any) -> RecommendationsRequest:
    return parse_recommendations({"visitor_id": visitor_id, "sub_requests": [sub_request]})


def test_a_true_event_of_the_front_end(proxy_event):
    request = read_event(proxy_event("post_recommendations"))
    assert parse_recommendations(read_json(request.body)) == RecommendationsRequest(
        visitor_id="reader-in-person-7",
        limit=3,
        context="art_same_section_mostpopular",
        platform="Desktop",
        visitor_type="Anonymous",
        sections=("canada",),
        excluded_ids=("A-2",),
        widget_id="recommended-art_same_section_mostpopular",
    )


def test_only_the_visitor_is_required():
    assert parse() == RecommendationsRequest(visitor_id="reader-1", limit=25)


def test_only_the_first_sub_request_counts():
    data = {"visitor_id": "r", "sub_requests": [{"limit": 2}, {"limit": 7}, "whatever"]}
    assert parse_recommendations(data).limit == 2


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "The body is empty"),
        ("  ", "The body is empty"),
        ("{", "not valid JSON at line 1, column 2"),
        ("[" * 60_000, "not valid JSON"),
        ("[]", "must be a JSON object"),
        ('"text"', "must be a JSON object"),
        ("{}", "visitor_id is missing"),
        ('{"visitor_id":"r"}', "sub_requests must be a list holding one object"),
        ('{"visitor_id":"r","sub_requests":{}}', "sub_requests must be a list holding one object"),
        ('{"visitor_id":"r","sub_requests":[]}', "sub_requests must be a list holding one object"),
        ('{"visitor_id":"r","sub_requests":[null]}', "sub_requests must be a list holding one object"),
    ],
)
def test_a_body_that_is_not_a_request(body: str, message: str):
    with pytest.raises(InvalidRequestError, match=message):
        parse_recommendations(read_json(body.encode()))


def test_a_body_that_is_not_text():
    with pytest.raises(InvalidRequestError, match="not UTF-8"):
        read_json(b"\xff")


def test_a_body_that_is_too_large():
    with pytest.raises(RequestTooLargeError, match="send at most 65536"):
        read_json(b"x" * (MAX_BODY_BYTES + 1))


@pytest.mark.parametrize("visitor_id", [None, "", "  "])
def test_a_missing_visitor(visitor_id: Any):
    with pytest.raises(InvalidRequestError, match="visitor_id is missing"):
        parse(visitor_id)


@pytest.mark.parametrize(
    ("visitor_id", "message"),
    [(7, "visitor_id must be a string"), ("x" * 257, "send at most 256"), ("\ud800", "half a character")],
)
def test_a_wrong_visitor(visitor_id: Any, message: str):
    with pytest.raises(InvalidRequestError, match=message):
        parse(visitor_id)


@pytest.mark.parametrize(("value", "limit"), [(1, 1), (500, 500), ("7", 7), (" 12 ", 12), (5.0, 5), (None, 25)])
def test_limits(value: Any, limit: int):
    assert parse(limit=value).limit == limit


@pytest.mark.parametrize("value", [0, -1, 501, "", "many", "1.5", "-3", 2.5, True, [], "9" * 5000, float("nan")])
def test_limits_that_are_none(value: Any):
    with pytest.raises(InvalidRequestError, match="limit must be a whole number from 1 to 500"):
        parse(limit=value)


@pytest.mark.parametrize(
    ("sub_request", "sections"),
    [
        ({}, ()),
        ({"section": None}, ()),
        ({"section": "/"}, ()),
        ({"section": "canada"}, ("canada",)),
        ({"section": "/canada/alberta/"}, ("canada",)),
        ({"section": "/canada/", "include_sections": ""}, ("canada",)),
        ({"section": "/canada/", "include_sections": "sports"}, ("sports",)),
        ({"include_sections": "sports, arts ,sports"}, ("sports", "arts")),
        ({"include_sections": ["/world/europe/", "arts"]}, ("world", "arts")),
    ],
)
def test_sections(sub_request: dict[str, Any], sections: tuple[str, ...]):
    assert parse(**sub_request).sections == sections


@pytest.mark.parametrize(
    ("value", "ids"),
    [(None, ()), ("", ()), ("A", ("A",)), ("A, B,,A", ("A", "B")), (["A", "B"], ("A", "B")), ([], ())],
)
def test_last_content_ids(value: Any, ids: tuple[str, ...]):
    assert parse(last_content_ids=value).excluded_ids == ids


@pytest.mark.parametrize("value", [7, {"a": 1}, ["A", 7]])
def test_last_content_ids_that_are_none(value: Any):
    with pytest.raises(InvalidRequestError, match="last_content_ids must be a comma-separated string or a list"):
        parse(last_content_ids=value)


@pytest.mark.parametrize("field", ["context", "platform", "visitor_type", "section", "widget_id"])
def test_texts_must_be_texts(field: str):
    with pytest.raises(InvalidRequestError, match=f"{field} must be a string"):
        parse(**{field: 7})
    with pytest.raises(InvalidRequestError, match=f"{field} has 1001 characters"):
        parse(**{field: "x" * 1001})


def test_casing_of_the_context_columns():
    request = parse(platform="MOBILE", visitor_type="subscribed")
    assert (request.platform, request.visitor_type) == ("Mobile", "Subscribed")


@pytest.mark.parametrize(
    "field",
    [
        "include_read",
        "include_content_types",
        "width",
        "min_content_age",
        "max_content_age",
        "rank",
        "newsletter_ids",
        "seo_keywords",
    ],
)
@pytest.mark.parametrize("value", [None, 7, "x", [], {}])
def test_what_the_front_end_also_sends_changes_nothing(field: str, value: Any):
    assert parse(**{field: value}) == parse()


def test_related_excludes_the_article_itself():
    request = parse_related({"content_id": "A-1", "last_content_ids": "A-2,A-1", "limit": 3})
    assert (request.content_id, request.excluded_ids, request.limit) == ("A-1", ("A-1", "A-2"), 3)


@pytest.mark.parametrize("data", [{}, {"content_id": " "}, {"content_id": 7}, [], None])
def test_related_needs_an_article(data: Any):
    with pytest.raises(InvalidRequestError, match="content_id"):
        parse_related(data)


def test_rerank_takes_articles_as_a_list_or_with_commas():
    for ids in (["A", "B"], "A, B", ["A,B"]):
        assert parse_rerank({"visitor_id": "r", "content_ids": ids}).content_ids == ("A", "B")
    with pytest.raises(InvalidRequestError, match="content_ids is missing"):
        parse_rerank({"visitor_id": "r", "content_ids": []})


def an_event(**changes: Any) -> dict[str, Any]:
    return {"event_type": "page_view", "content_id": "A-1", **changes}


def parse_one(**changes: Any):
    return parse_events({"visitor_id": "r", "session_id": "s", "events": [an_event(**changes)]}).events[0]


@pytest.mark.parametrize(
    ("value", "epoch_s"),
    [
        (None, None),
        (1635900000, 1635900000),
        ("2021-11-03T00:40:00Z", 1635900000),
        ("2021-11-02T20:40:00.123456-04:00", 1635900000.123456),
    ],
)
def test_times_of_events(value: Any, epoch_s: float | None):
    assert parse_one(sent_at=value).sent_at_epoch_s == epoch_s


@pytest.mark.parametrize("value", ["2021-11-03 00:40:00", "yesterday", -1, True, float("inf"), 1e12, [], {}])
def test_times_that_are_none(value: Any):
    with pytest.raises(InvalidRequestError, match="sent_at must be seconds since 1970"):
        parse_one(sent_at=value)


@pytest.mark.parametrize("field", ["event_type", "content_id"])
def test_what_an_event_needs(field: str):
    with pytest.raises(InvalidRequestError, match=f"{field} is missing"):
        parse_one(**{field: None})


@pytest.mark.parametrize("events", [None, [], [an_event()] * 11, "x", [7]])
def test_one_to_ten_events(events: Any):
    with pytest.raises(InvalidRequestError, match=r"events must be a list of 1 to 10|must be a JSON object"):
        parse_events({"visitor_id": "r", "session_id": "s", "events": events})


@pytest.mark.parametrize(
    "properties",
    [
        7,
        [],
        {"a": []},
        {"a": {}},
        dict.fromkeys("abcdef"),
        {"a": 'b"'},
        {"a": "x" * 129},
        {"x" * 65: 1},
        {"a": float("nan")},
    ],
)
def test_properties_that_no_event_can_have(properties: Any):
    with pytest.raises(InvalidRequestError, match="properties"):
        parse_one(properties=properties)


def test_a_recommendation_id_too_long_for_personalize_is_refused():
    with pytest.raises(InvalidRequestError, match="page_rid has 41 characters"):
        parse_one(page_rid="x" * 41)
