"""Every field of the request, right and wrong."""

import base64
import json
from typing import Any

import pytest
from recommendations.errors import InvalidRequestError
from recommendations.request import RecommendationsRequest, parse_event, parse_request
from recommendations_fakes import post_event


def parse(visitor_id: Any = "reader-1", **sub_request: Any) -> RecommendationsRequest:
    return parse_request({"visitor_id": visitor_id, "sub_requests": [sub_request]})


def test_a_true_event_of_the_front_end(proxy_event):
    assert parse_event(proxy_event("post_recommendations")) == RecommendationsRequest(
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


def test_a_base64_body_is_read():
    body = base64.b64encode(json.dumps({"visitor_id": "é", "sub_requests": [{}]}).encode()).decode()
    assert parse_event({**post_event(body), "isBase64Encoded": True}).visitor_id == "é"


def test_only_the_first_sub_request_counts():
    data = {"visitor_id": "r", "sub_requests": [{"limit": 2}, {"limit": 7}, "whatever"]}
    assert parse_request(data).limit == 2


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (None, "The body is empty"),
        ("  ", "The body is empty"),
        ("{", "not valid JSON at line 1, column 2"),
        ("[" * 100_000, "not valid JSON"),
        ("[]", "must be a JSON object"),
        ('"text"', "must be a JSON object"),
        ("{}", "visitor_id is missing"),
        ('{"visitor_id":"r"}', "sub_requests must be a list holding one object"),
        ('{"visitor_id":"r","sub_requests":{}}', "sub_requests must be a list holding one object"),
        ('{"visitor_id":"r","sub_requests":[]}', "sub_requests must be a list holding one object"),
        ('{"visitor_id":"r","sub_requests":[null]}', "sub_requests must be a list holding one object"),
    ],
)
def test_a_body_that_is_not_a_request(body: str | None, message: str):
    with pytest.raises(InvalidRequestError, match=message):
        parse_event(post_event(body))


def test_a_body_that_is_not_text():
    with pytest.raises(InvalidRequestError, match="not UTF-8"):
        parse_event({**post_event(base64.b64encode(b"\xff").decode()), "isBase64Encoded": True})


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


@pytest.mark.parametrize(("value", "limit"), [(1, 1), (500, 500), ("7", 7), (" 12 ", 12), (None, 25)])
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
