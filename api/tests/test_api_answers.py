"""Whole requests: order, chains of filters, fall-backs, errors, headers, logs."""

import json

import pytest
from botocore.exceptions import ReadTimeoutError
from recommendations.messages import HttpRequest
from recommendations.personalize import REMEMBERED_S
from recommendations.proxy_events import read_event
from recommendations.settings import Settings
from recommendations_fakes import ENVIRONMENT, IDS, article, client_error

THROTTLED = client_error("ThrottlingException")
NO_FILTER = client_error("InvalidInputException", message="no such filter")
CATEGORY = "art_same_section_mostpopular"


def row(name: str, ratio: int = 100, **changes):
    campaign = f"arn:aws:personalize:us-east-1:123456789012:campaign/{name}"
    context = {"default": {"filter_name": "daily-unread", "limit_time_range": False}}
    return {
        "name": name,
        "status": "active",
        "campaignArn": campaign,
        "trafficRatio": ratio,
        "context": context,
        **changes,
    }


def ids_of(body) -> list[str]:
    return [entry["content_id"] for entry in body[0]["recommendations"]]


def test_a_true_event(shop, proxy_event):
    response = shop.send(read_event(proxy_event("post_recommendations")))
    assert response.status == 200
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    assert response.headers["Cache-Control"] == "private, no-store"
    (body,) = json.loads(response.body)
    assert [entry["content_id"] for entry in body.pop("recommendations")] == ["A-0", "A-1", "A-3"]
    assert body == {
        "request_id": "5f1e9c1a-7d4f-4b8a-9b0e-2f6d3c4b5a69",
        "container_position": 0,
        "widget_id": "recommended-art_same_section_mostpopular",
        "recommendationId": "RID-daily-category",
        "filter_used": "daily-category",
        "backend": "main",
        "source": "personalize",
    }


def test_what_personalize_is_asked(shop, personalize):
    shop.ask(
        limit=3,
        context=CATEGORY,
        section="/technology/",
        platform="mobile",
        visitor_type="subscribed",
        last_content_ids="A-0,A-9",
    )
    assert personalize.calls == [
        {
            "campaignArn": "arn:aws:personalize:us-east-1:123456789012:campaign/main",
            "userId": "reader-1",
            "numResults": 3 + 2 + 10,
            "context": {"device_detector_visitorplatform": "Mobile", "visitor_type": "Subscribed"},
            "filterArn": "arn:aws:personalize:us-east-1:123456789012:filter/daily-category",
            "filterValues": {"category": '"business"'},
        }
    ]


def test_without_platform_and_type_no_context_is_sent(shop, personalize):
    shop.ask()
    assert "context" not in personalize.calls[0]
    assert personalize.calls[0]["filterArn"].endswith("filter/daily-unread")


def test_a_section_with_a_quote_stays_one_value(shop, personalize):
    shop.ask(context=CATEGORY, include_sections='a"b,c')
    assert personalize.calls[0]["filterValues"] == {"category": r'"a\"b","c"'}


def test_the_order_is_personalizes(shop, personalize):
    personalize.answers["daily-unread"] = ["A-7", "A-3", "A-200", "A-1", "A-50"]
    _, body, _ = shop.ask(limit=5)
    assert ids_of(body) == ["A-7", "A-3", "A-200", "A-1", "A-50"]


@pytest.mark.parametrize("limit", [1, 25, 100, 101, 280])
def test_exactly_limit_items(shop, limit):
    _, body, _ = shop.ask(limit=limit, last_content_ids=["A-0", "A-5", "A-6"])
    expected = [item for item in IDS if item not in ("A-0", "A-5", "A-6")][:limit]
    assert ids_of(body) == expected


def test_no_more_than_the_catalogue_has_and_never_more_than_500_asked(shop, personalize):
    _, body, _ = shop.ask(limit=500, last_content_ids=["A-1"])
    assert len(ids_of(body)) == 299
    assert {call["numResults"] for call in personalize.calls} == {500}


def test_items_without_content_are_replaced_by_the_next_ones(shop, personalize):
    personalize.answers["daily-unread"] = ["gone-1", "A-1", "gone-2", "A-2", "A-3", "A-4"]
    _, body, _ = shop.ask(limit=3)
    assert ids_of(body) == ["A-1", "A-2", "A-3"]


def test_duplicates_and_blank_ids_do_no_harm(shop, personalize):
    personalize.answers["daily-unread"] = ["A-1", "A-1", "", "A-2"]
    _, body, _ = shop.ask(limit=4)
    assert ids_of(body) == ["A-1", "A-2"]


def test_a_filter_that_gives_too_little_is_topped_up(shop, personalize):
    personalize.answers["daily-category"] = ["A-9", "A-8"]
    _, body, _ = shop.ask(limit=4, context=CATEGORY)
    assert ids_of(body) == ["A-9", "A-8", "A-0", "A-1"]
    assert body[0]["filter_used"] == "daily-category, daily-unread"
    assert body[0]["recommendationId"] == "RID-daily-category"


def test_excluded_ids_do_not_count_as_enough(shop, personalize):
    personalize.answers["daily-category"] = ["A-9", "A-8"]
    _, body, _ = shop.ask(limit=2, context=CATEGORY, last_content_ids="A-9")
    assert ids_of(body) == ["A-8", "A-0"]


def test_a_filter_that_is_missing_gives_way_to_the_next(shop, personalize):
    personalize.answers["daily-category"] = NO_FILTER
    _, body, _ = shop.ask(limit=2, context=CATEGORY)
    assert (ids_of(body), body[0]["filter_used"]) == (["A-0", "A-1"], "daily-unread")


def test_without_a_filter_only_when_the_filters_gave_nothing(shop, personalize):
    personalize.answers.update({"daily-category": [], "daily-unread": NO_FILTER})
    _, body, _ = shop.ask(limit=2, context=CATEGORY)
    assert (ids_of(body), body[0]["filter_used"]) == (["A-0", "A-1"], "none")
    personalize.answers["daily-unread"] = ["A-5"]
    _, body, _ = shop.ask(limit=2, context=CATEGORY)
    assert (ids_of(body), body[0]["filter_used"]) == (["A-5"], "daily-unread")


def test_the_same_filter_is_not_asked_twice(shop, personalize):
    personalize.answers["daily-unread"] = []
    shop.ask(context="art_mostpopular")
    assert [call.get("filterArn", "").rpartition("/")[2] for call in personalize.calls] == ["daily-unread", ""]


def test_nothing_anywhere_is_an_empty_list(shop, personalize):
    personalize.answers.clear()
    status, body, _ = shop.ask()
    assert (status, body[0]["recommendations"], body[0]["filter_used"]) == (200, [], "")


@pytest.mark.parametrize(
    "failure", [THROTTLED, ReadTimeoutError(endpoint_url="x"), client_error("ResourceNotFoundException"), NO_FILTER]
)
def test_personalize_failing_is_the_popular_list_and_503_only_where_there_is_none(make_shop, personalize, failure):
    for has_list in (False, True):
        shop = make_shop()
        personalize.broken.clear()
        assert not has_list or shop.refresh_popular() == 100
        personalize.broken["main"] = failure
        status, body, headers = shop.ask(limit=3, last_content_ids="A-1")
        if has_list:
            assert (status, ids_of(body)) == (200, ["A-0", "A-2", "A-3"])
            assert (body[0]["source"], body[0]["filter_used"], body[0]["backend"]) == ("popular", "popular", "")
            assert (body[0]["recommendationId"], shop.values("FallbackLists")) == ("", [1])
        else:
            assert (status, body["code"], headers["Retry-After"]) == (503, "RecommendationsUnavailable", "1")
            assert "try again" in body["message"] and body["request_id"] == "req-1"


def test_what_was_served_lately_is_a_list_to_fall_back_on(shop, personalize, dynamodb):
    shop.ask(limit=5)
    personalize.broken["main"] = THROTTLED
    status, body, _ = shop.ask(visitor_id="reader-2", limit=3)
    assert (status, len(ids_of(body)), body[0]["source"]) == (200, 3, "popular")


def test_the_popular_list_begins_with_the_sections_of_the_page(make_shop, personalize, dynamodb):
    dynamodb.tables["articles"] = [article(n, Category="sports" if n % 2 else "arts") for n in range(300)]
    shop = make_shop()
    shop.refresh_popular()
    personalize.broken["main"] = THROTTLED
    _, body, _ = shop.ask(limit=60, section="/sports/")
    assert [entry["category"] for entry in body[0]["recommendations"]] == ["sports"] * 50 + ["arts"] * 10


def test_the_stored_popular_list_serves_new_instances_and_outlives_a_failing_table(make_shop, personalize, dynamodb):
    make_shop().refresh_popular()
    new = make_shop()
    personalize.broken["main"] = THROTTLED
    assert len(ids_of(new.ask(limit=7)[1])) == 7
    dynamodb.errors["fallback"] = client_error("ThrottlingException", "GetItem")
    new.clock.now_s += 3600
    assert len(ids_of(new.ask(limit=7)[1])) == 7


def test_a_campaign_that_refuses_the_context_is_asked_without_and_remembered_for_a_while(shop, personalize, clock):
    answer = personalize.get_recommendations

    def strict(**call):
        if "context" in call:
            personalize.calls.append(call)
            raise NO_FILTER
        return answer(**call)

    personalize.get_recommendations = strict
    for passed_s, calls in ((0, 2), (0, 1), (REMEMBERED_S, 2)):  # with the context in vain and without; without at once
        personalize.calls.clear()
        clock.now_s += passed_s
        status, body, _ = shop.ask(limit=2, context=CATEGORY, platform="mobile")
        assert (status, body[0]["filter_used"], len(personalize.calls)) == (200, "daily-category", calls)


def test_a_throttled_top_up_serves_what_there_is(shop, personalize):
    personalize.answers.update({"daily-category": ["A-9"], "daily-unread": THROTTLED})
    status, body, _ = shop.ask(limit=4, context=CATEGORY)
    assert (status, ids_of(body)) == (200, ["A-9"])


def test_active_rows_take_over_from_the_parameters(shop, personalize, dynamodb):
    dynamodb.tables["settings"] = [row("blue"), {**row("old"), "status": "retired"}]
    _, body, _ = shop.ask()
    assert personalize.calls[0]["campaignArn"].endswith("campaign/blue")
    assert body[0]["backend"] == "blue"
    assert [(m.metric.name, m.arm) for m in shop.measured if m.arm] == [("Exposures", "blue")]


def test_rows_that_cannot_serve_leave_it_to_the_parameters(shop, personalize, dynamodb):
    dynamodb.tables["settings"] = [row("blue", 0), row("green", campaignArn=None)]
    shop.ask()
    assert personalize.calls[0]["campaignArn"].endswith("campaign/main")


def test_the_other_active_backend_steps_in(shop, personalize, dynamodb):
    dynamodb.tables["settings"] = [row("blue"), row("green")]
    personalize.broken["blue"] = THROTTLED
    for number in range(20):
        status, body, _ = shop.ask(visitor_id=f"reader-{number}", limit=1)
        assert (status, ids_of(body), body[0]["backend"]) == (200, ["A-0"], "green")
    asked = [call["campaignArn"].rpartition("/")[2] for call in personalize.calls]
    assert 1 <= asked.count("blue") <= 5  # after five failures in a row it is left alone


def test_no_backend_at_all(make_shop):
    status, body, headers = make_shop(CAMPAIGN_NAME="").ask()
    assert (status, body["code"], headers["Retry-After"]) == (503, "NoActiveBackend", "60")
    assert "run the pipeline" in body["message"]


def test_settings_are_remembered_and_read_again(shop, personalize, dynamodb, clock):
    shop.ask()
    shop.ask()
    assert dynamodb.calls.count({"scan": "settings"}) == 1
    dynamodb.tables["settings"] = [row("blue")]
    clock.now_s += 16
    shop.ask()
    assert personalize.calls[-1]["campaignArn"].endswith("campaign/blue")


def test_every_page_of_the_settings_is_read(shop, personalize, dynamodb):
    dynamodb.page_size = 1
    dynamodb.tables["settings"] = [{**row("old"), "status": "retired"}, row("blue")]
    shop.ask()
    assert personalize.calls[0]["campaignArn"].endswith("campaign/blue")


def test_known_settings_outlive_a_failing_table_but_not_a_deleted_one(shop, personalize, dynamodb, clock):
    dynamodb.tables["settings"] = [row("blue")]
    shop.ask()
    for error, campaign in (("ThrottlingException", "blue"), ("ResourceNotFoundException", "main")):
        clock.now_s += 16
        dynamodb.errors["settings"] = client_error(error, "Scan")
        shop.ask()
        assert personalize.calls[-1]["campaignArn"].endswith(f"campaign/{campaign}")


def test_pictures_come_from_the_image_table(shop, dynamodb):
    dynamodb.tables["images"] = [{"ContentID": "A-1", "PictureRel": [{"url220": "https://img/1.jpg"}]}]
    _, body, _ = shop.ask(limit=2)
    first, second = body[0]["recommendations"]
    assert first["promo_image"] == {"urls": {}}
    assert second["promo_image"] == {"urls": {"220": "https://img/1.jpg"}}


def test_images_are_optional(shop, dynamodb):
    dynamodb.errors["images"] = client_error("ResourceNotFoundException", "BatchGetItem")
    status, body, _ = shop.ask(limit=2)
    assert (status, ids_of(body)) == (200, ["A-0", "A-1"])


def test_content_is_not_and_articles_of_before_step_in(make_shop, dynamodb, clock):
    shop = make_shop(CONTENT_TTL_S=10)
    failing = client_error("ThrottlingException", "BatchGetItem")
    dynamodb.errors["articles"] = failing
    status, body, headers = shop.ask()
    assert (status, body["code"], headers["Retry-After"]) == (503, "ContentUnavailable", "1")
    dynamodb.errors.clear()
    assert shop.ask(limit=2)[0] == 200
    dynamodb.errors["articles"] = failing
    clock.now_s += 60
    status, body, _ = shop.ask(limit=2)
    assert (status, ids_of(body), body[0]["source"]) == (200, ["A-0", "A-1"], "personalize")


def test_articles_are_remembered_for_a_while(make_shop, dynamodb, clock):
    shop = make_shop(CONTENT_TTL_S=10)
    for wait_s, reads in ((0, 2), (5, 0), (6, 2)):  # the articles and the pictures, or nothing
        clock.now_s += wait_s
        dynamodb.calls.clear()
        shop.ask(limit=2)
        assert sum("articles" in call or "images" in call for call in dynamodb.calls) == reads


def test_a_throttled_content_table_is_asked_again(shop, dynamodb):
    dynamodb.unprocessed["articles"] = [5]
    _, body, _ = shop.ask(limit=20)
    assert len(ids_of(body)) == 20


def test_many_articles_without_content_are_made_up_for(shop, personalize):
    personalize.answers["daily-unread"] = [f"gone-{n}" for n in range(40)] + IDS
    status, body, _ = shop.ask(limit=10)
    assert (status, ids_of(body)) == (200, IDS[:10])


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "The body is empty"),
        (b"{", "not valid JSON"),
        (b'{"visitor_id":"r","sub_requests":[]}', "sub_requests must be a list"),
        (b'{"sub_requests":[{}]}', "visitor_id is missing"),
        (b'{"visitor_id":"r","sub_requests":[{"limit":-1}]}', "limit must be a whole number"),
        (b'{"visitor_id":"r","sub_requests":[{"section":7}]}', "section must be a string"),
    ],
)
def test_bad_input_is_400_and_says_what_to_change(shop, personalize, body, message):
    response = shop.send(HttpRequest("POST", "/recommendations", body=body, request_id="req-1"))
    answer = json.loads(response.body)
    assert (response.status, answer["code"], answer["request_id"]) == (400, "InvalidRequest", "req-1")
    assert message in answer["message"]
    assert personalize.calls == []


def test_our_own_fault_is_500_and_logged_with_its_stack(shop, personalize, capsys):
    personalize.answers["daily-unread"] = ZeroDivisionError("about reader-1")
    status, body, _ = shop.ask()
    (line,) = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "internal_error" in line]
    assert (status, body["code"]) == (500, "InternalError")
    assert line["error"] == "ZeroDivisionError"
    assert any("recommender.py" in frame for frame in line["stack"])


def test_no_visitor_in_the_logs(shop, personalize, capsys):
    secret = "visitor-in-person"
    for answer in (IDS, client_error("InvalidInputException", message=secret), ValueError(secret)):
        personalize.answers["daily-unread"] = answer
        shop.ask(visitor_id=secret)
    shop.ask(visitor_id=secret, limit=secret)
    logged = capsys.readouterr().out
    lines = [json.loads(line) for line in logged.splitlines()]
    assert {line["event"] for line in lines} == {"answered", "call_refused", "internal_error", "refused"}
    assert secret not in logged


def test_each_answer_has_its_own_headers(shop):
    _, _, first = shop.ask(origin="https://www.theglobeandmail.com")
    _, _, second = shop.ask(origin="https://elsewhere.example")
    _, _, third = shop.ask()
    assert first["Access-Control-Allow-Origin"] == "https://www.theglobeandmail.com"
    assert "Access-Control-Allow-Origin" not in second | third
    assert first["Vary"] == second["Vary"] == third["Vary"] == "Origin"


def test_errors_carry_the_origin_too(shop):
    status, _, headers = shop.ask(limit=0, origin="http://localhost:8000")
    assert (status, headers["Access-Control-Allow-Origin"]) == (400, "http://localhost:8000")


def test_preflight(shop, proxy_event):
    response = shop.send(read_event(proxy_event("preflight")))
    assert (response.status, response.body) == (204, b"")
    assert response.headers["Access-Control-Allow-Origin"] == "https://www.theglobeandmail.com"
    assert response.headers["Access-Control-Allow-Methods"] == "OPTIONS,POST"
    assert "X-Api-Key" in response.headers["Access-Control-Allow-Headers"]


def test_unknown_paths_and_methods(shop):
    status, body, _ = shop.call("GET", "/nowhere")
    assert (status, body["code"]) == (404, "UnknownRoute")
    status, body, headers = shop.call("DELETE", "/related")
    assert (status, body["code"], headers["Allow"]) == (405, "WrongMethod", "OPTIONS, POST, GET")


def test_the_handler_is_built_once_and_writes_metrics(app_module, shop, proxy_event, monkeypatch, capsys):
    built = []
    monkeypatch.setattr(app_module, "build_application", lambda settings: built.append(settings) or shop.application)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "news")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "api")
    answers = [app_module.lambda_handler(proxy_event("post_recommendations"), None) for _ in range(2)]
    assert [answer["statusCode"] for answer in answers] == [200, 200]
    assert len(built) == 1
    assert built[0].allowed_origins == ("theglobeandmail.com", "http://localhost:8000")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    (general, arm), (directive,) = lines[:2], lines[1]["_aws"]["CloudWatchMetrics"]
    assert general["service"] == "api" and general["ReturnRecommendations"] == [3.0]
    assert (arm["Arm"], arm["Exposures"]) == ("main", [1.0])
    assert (directive["Namespace"], sorted(directive["Dimensions"][0])) == ("news", ["Arm", "service"])


def test_settings_that_cannot_be_stop_the_start():
    for name, value in (("DEADLINE_MS", "soon"), ("AUTO_CONTEXT", "a=weather")):
        with pytest.raises(ValueError, match=f"{name}="):
            Settings.from_environment({name: value})
