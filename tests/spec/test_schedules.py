"""Schedules of EventBridge: what is one, and how often it comes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personalize_spec.schedules import FIELDS, runs_per_day, schedule_problem

GOOD = {
    "rate(1 minute)": 1440,
    "rate(12 hours)": 2,
    "rate(7 days)": 1 / 7,
    "cron(0 5 * * ? *)": 1,
    "cron(0/15 * * * ? *)": 96,
    "cron(0 6,18 ? * MON-FRI *)": 2 * 261 / 365,
    "cron(0 6 ? * SAT *)": 52 / 365,
    "cron(0 6 ? * 7 *)": 52 / 365,
    "cron(0 6 1 * ? *)": 12 / 365,
    "cron(0 6 L * ? *)": 12 / 365,
    "cron(0 6 L-2 * ? *)": 12 / 365,
    "cron(0 6 LW * ? *)": 12 / 365,
    "cron(0 6 15W * ? *)": 12 / 365,
    "cron(0 6 ? * 6L *)": 12 / 365,
    "cron(0 6 ? * FRI#2 *)": 12 / 365,
    "cron(0 6 ? JAN,jul 2#1 *)": 2 / 365,
    "cron(0 6 1 1/3 ? *)": 4 / 365,
    "cron(0 6 1-7/2 * ? *)": 48 / 365,
    "cron(0 6 ? * L *)": 52 / 365,
    "cron(30 10 31 * ? 2026-2030)": 7 / 365,
}


@pytest.mark.parametrize("expression", GOOD)
def test_a_good_schedule_comes_as_often_as_it_says(expression: str) -> None:
    assert schedule_problem(expression) is None
    assert runs_per_day(expression) == pytest.approx(GOOD[expression])


BAD = {
    "": "is no schedule: write cron(0 6 * * ? *) or rate(7 days)",
    "every day": "is no schedule",
    "0 6 * * ? *": "put it in cron(…)",
    "at(2026-12-24T18:00:00)": "is no schedule",
    "rate(7days)": "is no rate",
    "rate(0 days)": "is no rate",
    "rate(-1 days)": "is no rate",
    "rate(1.5 days)": "is no rate",
    "rate(1 week)": "no unit 'week'",
    "rate(1 days)": "Write rate(1 day)",
    "rate(2 day)": "Write rate(2 days)",
    "cron()": "has 0 fields and needs 6",
    "cron(0 6 * * ?)": "has 5 fields and needs 6",
    "cron(0 6 * * * *)": "One of day of month and day of week must be '?'",
    "cron(0 6 ? * ? *)": "One of day of month and day of week must be '?'",
    "cron(60 6 * * ? *)": "'60' is no minutes",
    "cron(0 24 * * ? *)": "'24' is no hours",
    "cron(0 6 0 * ? *)": "'0' is no day of month",
    "cron(0 6 32 * ? *)": "'32' is no day of month",
    "cron(0 6 1 13 ? *)": "use 1 to 12, JAN to DEC",
    "cron(0 6 ? * MO *)": "use 1 to 7, SUN to SAT",
    "cron(0 6 ? * FRI-MON *)": "'FRI-MON' is no day of week",
    "cron(0 6 ? * FRI#6 *)": "'FRI#6' is no day of week",
    "cron(0 6 ? * 15W *)": "'15W' is no day of week",
    "cron(0 6 L * ? 1969)": "'1969' is no year",
    "cron(*/0 6 * * ? *)": "'*/0' is no minutes",
    "cron(0 6 1,,2 * ? *)": "'' is no day of month",
    "cron(? 6 * * ? *)": "'?' is no minutes",
}


@pytest.mark.parametrize("expression", BAD)
def test_a_bad_schedule_is_told_what_to_write(expression: str) -> None:
    problem = schedule_problem(expression)
    assert problem is not None
    assert BAD[expression] in problem


@settings(deadline=None)
@given(st.text(max_size=40) | st.text("cron(rate) 0156?*/-,LW#MONdays", max_size=40).map(lambda text: f"cron({text})"))
def test_any_text_is_good_or_bad_and_a_good_one_can_be_counted(text: str) -> None:
    if schedule_problem(text) is None:
        assert runs_per_day(text) >= 0


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 59), min_size=1, max_size=5, unique=True),
    st.integers(1, 7),
    st.sets(st.integers(1, 12), min_size=1),
)
def test_a_schedule_of_lists_comes_as_often_as_its_days_have_times(
    minutes: list[int], weekday: int, months: set[int]
) -> None:
    expression = f"cron({','.join(map(str, minutes))} 6 ? {','.join(map(str, months))} {weekday} *)"
    assert schedule_problem(expression) is None
    once = runs_per_day(f"cron(0 6 ? {','.join(map(str, months))} {weekday} *)")
    assert runs_per_day(expression) == pytest.approx(len(minutes) * once)


def test_there_are_six_fields() -> None:
    assert len(FIELDS) == 6
