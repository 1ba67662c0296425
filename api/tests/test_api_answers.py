"""Whole requests: order, chains of filters, fall-backs, errors, headers, logs."""

import json
from types import SimpleNamespace

import pytest
from botocore.exceptions import ReadTimeoutError
from recommendations.settings import Settings
from recommendations_fakes import FUNCTION_ARN, IDS, client_error, post_event

THROTTLED = client_error("ThrottlingException")
NO_FILTER = client_error("InvalidInputException", message="no such filter")
CATEGORY = "art_same_section_mostpopular"


def row(name: str, ratio: int = 100, **changes):
    campaign = f"arn:aws:personalize:us-east-1:123456789012:campaign/{name}"
    context = {"default": {"filter_name": "daily-unread"}}
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
    response = shop.send(proxy_event("post_recommendations"))
    assert response["statusCode"] == 200
    assert response["headers"]["Content-Type"] == "application/json; charset=utf-8"
    assert response["headers"]["Cache-Control"] == "no-store"
    (body,) = json.loads(response["body"])
    assert [entry["content_id"] for entry in body.pop("recommendations")] == ["A-0", "A-1", "A-3"]
    assert body == {
        "request_id": "5f1e9c1a-7d4f-4b8a-9b0e-2f6d3c4b5a69",
        "container_position": 0,
        "widget_id": "recommended-art_same_section_mostpopular",
        "recommendationId": "RID-daily-category",
        "filter_used": "daily-category",
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
    "failure", [THROTTLED, ReadTimeoutError(endpoint_url="x"), client_error("ResourceNotFoundException")]
)
def test_personalize_failing_is_503_with_retry_after(shop, personalize, failure):
    personalize.broken["main"] = failure
    status, body, headers = shop.ask()
    assert (status, body["code"], headers["Retry-After"]) == (503, "RecommendationsUnavailable", "1")
    assert "try again" in body["message"] and body["request_id"] == "req-1"


def test_a_campaign_that_refuses_the_context_is_asked_without_and_remembered(shop, personalize):
    answer = personalize.get_recommendations

    def strict(**call):
        if "context" in call:
            personalize.calls.append(call)
            raise NO_FILTER
        return answer(**call)

    personalize.get_recommendations = strict
    for calls in (4, 1):  # category, unread and none in vain, then category without; after that, without at once
        personalize.calls.clear()
        status, body, _ = shop.ask(limit=2, context=CATEGORY, platform="mobile")
        assert (status, body[0]["filter_used"], len(personalize.calls)) == (200, "daily-category", calls)


def test_a_call_that_is_refused_with_and_without_context_is_503(shop, personalize):
    personalize.broken["main"] = NO_FILTER
    status, body, _ = shop.ask(platform="mobile")
    assert (status, body["code"]) == (503, "RecommendationsUnavailable")
    assert "InvalidInputException" in body["message"]
    assert len(personalize.calls) == 4  # unread and none, twice


def test_a_throttled_top_up_serves_what_there_is(shop, personalize):
    personalize.answers.update({"daily-category": ["A-9"], "daily-unread": THROTTLED})
    status, body, _ = shop.ask(limit=4, context=CATEGORY)
    assert (status, ids_of(body)) == (200, ["A-9"])


def test_no_call_is_begun_after_the_deadline(shop, personalize, clock):
    def slow(**call):
        clock.now_s += 6
        return {"itemList": [], "recommendationId": "RID"}

    personalize.get_recommendations = slow
    status, body, _ = shop.ask(context=CATEGORY)
    assert (status, body["message"]) == (
        503,
        "Amazon Personalize did not answer (out of time): try again in a moment.",
    )


def test_active_rows_take_over_from_the_parameters(shop, personalize, dynamodb):
    dynamodb.tables["settings"] = [row("blue"), {**row("old"), "status": "retired"}]
    shop.ask()
    assert personalize.calls[0]["campaignArn"].endswith("campaign/blue")


def test_rows_that_cannot_serve_leave_it_to_the_parameters(shop, personalize, dynamodb):
    dynamodb.tables["settings"] = [row("blue", 0), row("green", campaignArn=None)]
    shop.ask()
    assert personalize.calls[0]["campaignArn"].endswith("campaign/main")


def test_the_other_active_backend_steps_in(shop, personalize, dynamodb):
    dynamodb.tables["settings"] = [row("blue"), row("green")]
    personalize.broken["blue"] = THROTTLED
    for number in range(20):
        status, body, _ = shop.ask(visitor_id=f"reader-{number}", limit=1)
        assert (status, ids_of(body)) == (200, ["A-0"])
    assert {call["campaignArn"].rpartition("/")[2] for call in personalize.calls} == {"blue", "green"}


def test_the_other_backend_has_its_turn_after_a_slow_one_but_not_after_the_deadline(make_shop, personalize, clock):
    shop = make_shop(deadline_s=8)
    shop.dynamodb.tables["settings"] = [row("blue"), row("green")]
    asked: list[str] = []

    def first_hangs(wait_s: float):
        def answer(**call):
            asked.append(call["campaignArn"].rpartition("/")[2])
            if len(set(asked)) == 1:
                clock.now_s += wait_s
                raise ReadTimeoutError(endpoint_url="x")
            return {"itemList": [{"itemId": "A-1"}], "recommendationId": "RID"}

        return answer

    for wait_s, expected in ((6, 200), (9, 503)):
        asked.clear()
        personalize.get_recommendations = first_hangs(wait_s)
        assert shop.ask(limit=1)[0] == expected


def test_no_backend_at_all(make_shop):
    status, body, headers = make_shop(campaign_name="").ask()
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


def test_content_is_not(shop, dynamodb):
    dynamodb.errors["articles"] = client_error("ThrottlingException", "BatchGetItem")
    status, body, headers = shop.ask()
    assert (status, body["code"], headers["Retry-After"]) == (503, "ContentUnavailable", "1")


def test_a_throttled_content_table_is_asked_again(shop, dynamodb):
    dynamodb.unprocessed = [0, 5, 0]
    _, body, _ = shop.ask(limit=20)
    assert len(ids_of(body)) == 20


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (None, "The body is empty"),
        ("{", "not valid JSON"),
        ('{"visitor_id":"r","sub_requests":[]}', "sub_requests must be a list"),
        ('{"sub_requests":[{}]}', "visitor_id is missing"),
        ('{"visitor_id":"r","sub_requests":[{"limit":-1}]}', "limit must be a whole number"),
        ('{"visitor_id":"r","sub_requests":[{"section":7}]}', "section must be a string"),
    ],
)
def test_bad_input_is_400_and_says_what_to_change(shop, personalize, body, message):
    response = shop.send(post_event(body))
    answer = json.loads(response["body"])
    assert (response["statusCode"], answer["code"], answer["request_id"]) == (400, "InvalidRequest", "req-1")
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
    assert {line["event"] for line in lines} == {"answered", "personalize_failed", "internal_error", "refused"}
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
    response = shop.send(proxy_event("preflight"))
    assert (response["statusCode"], response["body"]) == (204, "")
    assert response["headers"]["Access-Control-Allow-Origin"] == "https://www.theglobeandmail.com"
    assert response["headers"]["Access-Control-Allow-Methods"] == "OPTIONS,POST"
    assert "X-Api-Key" in response["headers"]["Access-Control-Allow-Headers"]


def test_the_handler_is_built_once_and_passes_the_arn(app_module, shop, proxy_event, monkeypatch):
    built = []
    monkeypatch.setattr(app_module, "build_application", lambda settings: built.append(settings) or shop.application)
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    context = SimpleNamespace(invoked_function_arn=FUNCTION_ARN)
    answers = [app_module.lambda_handler(proxy_event("post_recommendations"), context) for _ in range(2)]
    assert [answer["statusCode"] for answer in answers] == [200, 200]
    assert len(built) == 1
    assert built[0].allowed_origins == ("a.example", "b.example")


ENVIRONMENT = {
    "SETTINGS_TABLE": "settings",
    "CONTENT_TABLE": "articles",
    "IMAGE_TABLE": "",
    "CAMPAIGN_NAME": "main",
    "FILTERS_PREFIX": "daily",
    "DEFAULT_CATEGORY": "canada",
    "ALLOWED_ORIGINS": "a.example, b.example",
    "SETTINGS_TTL_S": "15",
    "DEADLINE_S": "5",
}


def test_the_environment_is_read_whole():
    settings = Settings.from_environment(ENVIRONMENT)
    assert (settings.settings_ttl_s, settings.deadline_s, settings.image_table) == (15.0, 5.0, "")
