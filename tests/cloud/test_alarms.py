"""Alarms of the local cloud over its own metrics: their dimensions, periods, actions and states set by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from personalize_local.cloud.emulator.alarms import AlarmJudge, scopes
from personalize_local.cloud.emulator.names import private, replace_private

NOW = 1_800_000_000.0
CLOUDWATCH = "ministack.services.cloudwatch"


class Clock:
    """A clock that tests move."""

    now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def told() -> Iterator[list[tuple[str, str, str]]]:
    """What was told of changes: the alarm, its old and its new state. The emulator's tables are emptied after it."""
    changes: list[tuple[str, str, str]] = []
    name = f"{CLOUDWATCH}:_dispatch_alarm_actions"
    original = private(name)
    replace_private(name, lambda alarm, old, new, reason: changes.append((alarm["AlarmName"], old, new)))
    yield changes
    replace_private(name, original)
    for table in ("_alarms", "_metrics"):
        private(f"{CLOUDWATCH}:{table}")._data.clear()


def put_alarm(name: str, campaign: str, **rest: Any) -> dict[str, Any]:
    alarm = {
        "AlarmName": name, "AlarmArn": f"arn:aws:cloudwatch:us-east-1:000000000000:alarm:{name}",
        "Namespace": "AWS/Personalize", "MetricName": "Errors", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 3.0, "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching", "StateValue": "INSUFFICIENT_DATA", "StateUpdatedTimestamp": 0,
        "Dimensions": [{"Name": "CampaignArn", "Value": campaign}],
    } | rest  # fmt: skip
    private(f"{CLOUDWATCH}:_alarms")[name] = alarm
    return alarm


def put_value(campaign: str, value: float, at: float) -> None:
    key = ("AWS/Personalize", "Errors", private(f"{CLOUDWATCH}:_dims_key")({"CampaignArn": campaign}))
    private(f"{CLOUDWATCH}:_metrics").setdefault(key, []).append({"Timestamp": at, "Value": value})


def test_an_alarm_sees_the_values_of_its_own_dimensions_only(told: list[tuple[str, str, str]]) -> None:
    mine, other = put_alarm("mine", "a"), put_alarm("other", "b")
    put_value("a", 2, NOW - 10)
    put_value("a", 2, NOW - 20)
    AlarmJudge(Clock()).judge_all()
    assert (mine["StateValue"], other["StateValue"]) == ("ALARM", "OK")
    assert ("mine", "INSUFFICIENT_DATA", "ALARM") in told
    assert mine["StateReason"] == ("Threshold Crossed: 1 of the last 1 datapoints were GreaterThanThreshold 3.")


def test_values_count_period_by_period(told: list[tuple[str, str, str]]) -> None:
    """GIVEN 2 + 2 in two minutes WHEN more than 3 a minute is too much THEN the sum of both is no reason."""
    alarm = put_alarm("minutes", "a", EvaluationPeriods=2, DatapointsToAlarm=1)
    put_value("a", 2, NOW - 10)
    put_value("a", 2, NOW - 70)
    AlarmJudge(Clock()).judge_all()
    assert alarm["StateValue"] == "OK"


def test_silence_alarms_where_silence_is_bad_and_ends_the_alarm_where_it_is_good(
    told: list[tuple[str, str, str]],
) -> None:
    clock = Clock()
    judge = AlarmJudge(clock)
    silence = put_alarm("silence", "a", TreatMissingData="breaching")
    errors = put_alarm("errors", "a")
    put_value("a", 9, NOW - 10)
    judge.judge_all()
    assert (silence["StateValue"], errors["StateValue"]) == ("ALARM", "ALARM")
    clock.now += 600
    judge.judge_all()
    assert (silence["StateValue"], errors["StateValue"]) == ("ALARM", "OK")


def test_a_state_set_by_hand_stands_for_a_minute(told: list[tuple[str, str, str]]) -> None:
    clock = Clock()
    judge = AlarmJudge(clock)
    alarm = put_alarm("by hand", "a")
    judge.judge_all()
    alarm |= {"StateValue": "ALARM", "StateUpdatedTimestamp": NOW}
    clock.now += 30
    judge.judge_all()
    assert alarm["StateValue"] == "ALARM"
    clock.now += 31
    judge.judge_all()
    assert alarm["StateValue"] == "OK"


def test_a_quantile_is_judged_by_the_values_of_the_period(told: list[tuple[str, str, str]]) -> None:
    alarm = put_alarm("quantile", "a", ExtendedStatistic="p90", Threshold=8.0)
    for value in (1, 1, 1, 1, 9, 9):
        put_value("a", value, NOW - 5)
    AlarmJudge(Clock()).judge_all()
    assert alarm["StateValue"] == "ALARM"


def test_every_place_with_alarms_is_looked_after(told: list[tuple[str, str, str]]) -> None:
    put_alarm("here", "a")
    private(f"{CLOUDWATCH}:_alarms").set_scoped("111111111111", "ca-central-1", "there", {})
    assert ("111111111111", "ca-central-1") in scopes()
    assert len(scopes()) == 2
