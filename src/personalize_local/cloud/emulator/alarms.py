"""Alarms that change state as CloudWatch's do.

MiniStack takes all values of a metric's name together, whatever their dimensions, and knows neither single periods nor
missing data; and it judges only when values arrive. Here each alarm is judged by its own metric, period by period:
whenever alarms are described, and every few seconds, so that missing values count too.
Approximated: metric math, anomaly detection and composite alarms stay MiniStack's own.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from personalize_local.cloud.emulator.alarm_rule import EXTRA_PERIODS, AlarmRule
from personalize_local.cloud.emulator.names import private, replace_private

logger = logging.getLogger(__name__)

CLOUDWATCH = "ministack.services.cloudwatch"
LOOK_S = 5.0
BY_HAND_S = 60.0  # how long a state that SetAlarmState gave stands: on AWS until the next evaluation, once a minute
MINUTE_S = 60


def install_alarms() -> AlarmJudge:
    """Judge alarms our way: when one is put, when any are described, and whenever the judge is asked to."""
    judge = AlarmJudge()
    replace_private(f"{CLOUDWATCH}:_evaluate_alarm", judge.judge)
    replace_private(f"{CLOUDWATCH}:_evaluate_all_alarms", _leave_to_the_next_look)
    describe = private(f"{CLOUDWATCH}:_describe_alarms")

    def describe_alarms(params: Any, cbor_data: Any, is_cbor: bool, is_json: bool = False) -> Any:
        judge.judge_all()
        return describe(params, cbor_data, is_cbor, is_json)

    replace_private(f"{CLOUDWATCH}:_describe_alarms", describe_alarms)
    return judge


class AlarmJudge:
    """Brings alarms into the state of their metrics' values.

    Args:
        clock: gives the epoch second.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._judged: dict[str, str] = {}  # by ARN, the state that we last found

    async def keep_judging(self) -> None:
        """Judge the alarms of every account and region every few seconds until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            for account_id, region in scopes():
                contextvars.copy_context().run(self._judge_scope, account_id, region)
                await asyncio.sleep(0)

    def judge_all(self) -> None:
        """Judge the alarms of the caller's account and region."""
        for alarm in private(f"{CLOUDWATCH}:_alarms").values():
            try:
                self.judge(alarm)
            except Exception:
                logger.warning("the alarm %s could not be judged", alarm.get("AlarmName"), exc_info=True)

    def judge(self, alarm: dict[str, Any]) -> None:
        """Bring one alarm into the state of its metric's values, and tell those who want to know."""
        rule, now = AlarmRule.of(alarm), self._clock()
        if rule is None or not alarm.get("MetricName") or self._is_set_by_hand(alarm, now):
            return
        new = rule.state(period_values(alarm, rule, _points(alarm), now))
        if new is not None and new != alarm["StateValue"]:
            _change(alarm, new, _reason(rule, new), now)
        self._judged[alarm["AlarmArn"]] = alarm["StateValue"]

    def _is_set_by_hand(self, alarm: Mapping[str, Any], now: float) -> bool:
        judged = self._judged.get(alarm["AlarmArn"])
        return judged not in (None, alarm["StateValue"]) and now - alarm["StateUpdatedTimestamp"] < BY_HAND_S

    def _judge_scope(self, account_id: str, region: str) -> None:
        private("ministack.core.responses:set_request_account_id")(account_id)
        private("ministack.core.responses:set_request_region")(region)
        self.judge_all()


def scopes() -> list[tuple[str, str]]:
    """Give account and region of everywhere that has alarms."""
    return list(dict.fromkeys(key[:2] for key in list(private(f"{CLOUDWATCH}:_alarms")._data)))


def period_values(
    alarm: Mapping[str, Any], rule: AlarmRule, points: Sequence[Mapping[str, Any]], now: float
) -> list[float | None]:
    """Give the statistic of each period of the evaluation range, oldest first; the newest ends with this minute."""
    count = rule.periods + EXTRA_PERIODS
    end = (int(now) // MINUTE_S + 1) * MINUTE_S
    start = end - count * rule.period_s
    of_period: list[list[Mapping[str, Any]]] = [[] for _ in range(count)]
    for point in points:
        if start <= point["Timestamp"] < end:
            of_period[int((point["Timestamp"] - start) // rule.period_s)].append(point)
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic") or "Average"
    return [_statistic(statistic, found) for found in of_period]


def _statistic(name: str, points: list[Mapping[str, Any]]) -> float | None:
    if not points:
        return None
    stats = private(f"{CLOUDWATCH}:_calc_stats")(points)
    return private(f"{CLOUDWATCH}:_stat_value")(stats, name, points) if stats else None


def _points(alarm: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The values under the alarm's own dimensions, and no others."""
    dimensions = {one["Name"]: one["Value"] for one in alarm.get("Dimensions") or []}
    key = (alarm.get("Namespace"), alarm["MetricName"], private(f"{CLOUDWATCH}:_dims_key")(dimensions))
    return private(f"{CLOUDWATCH}:_metrics").get(key) or []


def _change(alarm: dict[str, Any], new: str, reason: str, now: float) -> None:
    old = alarm["StateValue"]
    alarm |= {"StateValue": new, "StateReason": reason, "StateUpdatedTimestamp": int(now)}
    private(f"{CLOUDWATCH}:_record_history")(alarm["AlarmName"], old, new, reason)
    private(f"{CLOUDWATCH}:_dispatch_alarm_actions")(alarm, old, new, reason)
    private(f"{CLOUDWATCH}:_evaluate_parent_alarms")(alarm)


def _reason(rule: AlarmRule, state: str) -> str:
    if state == "INSUFFICIENT_DATA":
        return "Insufficient Data: no datapoints were received."
    words = "were" if state == "ALARM" else "were not"
    return (
        f"Threshold Crossed: {rule.breaches} of the last {rule.periods} datapoints {words} "
        f"{rule.comparison} {rule.threshold:g}."
    )


def _leave_to_the_next_look() -> None:
    """Values that arrive change no state at once: the next look takes them, as CloudWatch's does."""
