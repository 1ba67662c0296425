"""When an alarm changes state: CloudWatch's own tables, and M out of N against counting."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_local.cloud.emulator.alarm_rule import AlarmRule

VALUES = {"0": 0.0, "X": 9.0, "-": None}
COLUMNS = ("missing", "ignore", "breaching", "notBreaching")
OK, ALARM, UNKNOWN, RETAIN = "OK", "ALARM", "INSUFFICIENT_DATA", None
# Source: documented (how alarms treat missing data): 3 of 3, then 2 of 3; five values are looked at.
TABLE = [
    ("0-X-X", 3, (OK, OK, OK, OK)),
    ("----0", 3, (OK, OK, OK, OK)),
    ("-----", 3, (UNKNOWN, RETAIN, ALARM, OK)),
    ("0XX-X", 3, (ALARM, ALARM, ALARM, ALARM)),
    ("--X--", 3, (ALARM, RETAIN, ALARM, OK)),
    ("0-X-X", 2, (ALARM, ALARM, ALARM, ALARM)),
    ("00X0X", 2, (ALARM, ALARM, ALARM, ALARM)),
    ("0-X--", 2, (OK, OK, ALARM, OK)),
    ("----0", 2, (OK, OK, ALARM, OK)),
]


def rule(breaches: int, missing: str, periods: int = 3) -> AlarmRule:
    return AlarmRule("GreaterThanThreshold", 5, 60, periods, breaches, missing)


@pytest.mark.parametrize(("values", "breaches", "states"), TABLE)
@pytest.mark.parametrize("missing", COLUMNS)
def test_missing_values_are_treated_as_documented(
    values: str, breaches: int, states: tuple[str | None, ...], missing: str
) -> None:
    assert rule(breaches, missing).state([VALUES[sign] for sign in values]) == states[COLUMNS.index(missing)]


def test_a_first_bad_value_is_no_alarm_before_it_is_old_enough() -> None:
    """GIVEN nothing but one bad value WHEN two of three are wanted THEN it alarms once the value is two periods old."""
    judge = rule(2, "missing")
    assert judge.state([None, None, None, None, 9.0]) == OK
    assert judge.state([None, None, None, 9.0, None]) == ALARM


@pytest.mark.parametrize(
    ("comparison", "value", "state"),
    [
        ("GreaterThanThreshold", 5, OK),
        ("GreaterThanOrEqualToThreshold", 5, ALARM),
        ("LessThanThreshold", 5, OK),
        ("LessThanOrEqualToThreshold", 5, ALARM),
    ],
)
def test_each_comparison_means_what_it_says(comparison: str, value: float, state: str) -> None:
    assert AlarmRule(comparison, 5, 60, 1, 1).state([value]) == state


def test_an_alarm_on_a_band_of_a_model_is_not_judged() -> None:
    assert AlarmRule.of({"ComparisonOperator": "LessThanLowerOrGreaterThanUpperThreshold"}) is None


@given(values=st.lists(st.sampled_from([0.0, 9.0]), min_size=5, max_size=5), breaches=st.integers(1, 3))
def test_whole_data_are_judged_by_their_newest_periods(values: list[float], breaches: int) -> None:
    expected = ALARM if sum(value > 5 for value in values[-3:]) >= breaches else OK
    assert {rule(breaches, missing).state(values) for missing in COLUMNS} == {expected}
