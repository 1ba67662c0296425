"""What is counted and timed, by name: the one list that metrics, alarms and the dashboard share."""

from collections.abc import Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

COUNT, MILLISECONDS, RATIO = "Count", "Milliseconds", "None"
ARM = "Arm"


class Metric(NamedTuple):
    """A metric: its unit, whether it is kept per arm, and what it says."""

    name: str
    unit: str
    per_arm: bool
    meaning: str


METRICS = (
    Metric("PersonalizeRequestTime", MILLISECONDS, False, "until Personalize's list was there"),
    Metric("ContentRequestTime", MILLISECONDS, False, "until the articles were there"),
    Metric("RequestTime", MILLISECONDS, False, "from request to reply, in the function"),
    Metric("ReturnRecommendations", COUNT, False, "articles in the reply"),
    Metric("MissingRecommendations", COUNT, False, "articles asked for and not in the reply"),
    Metric("MissingContent", COUNT, False, "recommended articles without a row in the content table"),
    Metric("ReturnBackupRecommendations", COUNT, False, "replies that needed more than the first filter"),
    Metric("FallbackLists", COUNT, False, "replies from the popular list"),
    Metric("HedgedCalls", COUNT, False, "second calls begun because the first was slow"),
    Metric("Exposures", COUNT, True, "lists shown"),
    Metric("Conversions", COUNT, True, "lists of which at least one article was read"),
    Metric("ClickThrough", RATIO, True, "conversions ÷ exposures of the last day"),
    Metric("ClickThroughLow", RATIO, True, "lower end of its 95 % interval"),
    Metric("ClickThroughHigh", RATIO, True, "upper end of its 95 % interval"),
    Metric("SuccessEvents", COUNT, False, "events that Personalize took"),
    Metric("SkipEvents", COUNT, False, "records that are no event for Personalize"),
    Metric("FailEvents", COUNT, False, "events that went to the dead-letter queue"),
    Metric("SuccessItems", COUNT, False, "articles that Personalize took"),
    Metric("SkipItems", COUNT, False, "records that are no article"),
    Metric("FailItems", COUNT, False, "articles that went to the dead-letter queue"),
)
BY_NAME = {metric.name: metric for metric in METRICS}


class Measurement(NamedTuple):
    """One value."""

    metric: Metric
    value: float
    arm: str


_collected: ContextVar[list[Measurement] | None] = ContextVar("measurements", default=None)


def measure(name: str, value: float, arm: str = "") -> None:
    """Take note of a value; nobody listening, nothing happens.

    Errors: KeyError for a name that METRICS does not have, ValueError for a missing arm.
    """
    metric = BY_NAME[name]
    if metric.per_arm != bool(arm):
        raise ValueError(f"{name} is kept {'per arm' if metric.per_arm else 'without an arm'}.")
    if (collected := _collected.get()) is not None:
        collected.append(Measurement(metric, value, arm))


@contextmanager
def collecting() -> Iterable[list[Measurement]]:
    """Collect what is measured inside."""
    measurements: list[Measurement] = []
    token = _collected.set(measurements)
    try:
        yield measurements
    finally:
        _collected.reset(token)
