"""What comes first and why: age limits, the automatic context, metadata from Personalize, hooks."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recommendations.auto_context import context_values, read_table
from recommendations.post_ranking import load_hook, section_limit
from recommendations.requests import RecommendationsRequest
from recommendations_fakes import IDS, NOW_EPOCH_S, article
from test_api_answers import ids_of, row

OLD, NEW = "2021-10-20 06:00:00", "2021-11-02 06:00:00"  # now is 2021-11-03 00:40
CATEGORY = "art_same_section_mostpopular"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"


def dated(number: int) -> dict:
    return article(number, PublishedDate=OLD if number % 2 else NEW)


def with_filter(dynamodb, **entry):
    context = {"default": {"filter_name": "daily-unread"}, CATEGORY: {"filter_name": "daily-category", **entry}}
    dynamodb.tables["settings"] = [row("blue", context=context)]


def test_recent_articles_come_first_where_the_filter_wants_them(shop, dynamodb):
    dynamodb.tables["articles"] = [dated(number) for number in range(300)]
    with_filter(dynamodb, limit_time_range=True)
    _, body, _ = shop.ask(limit=3, context=CATEGORY)
    assert (ids_of(body), body[0]["filter_used"]) == (["A-0", "A-2", "A-4"], "daily-category")


def test_older_ones_top_up_and_the_reply_says_so(shop, personalize, dynamodb):
    dynamodb.tables["articles"] = [dated(number) for number in range(300)]
    personalize.answers["daily-category"] = ["A-1", "A-2", "A-3", "A-4"]
    with_filter(dynamodb, limit_time_range=True)
    _, body, _ = shop.ask(limit=3, context=CATEGORY)
    assert ids_of(body) == ["A-2", "A-4", "A-1"]
    assert body[0]["filter_used"] == "daily-category, daily-category (any age)"
    assert shop.values("ReturnBackupRecommendations") == [1]


@pytest.mark.parametrize(("section", "recent"), [("/sports/", True), ("/arts/", False)])
def test_sections_may_force_recent_articles(shop, dynamodb, section, recent):
    dynamodb.tables["articles"] = [dated(number) for number in range(300)]
    with_filter(dynamodb, limit_time_range=False, include_time_range_for_sections=["sports"])
    _, body, _ = shop.ask(limit=2, context=CATEGORY, section=section)
    assert ids_of(body) == (["A-0", "A-2"] if recent else ["A-0", "A-1"])


def test_a_filter_with_the_parameter_gets_the_limit_and_then_any_age(shop, personalize, dynamodb):
    with_filter(dynamodb, filter_values=["category", "minTimestamp"], filter_days_limit=2)
    personalize.answers["daily-category"] = ["A-1"]
    _, body, _ = shop.ask(limit=3, context=CATEGORY, section="news")
    values = [call.get("filterValues") for call in personalize.calls]
    assert values[:2] == [
        {"category": '"canada"', "minTimestamp": str(int(NOW_EPOCH_S - 2 * 86400))},
        {"category": '"canada"', "minTimestamp": "0"},
    ]
    assert body[0]["filter_used"] == "daily-category, daily-unread"


def test_headers_fill_the_context_and_the_page_wins(make_shop, personalize):
    table = "device_detector_visitorplatform=device,visitor_countrycode=country,hour=hour"
    shop = make_shop(AUTO_CONTEXT=table)
    headers = {
        "user-agent": PHONE,
        "cloudfront-viewer-country": "ca",
        "cloudfront-viewer-time-zone": "America/Los_Angeles",
    }
    shop.ask(headers=headers)
    assert personalize.calls[-1]["context"] == {
        "device_detector_visitorplatform": "Mobile",
        "visitor_countrycode": "CA",
        "hour": "17",  # 00:40 UTC is 17:40 of the day before in Los Angeles
    }
    shop.ask(headers=headers, platform="desktop")
    assert personalize.calls[-1]["context"]["device_detector_visitorplatform"] == "Desktop"


@pytest.mark.parametrize(
    ("headers", "device"),
    [
        ({"cloudfront-is-tablet-viewer": "true", "cloudfront-is-mobile-viewer": "true"}, "Tablet"),
        ({"cloudfront-is-mobile-viewer": "true"}, "Mobile"),
        ({"cloudfront-is-desktop-viewer": "true", "user-agent": PHONE}, "Desktop"),
        ({"user-agent": PHONE}, "Mobile"),
        ({"user-agent": "Mozilla/5.0 (iPad; CPU OS 17_0)"}, "Tablet"),
        ({"user-agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"}, "Desktop"),
        ({"user-agent": "Googlebot/2.1"}, ""),
        ({"user-agent": "curl/8.5.0"}, ""),
        ({}, ""),
    ],
)
def test_devices(headers, device):
    found = dict(context_values({"d": "device"}, headers, NOW_EPOCH_S))
    assert found.get("d", "") == device


@pytest.mark.parametrize("zone", ["", "Nowhere/Land", "../etc", "\x00"])
def test_a_time_zone_that_is_none_tells_no_hour(zone):
    assert context_values({"h": "hour"}, {"cloudfront-viewer-time-zone": zone}, NOW_EPOCH_S) == ()


@pytest.mark.parametrize("country", ["", "C", "CAN", "C1"])
def test_a_country_that_is_none(country):
    assert context_values({"c": "country"}, {"cloudfront-viewer-country": country}, NOW_EPOCH_S) == ()


def test_a_table_that_names_no_source():
    with pytest.raises(ValueError, match="'weather' is no source of context: use device, country, hour"):
        read_table("a=weather")


def test_metadata_may_come_from_personalize_instead_of_the_table(make_shop, personalize, dynamodb):
    shop = make_shop(METADATA_COLUMNS="CATEGORY,WORD_COUNT,CREATION_TIMESTAMP")
    metadata = {"CATEGORY": "arts", "WORD_COUNT": "412", "CREATION_TIMESTAMP": "1635811200"}

    def answer(**call):
        personalize.calls.append(call)
        return {"itemList": [{"itemId": "A-1", "metadata": metadata}], "recommendationId": "RID"}

    personalize.get_recommendations = answer
    _, body, _ = shop.ask(limit=1)
    entry = body[0]["recommendations"][0]
    assert personalize.calls[0]["metadataColumns"] == {"ITEMS": ["CATEGORY", "WORD_COUNT", "CREATION_TIMESTAMP"]}
    assert (entry["content_id"], entry["category"], entry["word_count"]) == ("A-1", "arts", 412)
    assert entry["published_at"] == "2021-11-02 00:00:00"
    assert not [call for call in dynamodb.calls if "articles" in call]
    assert shop.ask(limit=100)[0] == 200 and personalize.calls[-1]["numResults"] == 50


def test_no_more_than_n_of_a_section_in_each_ten(make_shop, dynamodb):
    dynamodb.tables["articles"] = [article(n, Category="sports" if n < 20 else f"c{n}") for n in range(300)]
    _, body, _ = make_shop(MAX_SECTION_ITEMS=2).ask(limit=10)
    assert ids_of(body) == ["A-0", "A-1", *IDS[20:28]]


@given(st.lists(st.sampled_from("abc"), max_size=40), st.integers(1, 5))
def test_the_limit_of_a_section_loses_and_invents_nothing(categories, most):
    articles = [{"content_id": str(n), "category": category} for n, category in enumerate(categories)]
    ordered = section_limit(most)(articles, RecommendationsRequest("r"))
    assert sorted(ordered, key=lambda a: int(a["content_id"])) == articles
    counts = Counter(categories)
    if sum(min(counts[category], most) for category in "bc") >= 10 - most:  # the others can fill the rest of a ten
        assert sum(a["category"] == "a" for a in ordered[:10]) <= most


def test_a_hook_of_ones_own():
    assert load_hook("") is None
    assert load_hook("recommendations.post_ranking:section_limit") is section_limit
    for wrong in ("nowhere:f", "recommendations.post_ranking:nothing", "recommendations.post_ranking:WINDOW"):
        with pytest.raises((ImportError, AttributeError, ValueError)):
            load_hook(wrong)
