"""The guard's rules over any usage: properties of the forecast, the decisions and the money."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from personalize_monitor.forecast import forecast_by_hour, needed_tps
from personalize_monitor.guard import Action, Decision, Memory, decide
from personalize_monitor.money import cost_of
from personalize_monitor.notices import outcome
from personalize_monitor.resources import Server
from personalize_monitor.run import next_memory
from personalize_monitor.settings import Settings
from personalize_monitor.usage import WINDOW_S, Usage, last_window

from personalize_spec.prices import PriceTable, override_prices, tiered_cost

NOW = datetime(2026, 5, 15, 12, tzinfo=UTC)
START = NOW - timedelta(days=14)
ARN = "arn:aws:personalize:us-east-1:123456789012:campaign/front"
SERVER = Server(
    ARN, "campaign", "front", "arn:aws:personalize:us-east-1:123456789012:dataset-group/news",
    "aws-user-personalization-v2", 10, "ACTIVE", NOW - timedelta(days=60), NOW - timedelta(days=60),
)  # fmt: skip
SETTINGS = Settings("watch", "us-east-1", adjust_min_tps="Yes", delete_idle="Yes")
NOBODY: frozenset[str] = frozenset()
requests = st.dictionaries(st.integers(0, 14 * 288 - 1), st.floats(1, 60_000), max_size=40)


def usage(windows: dict[int, float]) -> Usage:
    return Usage(START, NOW, {START + timedelta(minutes=5 * number): count for number, count in windows.items()})


@given(requests, st.integers(1, 500))
def test_a_minimum_is_never_set_below_what_was_used(windows: dict[int, float], min_tps: int) -> None:
    decision = decide(replace(SERVER, min_tps=min_tps), usage(windows), Memory(), NOBODY, SETTINGS, NOW)
    if decision.new_min_tps is not None:
        assert decision.new_min_tps >= max(1, usage(windows).peak_tps - 1e-6)


@given(requests)
def test_a_server_that_served_a_request_is_neither_warned_of_nor_removed(windows: dict[int, float]) -> None:
    memory = Memory(warned_at=NOW - timedelta(days=3))
    action = decide(SERVER, usage(windows), memory, NOBODY, SETTINGS, NOW).action
    assert (action in (Action.WARN, Action.REMOVE)) == (not windows)


@given(requests)
def test_the_forecast_has_each_hour_and_covers_its_busiest_window(windows: dict[int, float]) -> None:
    forecast = forecast_by_hour(usage(windows))
    for number, count in windows.items():
        at = START + timedelta(minutes=5 * number)
        assert forecast[at.hour] >= count / WINDOW_S
    assert needed_tps(usage(windows)) == max(1, math.ceil(max(forecast) - 1e-9))


@given(st.floats(0, 1000), st.integers(1, 500), st.integers(1, 500))
def test_what_is_charged_is_used_or_wasted(used_tps: float, min_tps: int, found: int) -> None:
    cost = cost_of(replace(SERVER, min_tps=min_tps), used_tps, PriceTable(), found)
    assert cost.charged == pytest.approx(cost.used + cost.wasted)
    assert cost.wasted >= -1e-9
    assert (cost.saved >= -1e-9) if found >= min_tps else (cost.saved <= 1e-9)


@given(st.integers(0, 3_600 * 48))
def test_the_last_window_is_over(seconds: int) -> None:
    now = NOW + timedelta(seconds=seconds)
    age = now - last_window(now)
    assert timedelta(minutes=7) <= age < timedelta(minutes=12)


KEPT: tuple[tuple[dict[str, Any], frozenset[str] | None, str], ...] = (
    ({}, frozenset([ARN]), "busiest five minutes"),
    ({}, None, "busiest five minutes"),
    ({"created_at": NOW - timedelta(hours=23)}, NOBODY, "whole week"),
    ({"updated_at": NOW - timedelta(hours=23)}, NOBODY, "less than a day ago"),
    ({"status": "DELETE PENDING"}, NOBODY, "being changed"),
    ({"update_status": "CREATE IN_PROGRESS"}, NOBODY, "being changed"),
    ({"recipe_name": "aws-next-best-action"}, NOBODY, "no metric"),
)


@pytest.mark.parametrize(("changes", "live", "reason"), KEPT)
def test_what_keeps_an_idle_server(changes: dict[str, Any], live: frozenset[str] | None, reason: str) -> None:
    """GIVEN no request and an old warning WHEN one thing speaks for it THEN it is not removed."""
    memory = Memory(warned_at=NOW - timedelta(days=3))
    decision = decide(replace(SERVER, **changes), usage({}), memory, live, SETTINGS, NOW)
    assert decision.action not in (Action.REMOVE, Action.WARN)
    assert reason in decision.reason


def test_idle_is_warned_waited_and_removed() -> None:
    first = decide(SERVER, usage({}), Memory(), NOBODY, SETTINGS, NOW)
    memory = next_memory(SERVER, Memory(), first, NOW)
    assert (first.action, memory.warned_at) == (Action.WARN, NOW)
    for hours, action in ((1, Action.NONE), (23, Action.NONE), (24, Action.REMOVE)):
        now = NOW + timedelta(hours=hours)
        later = Usage(now - timedelta(days=14), now, {})
        assert decide(SERVER, later, memory, NOBODY, SETTINGS, now).action is action
    used = decide(SERVER, usage({4000: 1}), memory, NOBODY, SETTINGS, NOW)
    assert next_memory(SERVER, memory, used, NOW).warned_at is None


def test_what_could_not_be_judged_ends_no_warning() -> None:
    memory = Memory(warned_at=NOW, said="warn")
    unknown = decide(SERVER, None, memory, NOBODY, SETTINGS, NOW)
    assert next_memory(SERVER, memory, unknown, NOW) == memory


@pytest.mark.parametrize(("set_tps", "says"), [(None, True), (20, True), (10, False)])
def test_somebody_elses_setting_is_named(set_tps: int | None, says: bool) -> None:
    notice = outcome(
        SERVER, Decision(ARN, Action.UPDATE, "why", True, 4), Memory(set_tps=set_tps, found_tps=12), SETTINGS
    )
    assert ("the pipeline or somebody else did" in notice.text) == says
    assert "update-campaign --campaign-arn " + ARN + " --min-provisioned-tps 10" in notice.text
    assert "up to 876.00 less a month" in notice.text
    assert notice.detail["FoundMinTPS"] == (10 if says else 12)


def test_prices_are_overridden_one_by_one() -> None:
    table = override_prices('{"as_of": "2026-10-01", "tps_hour": [[10, 1], [null, 0.5]]}')
    assert (table.as_of, table.training_hour) == ("2026-10-01", PriceTable().training_hour)
    assert tiered_cost(table.tps_hour, 30) == 20


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[1]", "JSON object"),
        ("{", "not JSON"),
        ('{"tps": 1}', "no price tps; there are as_of"),
        ('{"as_of": 1}', "must be a date"),
        ('{"training_hour": -1}', "0 or more"),
        ('{"tps_hour": [[1, 2]]}', "tiers such as"),
    ],
)
def test_prices_that_cannot_be_understood_say_what_they_may_be(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        override_prices(text)
