"""When a CloudWatch alarm changes its state; pure.

Values are those of whole periods, oldest first, None where a period has no data. There are a few more of them than the
alarm has evaluation periods, so that a late value does not count as missing: the evaluation range.

Source: documented (CloudWatch User Guide, alarm evaluation; how alarms treat missing data, with its tables).
Approximated: the evaluation range is `EXTRA_PERIODS` longer than the evaluation periods; AWS tells no length of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import ge, gt, le, lt
from typing import Any

OK, ALARM, INSUFFICIENT_DATA = "OK", "ALARM", "INSUFFICIENT_DATA"
BREACHING, NOT_BREACHING, IGNORE, MISSING = "breaching", "notBreaching", "ignore", "missing"
EXTRA_PERIODS = 2
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": ge,
    "GreaterThanThreshold": gt,
    "LessThanThreshold": lt,
    "LessThanOrEqualToThreshold": le,
}


@dataclass(frozen=True)
class AlarmRule:
    """`breaches` of the last `periods` periods of `period_s` seconds must be beyond the threshold."""

    comparison: str
    threshold: float
    period_s: int
    periods: int
    breaches: int
    missing: str = MISSING

    @classmethod
    def of(cls, alarm: Mapping[str, Any]) -> AlarmRule | None:
        """Read it from an alarm as DescribeAlarms gives it; None where the comparison needs a model of the metric."""
        if alarm.get("ComparisonOperator") not in _COMPARE:
            return None
        periods = int(alarm.get("EvaluationPeriods") or 1)
        return cls(
            comparison=alarm["ComparisonOperator"],
            threshold=float(alarm.get("Threshold") or 0),
            period_s=int(alarm.get("Period") or 60),
            periods=periods,
            breaches=int(alarm.get("DatapointsToAlarm") or periods),
            missing=alarm.get("TreatMissingData") or MISSING,
        )

    def state(self, values: Sequence[float | None]) -> str | None:
        """Give the state after these values, or None to stay in the present one."""
        verdicts = [None if value is None else self._breaches(value) for value in values]
        known = [verdict for verdict in verdicts if verdict is not None]
        if len(known) >= self.periods:
            return _alarm_if(sum(known[-self.periods :]) >= self.breaches)
        if self.missing in (BREACHING, NOT_BREACHING):
            filled = (self.periods - len(known)) * (self.missing == BREACHING)
            return _alarm_if(sum(known) + filled >= self.breaches)
        return self._state_without(verdicts, known)

    def _state_without(self, verdicts: Sequence[bool | None], known: Sequence[bool]) -> str | None:
        """Judge by the values there are, with missing ones ignored or counting as unknown."""
        if sum(known) >= self.breaches:
            return ALARM
        if self.missing == IGNORE:
            return OK if known and not all(known) else None
        if not known:
            return INSUFFICIENT_DATA
        # All there is breaches, and has for as many periods as it takes: the rest may be late.
        oldest = len(verdicts) - next(place for place, verdict in enumerate(verdicts) if verdict is not None)
        return _alarm_if(all(known) and oldest >= self.breaches)

    def _breaches(self, value: float) -> bool:
        return _COMPARE[self.comparison](value, self.threshold)


def _alarm_if(is_breaching: bool) -> str:
    return ALARM if is_breaching else OK
