"""The sisters of /recommendations: related, rerank, events, health, the document; caches and conditional requests."""

import json
from concurrent.futures import ThreadPoolExecutor
from random import Random
from types import SimpleNamespace

import pytest
from botocore.exceptions import ReadTimeoutError
from jsonschema import Draft202012Validator
from recommendations.application import (
    CONNECT_TIMEOUT_S,
    EVENTS_PATIENCE_S,
    QUEUE_CONNECT_TIMEOUT_S,
    QUEUE_TIMEOUT_S,
    QUEUE_TRIES,
    WRITE_TIMEOUT_S,
)
from recommendations.delivery import BACK_OFF_S, Deliverer, Delivery
from recommendations.openapi import openapi_document
from recommendations.routes import ROUTES
from recommendations_fakes import IDS, client_error
from template_reading import properties
from test_api_answers import THROTTLED, ids_of, row

EVENT = {"event_type": "page_view", "content_id": "A-1", "event_id": "e-1", "sent_at": 1635900000}


def take(shop, *events, **changes):
    body = {"visitor_id": "reader-1", "session_id": "s-1", "events": list(events)} | changes
    return shop.call("POST", "/events", body)


def test_related_asks_the_related_campaign_for_the_article(shop, personalize):
    status, body, headers = shop.call("POST", "/related", {"content_id": "A-0", "visitor_id": "r", "limit": 3})
    assert (status, ids_of(body)) == (200, ["A-1", "A-2", "A-3"])
    assert headers["Cache-Control"] == "private, no-store" and "ETag" not in headers
    call = personalize.calls[0]
    assert (call["campaignArn"].rpartition("/")[2], call["itemId"], call["userId"]) == ("alike", "A-0", "r")


def test_related_for_nobody_may_be_kept_and_is_304_for_who_has_it(shop):
    status, body, headers = shop.call("GET", "/related", content_id="A-0", limit="3")
    assert (status, ids_of(body), headers["Cache-Control"]) == (200, ["A-1", "A-2", "A-3"], "public, max-age=60")
    again = shop.call(
        "GET", "/related", headers={"if-none-match": f'W/"x", {headers["ETag"]}'}, content_id="A-0", limit="3"
    )
    assert again[:2] == (304, None) and again[2]["ETag"] == headers["ETag"]
    other = shop.call("GET", "/related", headers={"if-none-match": headers["ETag"]}, content_id="A-5", limit="3")
    assert other[0] == 200 and other[2]["ETag"] != headers["ETag"]


def test_the_tag_follows_the_content(shop, dynamodb):
    _, _, before = shop.call("GET", "/related", content_id="A-0", limit="3")
    dynamodb.tables["articles"][1]["Title"] = "Corrected"
    _, body, after = shop.call(
        "GET", "/related", headers={"if-none-match": before["ETag"]}, content_id="A-0", limit="3"
    )
    assert after["ETag"] != before["ETag"] and body[0]["recommendations"][0]["title"] == "Corrected"


def test_a_visitor_in_the_query_gets_nobodys_answer(shop, personalize):
    shop.call("GET", "/related", content_id="A-0", visitor_id="reader-9")
    assert {call["userId"] for call in personalize.calls} == {"anonymous"}


def test_a_stand_in_for_related_is_not_kept(shop, personalize):
    shop.refresh_popular()
    personalize.broken["alike"] = THROTTLED
    status, body, headers = shop.call("GET", "/related", content_id="A-0", limit="3")
    assert (status, ids_of(body), body[0]["source"]) == (200, ["A-1", "A-2", "A-3"], "popular")
    assert headers["Cache-Control"] == "private, no-store"


def test_personal_answers_never_have_a_tag_and_never_are_304(shop):
    _, _, headers = shop.ask(headers={"if-none-match": "*"})
    assert "ETag" not in headers and headers["Cache-Control"] == "private, no-store"


def test_rerank_orders_for_the_reader(shop, personalize):
    asked = {"visitor_id": "r", "content_ids": ["A-1", "A-3", "gone", "A-2"], "platform": "mobile"}
    status, body, _ = shop.call("POST", "/rerank", asked)
    assert (status, ids_of(body)) == (200, ["A-3", "A-2", "A-1"])
    assert (body[0]["source"], body[0]["recommendationId"]) == ("personalize", "RID-rank")
    (call,) = personalize.calls
    assert (call["inputList"], call["context"]) == (
        ["A-1", "A-3", "gone", "A-2"],
        {"device_detector_visitorplatform": "Mobile"},
    )


@pytest.mark.parametrize("settings", [{}, {"RANKING_CAMPAIGN_NAME": ""}])
def test_rerank_without_personalize_keeps_the_given_order(make_shop, personalize, settings):
    shop = make_shop(**settings)
    personalize.broken["rank"] = THROTTLED
    status, body, _ = shop.call("POST", "/rerank", {"visitor_id": "r", "content_ids": "A-1,A-3,A-2", "limit": 2})
    assert (status, ids_of(body), body[0]["source"]) == (200, ["A-1", "A-3"], "given")


def test_rerank_without_content_is_the_order_alone(shop, dynamodb):
    dynamodb.errors["articles"] = THROTTLED
    status, body, _ = shop.call("POST", "/rerank", {"visitor_id": "r", "content_ids": "A-1,A-3,A-2"})
    assert (status, ids_of(body)) == (200, ["A-3", "A-2", "A-1"])
    assert {entry["title"] for entry in body[0]["recommendations"]} == {""}


def test_events_go_to_the_trackers_of_all_active_backends_and_ids_of_lists_to_their_own_only(shop, dynamodb):
    dynamodb.tables["settings"] = [row("blue", eventTrackerId="t-blue"), row("green", 0, eventTrackerId="t-green")]
    _, body, _ = shop.ask()
    status, answer, _ = take(shop, EVENT | {"page_rid": body[0]["recommendationId"]}, EVENT | {"event_id": "e-2"})
    assert (status, answer) == (200, {"accepted": 2, "request_id": "req-1"})
    calls = {call["trackingId"]: call for _, call in shop.events.calls}
    assert calls.keys() == {"t-blue", "t-green"}
    assert calls["t-blue"]["eventList"][0] == {
        "eventType": "page_view", "itemId": "A-1", "eventId": "e-1", "sentAt": 1635900000,
        "recommendationId": "RID-daily-unread",
    }  # fmt: skip
    assert "recommendationId" not in calls["t-green"]["eventList"][0]
    assert (calls["t-blue"]["userId"], calls["t-blue"]["sessionId"]) == ("reader-1", "s-1")


def test_a_list_that_is_followed_counts_once_for_its_arm(shop):
    _, body, _ = shop.ask()
    event = EVENT | {"page_rid": body[0]["recommendationId"]}
    take(shop, event)
    assert [(m.value, m.arm) for m in shop.measured if m.metric.name == "Conversions"] == [(1, "main")]
    take(shop, event)
    assert shop.values("Conversions") == []


def test_an_event_without_an_id_gets_one_of_its_own(shop):
    take(shop, {"event_type": "page_view", "content_id": "A-1", "sent_at": 1})
    take(shop, {"event_type": "page_view", "content_id": "A-1", "sent_at": 1})
    take(shop, {"event_type": "page_view", "content_id": "A-1", "sent_at": 2})
    one, two, three = [call["eventList"][0]["eventId"] for _, call in shop.events.calls]
    assert one == two != three


def test_properties_are_json_without_nulls(shop):
    take(shop, EVENT | {"properties": {"visitor_type": "Subscribed", "x": None}})
    assert shop.events.calls[0][1]["eventList"][0]["properties"] == '{"visitor_type":"Subscribed"}'
    status, answer, _ = take(shop, EVENT | {"properties": {"x": "y" * 129}})
    assert (status, answer["code"]) == (400, "InvalidRequest")


def test_busy_trackers_are_tried_again_and_then_the_queue_keeps_the_events(shop):
    shop.events.failures = [THROTTLED] * 2
    assert take(shop, EVENT)[0] == 200
    assert (len(shop.events.calls), len(shop.waits_s), shop.queue.messages) == (1, 2, [])
    shop.events.failures = [THROTTLED] * 4
    assert take(shop, EVENT)[0] == 200
    (message,) = shop.queue.messages
    assert (message["operation"], message["reason"]) == ("PutEvents", "ThrottlingException")
    assert message["arguments"]["eventList"][0]["eventId"] == "e-1"


def test_slow_trackers_are_not_tried_again_while_a_page_waits(clock):
    tries = []

    def slow(**call):
        tries.append(call)
        clock.now_s += WRITE_TIMEOUT_S
        raise ReadTimeoutError(endpoint_url="x")

    client, tools = SimpleNamespace(put_events=slow, put_items=slow), {"random": Random(1), "clock": clock}
    with ThreadPoolExecutor(1) as executor:
        deliverer = Deliverer(client, executor, sleep=pytest.fail, patience_s=EVENTS_PATIENCE_S, **tools)
        (failed,) = deliverer.deliver([Delivery("PutEvents", (), ({"itemId": "A-1"},), ("",))])
    assert (len(tries), failed.reason, failed.permanent) == (1, "ReadTimeoutError", False)


def test_events_are_answered_before_the_function_is_stopped(template):
    calls_s = EVENTS_PATIENCE_S + sum(BACK_OFF_S) + WRITE_TIMEOUT_S
    queue_s = QUEUE_TRIES * (QUEUE_CONNECT_TIMEOUT_S + QUEUE_TIMEOUT_S) + 1.0  # botocore's wait before the second try
    queue_and_stream_s = queue_s + WRITE_TIMEOUT_S + 2 * CONNECT_TIMEOUT_S
    assert calls_s + queue_and_stream_s < properties(template, "GetRecommendationsFunction")["Timeout"]


def test_events_that_nobody_keeps_are_503(shop, make_shop):
    shop.events.failures = [THROTTLED] * 4
    shop.queue.error = client_error("ServiceUnavailable", "SendMessageBatch")
    status, answer, headers = take(shop, EVENT)
    assert (status, answer["code"], headers["Retry-After"]) == (503, "EventsUnavailable", "1")
    status, answer, _ = take(make_shop(TRACKER_ID=""), EVENT)
    assert (status, answer["code"]) == (503, "EventsUnavailable")


def test_a_stream_gets_every_event_too(make_shop):
    shop = make_shop(EVENT_STREAM="all-events")
    take(shop, EVENT)
    (record,) = shop.kinesis.records
    assert json.loads(record["Data"])["itemId"] == "A-1" and record["PartitionKey"] == "reader-1"


def test_health_says_what_there_is(shop):
    assert shop.call("GET", "/health")[1] == {"status": "ok", "backends": 1, "popular_articles": 0, "version": "1.0.0"}
    shop.refresh_popular()
    assert shop.call("GET", "/health")[1]["popular_articles"] == 100


def test_the_document_is_the_routes_and_may_be_kept(shop):
    _, document, headers = shop.call("GET", "/openapi.json")
    assert document["openapi"] == "3.1.0"
    named = {(method.upper(), path) for path, entry in document["paths"].items() for method in entry}
    assert named == {(route.method, route.path) for route in ROUTES}
    assert shop.call("GET", "/openapi.json", headers={"if-none-match": headers["ETag"]})[0] == 304


def test_every_schema_is_a_schema_and_the_reply_is_as_described(shop):
    document = openapi_document()
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    _, body, _ = shop.ask(limit=2)
    schema = {"$ref": "#/components/schemas/Recommendations", "components": document["components"]}
    assert list(Draft202012Validator(schema).iter_errors(body)) == []
    del body[0]["recommendations"][0]["promo_image"]
    assert len(list(Draft202012Validator(schema).iter_errors(body))) == 1


def test_related_needs_a_backend_with_such_a_campaign(make_shop, personalize):
    shop = make_shop(RELATED_CAMPAIGN_NAME="")
    status, body, _ = shop.call("POST", "/related", {"content_id": "A-0"})
    assert (status, body["code"]) == (503, "NoActiveBackend")
    shop.refresh_popular()
    assert ids_of(shop.call("POST", "/related", {"content_id": "A-0", "limit": 2})[1]) == IDS[1:3]


@pytest.mark.parametrize("route", [route for route in ROUTES if route.body], ids=lambda route: route.path)
def test_the_examples_of_the_document_can_be_sent(shop, route):
    Draft202012Validator(route.body()).validate(route.example)
    content = openapi_document()["paths"][route.path]["post"]["requestBody"]["content"]["application/json"]
    assert content["example"] == route.example
    assert shop.call(route.method, route.path, route.example)[0] == 200
