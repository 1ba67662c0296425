"""Backends, the split of the visitors over them, filters and their values."""

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recommendations.backends import (
    Backend,
    FilterRule,
    NamedResources,
    backend_from_parameters,
    backend_from_row,
    weight_of,
)
from recommendations.errors import InvalidRequestError
from recommendations.filter_values import filter_values, quote_values
from recommendations.sections import categories_of, section_of
from recommendations.split import order_for_visitor

CAMPAIGN = "arn:aws:personalize:us-east-1:123456789012:campaign/daily-live"
ROW = {
    "name": "daily",
    "status": "active",
    "campaignArn": CAMPAIGN,
    "trafficRatio": Decimal(25),
    "context": {
        "default": {"filter_name": "daily-fresh", "limit_time_range": True},
        "topics": {"filter_name": "daily-topic", "filter_values": ["category"], "filterExpression": "INCLUDE …"},
        "broken": {"name": "no filter_name"},
    },
}
VISITORS = [f"reader-{number}" for number in range(20_000)]


def arm(name: str, weight: float) -> Backend:
    return Backend(name, CAMPAIGN, weight, {})


def shares(*backends: Backend) -> dict[str, float]:
    firsts = Counter(order_for_visitor(backends, visitor)[0].name for visitor in VISITORS)
    return {name: count / len(VISITORS) for name, count in firsts.items()}


def test_a_row_of_the_settings_table():
    backend = backend_from_row(ROW)
    assert backend is not None
    assert (backend.name, backend.campaign_arn, backend.weight) == ("daily", CAMPAIGN, 25.0)
    assert backend.filters == {
        "default": FilterRule("daily-fresh", recent_only=True),
        "topics": FilterRule("daily-topic", ("category",), recent_only=True),
    }
    assert backend.filter_arn(FilterRule("daily-topic")) == (
        "arn:aws:personalize:us-east-1:123456789012:filter/daily-topic"
    )


@pytest.mark.parametrize("campaign", [None, "", "campaign/x", 7])
def test_a_row_without_a_campaign_cannot_serve(campaign: Any):
    assert backend_from_row({**ROW, "campaignArn": campaign}) is None


def test_how_old_a_filters_articles_may_be():
    entry = {"filter_name": "f", "limit_time_range": False, "include_time_range_for_sections": ["sports"]}
    rule = backend_from_row({**ROW, "context": {"default": entry | {"filter_days_limit": Decimal("1.5")}}}).filters[
        "default"
    ]
    assert (rule.wants_recent(("arts",)), rule.wants_recent(("sports",)), rule.days) == (False, True, 1.5)
    asked = {"filter_name": "f", "filterExpression": "INCLUDE ItemID WHERE Items.CREATION_TIMESTAMP > $minTimestamp"}
    assert backend_from_row({**ROW, "context": {"default": asked}}).filters["default"].parameters == ("minTimestamp",)


@pytest.mark.parametrize("context", [None, [], "x", {"default": None}])
def test_a_row_without_filters_serves_unfiltered(context: Any):
    backend = backend_from_row({**ROW, "context": context})
    assert backend is not None and backend.filter_chain("topics") == ()


@pytest.mark.parametrize(
    ("value", "weight"),
    [(Decimal("0.5"), 0.5), ("10", 10.0), (None, 1.0), (0, 0.0), (-1, 0.0), ("x", 0.0), ("nan", 0.0), ("inf", 0.0)],
)
def test_traffic_ratios(value: Any, weight: float):
    assert weight_of(value) == weight


def test_the_stacks_parameters_name_a_backend_in_the_functions_account():
    named = NamedResources("live", "daily", "track", "daily/ITEMS", "alike", "")
    backend = backend_from_parameters(named, "arn:aws-cn:personalize:cn-north-1:000000000000")
    assert backend is not None
    assert backend.campaign_arn == "arn:aws-cn:personalize:cn-north-1:000000000000:campaign/live"
    assert backend.related_arn == "arn:aws-cn:personalize:cn-north-1:000000000000:campaign/alike"
    assert backend.dataset_arn == "arn:aws-cn:personalize:cn-north-1:000000000000:dataset/daily/ITEMS"
    assert (backend.ranking_arn, backend.tracker_id) == ("", "track")
    assert backend.filter_chain("art_same_section_mostpopular") == (
        FilterRule("daily-category", ("category",)),
        FilterRule("daily-unread"),
    )
    assert backend.filter_chain("art_mostpopular") == (FilterRule("daily-unread"),)
    assert backend.filter_arn(FilterRule("daily-unread")).startswith("arn:aws-cn:personalize:cn-north-1:")


def test_empty_parameters_name_no_backend_or_no_filter():
    assert backend_from_parameters(NamedResources(filters_prefix="daily"), "arn") is None
    unfiltered = backend_from_parameters(NamedResources(campaign="live"), "arn")
    assert unfiltered is not None and unfiltered.filter_chain("default") == ()


@pytest.mark.parametrize("weights", [(50, 50), (100, 1), (90, 10), (1, 1, 2), (0.2, 0.8)])
def test_weights_mean_what_they_say(weights: tuple[float, ...]):
    found = shares(*(arm(f"arm-{number}", weight) for number, weight in enumerate(weights)))
    for number, weight in enumerate(weights):
        assert found.get(f"arm-{number}", 0) == pytest.approx(weight / sum(weights), abs=0.012)


def test_weight_zero_is_no_traffic_not_even_as_a_stand_in():
    assert [b.name for b in order_for_visitor([arm("blue", 100), arm("green", 0)], "reader")] == ["blue"]
    assert order_for_visitor([arm("blue", 0)], "reader") == []


def test_a_visitor_stays_whatever_the_order_of_the_rows():
    blue, green = arm("blue", 60), arm("green", 40)
    for visitor in VISITORS[:500]:
        assert order_for_visitor([blue, green], visitor) == order_for_visitor([green, blue], visitor)


def test_raising_a_weight_only_moves_visitors_to_it():
    before = [arm("blue", 90), arm("green", 10)]
    after = [arm("blue", 90), arm("green", 30)]
    moves = {(order_for_visitor(before, v)[0].name, order_for_visitor(after, v)[0].name) for v in VISITORS}
    assert moves == {("blue", "blue"), ("blue", "green"), ("green", "green")}


def test_values_are_quoted_and_escaped():
    assert quote_values(("canada",)) == '"canada"'
    assert quote_values(('a"b', "c\\d", "e,f")) == r'"a\"b","c\\d","e,f"'


@given(st.lists(st.text(min_size=1), min_size=1))
def test_personalize_reads_back_the_values(values: list[str]):
    spec = pytest.importorskip("personalize_spec.filters.values")
    assert spec.parse_filter_value(quote_values(tuple(values))) == tuple(values)


def test_values_only_for_the_parameters_that_the_filter_has():
    rule = FilterRule("topic", ("category", "weather"))
    assert filter_values(rule, ("business", "sports")) == {"category": '"business","sports"'}
    assert filter_values(FilterRule("plain"), ("canada",)) == {}
    assert filter_values(FilterRule("fresh", ("minTimestamp",)), ("canada",), 17) == {"minTimestamp": "17"}


def test_too_many_sections_are_the_callers_fault():
    sections = tuple(f"section-{number}" for number in range(100))
    with pytest.raises(InvalidRequestError, match="include_sections names too many sections"):
        filter_values(FilterRule("topic", ("category",)), sections)


@pytest.mark.parametrize(
    ("section", "category"),
    [
        ("technology", "business"),
        ("report-on-business", "business"),
        ("globe-investor", "investing"),
        ("news", "canada"),
        ("globe-drive", "drive"),
        ("arts", "arts"),
    ],
)
def test_aliases(section: str, category: str):
    assert categories_of((section,), "canada") == (category,)


def test_the_default_category_and_doubles():
    assert categories_of((), "world") == ("world",)
    assert categories_of(("technology", "report-on-business"), "x") == ("business",)


@pytest.mark.parametrize(
    ("path", "section"),
    [("/canada/alberta/", "canada"), ("canada", "canada"), ("/", ""), ("", ""), ("//arts", "arts"), (" / ", "")],
)
def test_section_of(path: str, section: str):
    assert section_of(path) == section
