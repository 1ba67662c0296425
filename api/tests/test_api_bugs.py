"""The bugs of the newspaper's API and streams, one test each: none of them comes back.

Source: newspaper system §8.A and §8.S, by their numbers; what the numbers 15 to 21 say of the template is tested on the
template itself.
"""

import json
from collections import Counter
from threading import Barrier

import pytest
from botocore.exceptions import ConnectTimeoutError, ParamValidationError
from recommendations import emf, replies
from recommendations.backends import backend_from_row
from recommendations.conversion import to_recommendation
from recommendations.messages import HttpRequest
from recommendations.meters import METRICS, Measurement
from recommendations.requests import MAX_LIMIT
from recommendations.split import order_for_visitor
from recommendations_fakes import API, client_error
from template_reading import alarms, properties, statements
from test_api_answers import THROTTLED, ids_of, row
from test_api_streams import ARTICLE, EVENT, Stream, an_event

CATEGORY = "art_same_section_mostpopular"


def shares(ratios: dict[str, float]) -> dict[str, float]:
    backends = [backend_from_row(row(name, ratio)) for name, ratio in ratios.items()]
    found = Counter(order_for_visitor(backends, f"r-{n}")[0].name for n in range(4000))
    return {name: count / 4000 for name, count in found.items()}


def test_a01_the_split_is_what_the_ratios_say():
    assert shares({"blue": 100, "green": 0}) == {"blue": 1.0}
    assert shares({"blue": 100, "green": 1})["green"] == pytest.approx(0.01, abs=0.006)
    assert shares({"blue": 90, "green": 10})["green"] == pytest.approx(0.10, abs=0.02)


def test_a02_a_reader_stays_with_one_arm_and_the_reply_says_which(shop, dynamodb):
    dynamodb.tables["settings"] = [row("blue", 50), row("green", 50)]
    arms = {reader: {shop.ask(visitor_id=reader, limit=1)[1][0]["backend"] for _ in range(5)} for reader in "abcdefgh"}
    assert all(len(found) == 1 for found in arms.values()) and len(set.union(*arms.values())) == 2


def test_a03_the_order_is_personalizes_and_is_cut_after_the_exclusions(shop, personalize):
    personalize.answers["daily-unread"] = ["A-9", "A-2", "A-7", "A-1"]
    assert ids_of(shop.ask(limit=3, last_content_ids="A-2")[1]) == ["A-9", "A-7", "A-1"]


def test_a04_unprocessed_keys_are_asked_again_as_keys_and_after_a_wait(shop, dynamodb):
    dynamodb.unprocessed["articles"] = [10, 10]
    assert len(ids_of(shop.ask(limit=20)[1])) == 20
    asked = [call["articles"] for call in dynamodb.calls if "articles" in call]
    assert [len(call["Keys"]) for call in asked] == [20, 10, 10] and len(shop.waits_s) == 2


@pytest.mark.parametrize("section", ["canada", "/canada", "/canada/alberta/", "/", "", None])
def test_a05_any_way_to_write_a_section_is_a_category(shop, personalize, section):
    assert shop.ask(context=CATEGORY, section=section)[0] == 200
    assert personalize.calls[0]["filterValues"] == {"category": '"canada"'}


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"visitor_id":"r"}', b'{"visitor_id":"r","sub_requests":[]}', b'{"sub_requests":[{}]}']
)
def test_a06_bad_input_is_400(shop, body):
    response = shop.send(HttpRequest("POST", "/recommendations", body=body))
    assert (response.status, json.loads(response.body)["code"]) == (400, "InvalidRequest")


@pytest.mark.parametrize(
    "failure", [THROTTLED, ConnectTimeoutError(endpoint_url="x"), ParamValidationError(report="x")]
)
def test_a06_a07_whatever_personalize_does_there_is_a_list(shop, personalize, dynamodb, failure):
    shop.refresh_popular()
    personalize.broken["main"] = failure
    status, body, _ = shop.ask(limit=4)
    assert (status, len(ids_of(body))) == (200, 4)


def test_a07_another_active_backend_answers_for_one_that_is_gone(shop, personalize, dynamodb):
    dynamodb.tables["settings"] = [row("blue"), row("green")]
    personalize.broken["blue"] = client_error("ResourceNotFoundException")
    assert {shop.ask(visitor_id=f"r-{n}", limit=1)[1][0]["backend"] for n in range(8)} == {"green"}


def test_a08_the_settings_are_not_read_for_every_request_and_outlive_an_error(shop, dynamodb, clock):
    dynamodb.tables["settings"] = [row("blue")]
    for _ in range(5):
        shop.ask()
    assert dynamodb.calls.count({"scan": "settings"}) == 1
    dynamodb.errors["settings"] = THROTTLED
    clock.now_s += 60
    assert shop.ask()[1][0]["backend"] == "blue"


def test_a09_the_two_tables_are_asked_side_by_side(shop, dynamodb):
    together, read = Barrier(2, timeout=10), dynamodb.batch_get_item

    def meet(**call):
        together.wait()  # breaks if the other table is only asked afterwards
        return read(**call)

    dynamodb.batch_get_item = meet
    assert len(ids_of(shop.ask(limit=3)[1])) == 3


def test_a10_the_same_call_is_not_made_twice_for_an_empty_list(shop, personalize):
    personalize.answers.update({"daily-category": [], "daily-unread": []})
    shop.ask(context=CATEGORY)
    names = [call.get("filterArn", "").rpartition("/")[2] for call in personalize.calls]
    assert names[:3] == ["daily-category", "daily-unread", ""] and len(set(names)) == 3


def test_a11_an_origin_does_not_leak_into_the_next_answer(shop):
    allowed = shop.ask(origin="https://www.theglobeandmail.com")[2]
    foreign = shop.ask(origin="https://eviltheglobeandmail.com")[2]
    assert allowed["Access-Control-Allow-Origin"] == "https://www.theglobeandmail.com"
    assert "Access-Control-Allow-Origin" not in foreign and foreign["Vary"] == "Origin"


def test_a12_pictures_and_bylines_have_the_shapes_that_pages_read():
    entry = to_recommendation({"Byline": []}, {"PictureRel": [{"url220": "p"}], "StoryRel": ["s"]})
    assert entry["promo_image"]["urls"] == {"220": "p"}
    assert (entry["byline"], entry["story_rel"]) == ("", ["s"])
    assert "story_rel" in replies.article_schema()["required"]


def test_a13_lists_are_lists_and_quotes_are_escaped(shop, personalize):
    shop.ask(context=CATEGORY, include_sections='sports,a"b', last_content_ids="A-0, A-1")
    assert personalize.calls[0]["filterValues"] == {"category": r'"sports","a\"b"'}
    assert ids_of(shop.ask(limit=2, last_content_ids="A-0, A-1")[1]) == ["A-2", "A-3"]


@pytest.mark.parametrize("limit", [0, -1, MAX_LIMIT + 1, "many"])
def test_a14_limits_that_are_none_are_refused_before_anything_is_paid(shop, personalize, limit):
    assert shop.ask(limit=limit)[0] == 400 and personalize.calls == []


def test_a14_the_documented_maximum_can_be_had(shop, personalize, dynamodb):
    ids = [f"A-{number}" for number in range(MAX_LIMIT)]
    personalize.answers["daily-unread"] = ids
    dynamodb.tables["articles"] = [{"ContentId": item} for item in ids]
    assert len(ids_of(shop.ask(limit=MAX_LIMIT)[1])) == MAX_LIMIT


def test_a15_the_key_is_required_and_the_firewall_blocks(template):
    paths = properties(template, "RecommendationsApi")["DefinitionBody"]["paths"]
    assert paths["/recommendations"]["post"]["security"]["If"][2] == [{"key": []}]
    rules = properties(template, "WebAcl")["Rules"]
    assert [rule["OverrideAction"] for rule in rules if "OverrideAction" in rule] == [{"None": {}}] * 3
    assert "Block" in rules[-1]["Action"]


def test_a16_what_is_kept_warm_is_what_is_called(template):
    function = properties(template, "GetRecommendationsFunction")
    assert function["AutoPublishAlias"] == "live"  # SAM's routes call the alias, which has the warm instances
    assert "ProvisionedConcurrencyConfig" in function


def test_a17_no_credentials_of_elsewhere_are_fetched(template):
    assert "sts:" not in json.dumps([statements(template, name) for name in ("GetRecommendations", "PutEvents")])


def test_a18_no_reader_in_the_logs(stream_of, capsys):
    events = stream_of("Events")
    events.events.failures = [client_error("InvalidInputException", message="reader-1")]
    events.put(EVENT, b"reader-1 no json")
    assert "reader-1" not in capsys.readouterr().out


def test_a19_a_change_of_the_routes_is_a_new_deployment(template):
    types = {entry["Type"] for entry in template["Resources"].values()}
    assert "AWS::ApiGateway::Deployment" not in types and "AWS::Serverless::Api" in types  # SAM names it by its content


def test_a20_alarms_watch_what_is_written(template, capsys, monkeypatch):
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "news")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "the-stack")
    emf.write_metrics(Measurement(metric, 1, "blue" if metric.per_arm else "") for metric in METRICS)
    written = {}
    for line in map(json.loads, capsys.readouterr().out.splitlines()):
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        for metric in directive["Metrics"]:
            written[metric["Name"]] = {name: line[name] for name in directive["Dimensions"][0]}
    for alarm in alarms(template).values():
        if alarm["Namespace"] == {"Ref": "MetricsNamespace"}:
            assert written[alarm["MetricName"]] == {"service": "the-stack"}


def test_a20_missing_content_is_counted_from_what_was_recommended(shop, personalize):
    personalize.answers["daily-unread"] = ["A-1", "gone", "A-2"]
    shop.ask(limit=25)
    assert sum(shop.values("MissingContent")) == 1
    assert shop.values("MissingRecommendations") == [23]


def test_a21_log_groups_are_there_before_anything_writes(template):
    groups = [name for name, entry in template["Resources"].items() if entry["Type"] == "AWS::Logs::LogGroup"]
    assert sorted(groups) == ["AccessLogs", "FunctionLogs"]
    assert not [e for e in template["Resources"].values() if e["Type"] in ("AWS::Logs::MetricFilter", "Custom::Logs")]


@pytest.fixture
def stream_of(dynamodb):
    return lambda kind, **environment: Stream(kind, dynamodb, **environment)


def test_s01_signed_in_readers_have_their_own_id_and_others_the_browsers(stream_of):
    events = stream_of("Events")
    events.put(EVENT, an_event(sp_event_id="2", sp_user_id=None))
    assert {call["userId"] for _, call in events.events.calls} == {"reader-1", "browser-1"}


def test_s02_a_record_without_an_id_or_without_json_blocks_nothing(stream_of):
    events = stream_of("Events")
    assert events.put(b"{", an_event(sp_event_id=None), EVENT) == []
    assert (len(events.sent), len(events.queue.messages)) == (1, 1)


def test_s03_an_outage_of_the_settings_drops_nothing(stream_of, dynamodb):
    dynamodb.tables["settings"] = [row("blue")]
    dynamodb.errors["settings"] = THROTTLED
    with pytest.raises(RuntimeError, match="no active backend"):
        stream_of("Events", CAMPAIGN_NAME="").put(EVENT)


def test_s04_a_hundred_records_are_not_a_hundred_calls(stream_of):
    events = stream_of("Events")
    events.put(*(an_event(sp_event_id=str(n)) for n in range(100)))
    assert len(events.events.calls) == 10


def test_s05_a_time_that_cannot_be_read_is_not_now(stream_of):
    events = stream_of("Events")
    events.put(an_event(sp_derived_tstamp="2021-11-02T13:15:00Z"), an_event(sp_event_id="2", sp_derived_tstamp="soon"))
    assert [event["sentAt"] for event in events.sent] == [1635858900] and len(events.queue.messages) == 1


def test_s06_properties_are_columns_of_the_schema_and_nulls_are_left_out(stream_of):
    events = stream_of("Events")
    events.put(EVENT)
    names = set(json.loads(events.sent[0]["properties"]))
    schema = json.loads((API.parent / "mlops" / "params.json").read_text())["datasets"]["Interactions"]["schema"]
    assert names <= {field["name"] for field in schema["fields"]} and "device_detector_browserfamily" not in names


def test_s07_an_edited_article_is_as_old_as_it_was(stream_of):
    content = stream_of("Items")
    content.put({**ARTICLE, "UpdatedDate": "2021-11-03 00:30:00"})
    assert json.loads(content.sent[0]["properties"])["CREATION_TIMESTAMP"] == 1635844500


def test_s08_an_article_that_is_taken_down_is_excluded(stream_of):
    content = stream_of("Items")
    content.put({**ARTICLE, "Published": False, "Keywords": None})
    assert json.loads(content.sent[0]["properties"])["Exclude"] == 1


def test_s09_texts_are_cut_by_bytes(stream_of):
    content = stream_of("Items")
    content.put({**ARTICLE, "ContentText": "日" * 20_000})
    assert len(content.sent[0]["properties"].encode()) <= 32_000


def test_s10_failures_are_counted_as_failures_of_their_stream(stream_of):
    content = stream_of("Items")
    content.events.poison = "A-1"
    content.put(ARTICLE)
    assert (content.measured["FailItems"], content.measured["SuccessItems"]) == (1, 0)
    assert "FailEvents" not in content.measured


def test_s10_the_id_of_a_list_goes_to_the_backend_that_made_it(stream_of, dynamodb):
    dynamodb.tables["settings"] = [row("blue", eventTrackerId="b"), row("green", eventTrackerId="g")]
    dynamodb.put_item(TableName="exposures", Item={"recommendationId": {"S": "RID"}, "arm": {"S": "blue"}})
    events = stream_of("Events")
    events.put(an_event(page_rid="RID"))
    carried = {call["trackingId"]: "recommendationId" in call["eventList"][0] for _, call in events.events.calls}
    assert carried == {"b": True, "g": False}


def test_s11_accents_arrive_and_events_have_their_ids(stream_of):
    content, events = stream_of("Items"), stream_of("Events")
    content.put({**ARTICLE, "ContentText": "café à Montréal"})
    events.put(EVENT)
    assert json.loads(content.sent[0]["properties"])["ContentText"] == "café à Montréal"
    assert events.sent[0]["eventId"] == EVENT["sp_event_id"]


def test_every_number_has_its_test():
    names = " ".join(globals())
    assert all(f"test_a{number:02}" in names for number in range(1, 22))
    assert all(f"test_s{number:02}" in names for number in range(1, 12))
