"""Both streams: every rule, every column, batches, and what becomes of records that cannot be delivered."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from recommendations.application import Clients
from recommendations.meters import collecting
from recommendations_fakes import API, ENVIRONMENT, NOW_EPOCH_S, FakeDynamo, FakeEvents, FakeQueue, client_error
from streams.application import NoBackendError, build_processor
from streams.articles import ITEM_COLUMNS, MAX_PROPERTIES
from streams.events import OTHER_HOSTS, PROPERTY_COLUMNS, RULES
from streams.records import moment_of
from test_api_answers import THROTTLED, row

from personalize_spec.reader_ids import reader_id
from personalize_spec.schemas import parse_schema

EVENT, BROWSER_EVENT = json.loads((API / "events" / "kinesis_events.json").read_text())
ARTICLE = json.loads((API / "events" / "kinesis_content.json").read_text())
REFUSED = client_error("InvalidInputException", "PutEvents")


class Stream:
    """One of the stream functions over fakes; put records in, and look."""

    def __init__(self, kind: str, dynamodb: FakeDynamo, **environment: Any) -> None:
        self.events, self.queue, self.dynamodb = FakeEvents(), FakeQueue(), dynamodb
        clients = Clients(dynamodb, None, self.events, None, self.queue)
        given = {**ENVIRONMENT, "STREAM": "news", "APP_ID": EVENT["sp_app_id"], "PATIENCE_S": "900", **environment}
        self.processor = build_processor(
            kind, given, clients, clock=lambda: 0.0, now_epoch_s=lambda: NOW_EPOCH_S, sleep=lambda _: None
        )
        self.measured: dict[str, float] = {}

    def put(self, *records: Any, age_s: float = 5) -> list[str]:
        """Give the sequence numbers that Lambda is asked to send again."""
        entries = [entry(number, record, age_s) for number, record in enumerate(records, 1)]
        with collecting() as measurements:
            answer = self.processor.process({"Records": entries})
        self.measured = {m.metric.name: m.value for m in measurements}
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    @property
    def sent(self) -> list[dict[str, Any]]:
        key = {"PutEvents": "eventList", "PutItems": "items"}
        return [one for operation, call in self.events.calls for one in call[key[operation]]]


def entry(number: int, record: Any, age_s: float) -> dict[str, Any]:
    data = record if isinstance(record, bytes) else json.dumps(record).encode()
    return {
        "kinesis": {
            "sequenceNumber": str(number),
            "data": base64.b64encode(data).decode(),
            "approximateArrivalTimestamp": NOW_EPOCH_S - age_s,
        }
    }


@pytest.fixture
def stream(dynamodb: FakeDynamo) -> Callable[..., Stream]:
    return lambda kind="Events", **environment: Stream(kind, dynamodb, **environment)


def an_event(**changes: Any) -> dict[str, Any]:
    return {**EVENT, **changes}


def properties(stream: Stream) -> dict[str, Any]:
    (item,) = stream.sent
    return json.loads(item["properties"])


def test_an_event_as_personalize_gets_it(stream):
    events = stream()
    assert events.put(EVENT) == []
    ((operation, call),) = events.events.calls
    (sent,) = call.pop("eventList")
    assert (operation, call) == (
        "PutEvents",
        {"trackingId": "tracker-main", "userId": "reader-1", "sessionId": "session-1"},
    )
    assert json.loads(sent.pop("properties")) == {
        "visitor_type": "Subscribed",
        "visitor_countrycode": "CA",
        "device_detector_visitorplatform": "Mobile",
        "device_detector_brandname": "Apple",
    }
    assert sent == {
        "eventType": "page_view",
        "itemId": "A-1",
        "eventId": EVENT["sp_event_id"],
        "sentAt": int(datetime(2021, 11, 2, 13, 15, tzinfo=UTC).timestamp()),
    }
    assert (events.measured["SuccessEvents"], events.measured["SkipEvents"]) == (1, 0)


def test_names_in_lower_case_as_in_the_batch_data_are_the_same(stream):
    events = stream()
    events.put({name.lower(): value for name, value in EVENT.items()})
    assert events.sent[0]["itemId"] == "A-1"


SKIPPED = [
    ("no event id", {"sp_event_id": None}),
    ("no event id", {"sp_event_id": " "}),
    ("no time", {"sp_derived_tstamp": ""}),
    ("another application", {"sp_app_id": "app"}),
    ("no article", {"content_contentId": None}),
    ("no article's page", {"page_type": "section"}),
    ("a bot", {"device_detector_visitorPlatform": "Bot"}),
    *(("no reader's host", {"sp_page_urlhost": f"{host.rstrip('.')}.theglobeandmail.com"}) for host in OTHER_HOSTS[1:]),
    ("no reader's host", {"sp_page_urlhost": "localhost"}),
    ("no page view", {"sp_event_name": "page_ping"}),
    ("no session", {"sp_domain_sessionid": None}),
    ("no reader", {"sp_user_id": " ", "sp_domain_userid": None}),
]


@pytest.mark.parametrize(("rule", "changes"), SKIPPED, ids=lambda value: str(value))
def test_what_is_skipped_and_why(stream, capsys, rule, changes):
    events = stream()
    assert events.put(an_event(**changes)) == []
    assert (events.sent, events.queue.messages, events.measured["SkipEvents"]) == ([], [], 1)
    assert json.loads(capsys.readouterr().out)["by_rule"] == {rule: 1}


def test_every_rule_has_an_example():
    assert {rule for rule, _ in SKIPPED} == {rule.name for rule in RULES}


def test_no_application_named_is_all_of_them(stream):
    events = stream(APP_ID="")
    events.put(an_event(sp_app_id="another"))
    assert len(events.sent) == 1


@pytest.mark.parametrize(
    ("signed_in", "browser", "expected"),
    [("u", "b", "u"), (None, "b", "b"), ("", "b", "b"), (" u ", None, "u"), (None, None, ""), (" ", " ", "")],
)
def test_one_rule_for_the_readers_id(stream, signed_in, browser, expected):
    assert reader_id(signed_in, browser) == expected
    events = stream()
    events.put(an_event(sp_user_id=signed_in, sp_domain_userid=browser))
    assert [call["userId"] for _, call in events.events.calls] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2021-11-02T13:15:00.123Z", "2021-11-02T13:15:00.123+00:00"),
        ("2021-11-02T13:15:00Z", "2021-11-02T13:15:00+00:00"),
        ("2021-11-02T13:15:00.123456Z", "2021-11-02T13:15:00.123456+00:00"),
        ("2021-11-02 13:15:00.123", "2021-11-02T13:15:00.123+00:00"),
        ("2021-11-02T09:15:00-04:00", "2021-11-02T13:15:00+00:00"),
    ],
)
def test_times(text, moment):
    assert moment_of(text) == datetime.fromisoformat(moment).timestamp()


MALFORMED = [
    b"\xff\xfe",
    b"not json",
    b"[1]",
    b"[" * 60_000,
    b'"\\ud800"',
    an_event(sp_derived_tstamp="yesterday"),
    an_event(content_contentId="x" * 257),
    an_event(visitor_type="x" * 1100),
]


@pytest.mark.parametrize("record", MALFORMED, ids=range(len(MALFORMED)))
def test_what_nobody_understands_goes_to_the_queue_and_the_others_go_on(stream, record):
    events = stream()
    assert events.put(EVENT, record, BROWSER_EVENT) == []
    assert [sent["itemId"] for sent in events.sent] == ["A-1", "A-2"]
    (message,) = events.queue.messages
    assert message["stream"] == "news" and message["reason"]
    kept = message["record"].encode() if "record" in message else base64.b64decode(message["record_base64"])
    assert kept == (record if isinstance(record, bytes) else json.dumps(record).encode())
    assert (events.measured["SuccessEvents"], events.measured["FailEvents"]) == (2, 1)


def test_ten_events_of_one_visit_a_call_and_each_tracker_gets_all(stream, dynamodb):
    dynamodb.tables["settings"] = [row("blue", eventTrackerId="b"), row("green", eventTrackerId="g")]
    events = stream()
    records = [an_event(sp_event_id=f"e-{number}") for number in range(25)] + [BROWSER_EVENT]
    assert events.put(*records) == []
    sizes = {(call["trackingId"], call["userId"], len(call["eventList"])) for _, call in events.events.calls}
    assert sizes == {(t, "reader-1", n) for t in "bg" for n in (10, 5)} | {(t, "browser-2", 1) for t in "bg"}
    assert len(events.events.calls) == 8


def test_the_same_event_twice_is_one(stream):
    events = stream()
    events.put(EVENT, EVENT)
    assert len(events.sent) == 1


def test_one_event_that_personalize_refuses_does_not_take_nine_with_it(stream):
    events = stream()
    events.events.poison = "bad"
    records = [an_event(sp_event_id=f"e-{n}", content_contentId="bad" if n == 4 else f"A-{n}") for n in range(10)]
    assert events.put(*records) == []
    assert sorted(sent["itemId"] for sent in events.sent) == [f"A-{n}" for n in range(10) if n != 4]
    (message,) = events.queue.messages
    assert [event["itemId"] for event in message["arguments"]["eventList"]] == ["bad"]
    assert (events.measured["SuccessEvents"], events.measured["FailEvents"]) == (9, 1)


def test_a_busy_personalize_has_the_records_sent_again(stream):
    events = stream()
    events.events.failures = [THROTTLED] * 4
    assert events.put(EVENT) == ["1"]
    assert (events.queue.messages, events.measured["SuccessEvents"]) == ([], 0)
    assert events.put(EVENT) == [] and len(events.sent) == 1


def test_patience_ends_in_the_queue(stream):
    events = stream()
    events.events.failures = [THROTTLED] * 4
    assert events.put(EVENT, age_s=901) == []
    (message,) = events.queue.messages
    assert (message["operation"], message["reason"]) == ("PutEvents", "ThrottlingException")


def test_a_queue_that_is_out_of_order_has_the_records_sent_again(stream):
    events = stream()
    events.queue.error = client_error("ServiceUnavailable", "SendMessageBatch")
    assert events.put(EVENT, b"not json") == ["2"]


def test_without_a_backend_the_batch_is_sent_again(stream):
    with pytest.raises(NoBackendError, match="run the pipeline"):
        stream(TRACKER_ID="").put(EVENT)
    with pytest.raises(NoBackendError, match="run the pipeline"):
        stream("Items", CONTENT_DATASET="").put(ARTICLE)


def test_a_list_that_was_followed_counts_once_and_its_id_goes_to_its_arm(stream, dynamodb):
    dynamodb.tables["settings"] = [row("blue", eventTrackerId="b"), row("green", eventTrackerId="g")]
    dynamodb.put_item(TableName="exposures", Item={"recommendationId": {"S": "RID-1"}, "arm": {"S": "green"}})
    events = stream()
    record = an_event(page_rid="RID-1")
    events.put(record)
    assert events.measured["Conversions"] == 1
    ids = {call["trackingId"]: call["eventList"][0].get("recommendationId") for _, call in events.events.calls}
    assert ids == {"b": None, "g": "RID-1"}
    events.put(record)
    assert "Conversions" not in events.measured


@pytest.mark.parametrize(("dataset", "columns"), [("Interactions", PROPERTY_COLUMNS), ("Items", ITEM_COLUMNS)])
def test_the_mapping_tables_fill_the_datasets_columns_and_no_others(dataset, columns):
    parameters = json.loads((API.parent / "mlops" / "params.json").read_text())
    schema = parse_schema(json.dumps(parameters["datasets"][dataset]["schema"]))
    known = {"USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE"}
    filled = {schema.field_for_property(mapped.column) for mapped in columns}
    assert filled == {field for field in schema.fields if field.name not in known}


def test_an_article_as_personalize_gets_it(stream):
    content = stream("Items")
    assert content.put(ARTICLE) == []
    ((operation, call),) = content.events.calls
    assert (operation, call["datasetArn"]) == (
        "PutItems",
        "arn:aws:personalize:us-east-1:123456789012:dataset/daily/ITEMS",
    )
    assert properties(content) == {
        "CREATION_TIMESTAMP": int(datetime(2021, 11, 2, 9, 15, tzinfo=UTC).timestamp()),
        "ContentText": "The ferry crosses the harbour again, café and all.",
        "Category": "canada",
        "WordCount": 412,
        "Exclude": 0,
    }


@pytest.mark.parametrize(
    ("changes", "exclude"),
    [
        ({}, 0),
        ({"Sponsored": True}, 1),
        ({"Section": "life/horoscopes"}, 1),
        ({"Section": "/life/horoscopes/"}, 1),
        ({"Keywords": ["omit"]}, 1),
        ({"Keywords": ["zerocanada", "x"]}, 1),
        ({"Keywords": ["vomit"]}, 0),
        ({"Keywords": None}, 0),
        ({"Published": False}, 1),
        ({"Published": None, "ContentText": None, "Category": None}, 1),
    ],
)
def test_what_may_not_be_recommended(stream, changes, exclude):
    content = stream("Items")
    content.put({**ARTICLE, **changes})
    assert properties(content)["Exclude"] == exclude


@pytest.mark.parametrize("changes", [{"ContentId": None}, {"Category": ""}, {"ContentText": None}])
def test_what_is_no_article(stream, changes):
    content = stream("Items")
    assert content.put({**ARTICLE, **changes}) == []
    assert (content.sent, content.measured["SkipItems"]) == ([], 1)


@pytest.mark.parametrize(
    ("changes", "created"),
    [
        ({}, "2021-11-02T09:15:00+00:00"),
        ({"PublishedDate": None}, "2021-11-03T00:10:00+00:00"),
        ({"PublishedDate": "?", "UpdatedDate": "?"}, None),
    ],
)
def test_editing_does_not_make_an_article_new(stream, changes, created):
    content = stream("Items")
    content.put({**ARTICLE, **changes})
    expected = datetime.fromisoformat(created).timestamp() if created else NOW_EPOCH_S - 5
    assert properties(content)["CREATION_TIMESTAMP"] == int(expected)


@pytest.mark.parametrize("text", ["x" * 50_000, "é" * 50_000, '\u2028"' * 30_000])
def test_a_long_text_is_cut_to_what_a_call_takes(stream, text):
    content = stream("Items")
    content.put({**ARTICLE, "ContentText": text})
    assert len(content.sent[0]["properties"].encode()) <= MAX_PROPERTIES
    assert 5_000 < len(properties(content)["ContentText"]) <= 20_000


def test_the_latest_of_two_changes_counts_and_ten_articles_are_a_call(stream):
    content = stream("Items")
    late = {**ARTICLE, "Category": "late", "UpdatedDate": "2021-11-02 23:00:00"}
    others = [{**ARTICLE, "ContentId": f"B-{number}"} for number in range(11)]
    content.put(ARTICLE, late, *others)
    assert sorted(len(call["items"]) for _, call in content.events.calls) == [2, 10]
    (kept,) = [json.loads(item["properties"]) for item in content.sent if item["itemId"] == "A-1"]
    assert kept["Category"] == "canada"
