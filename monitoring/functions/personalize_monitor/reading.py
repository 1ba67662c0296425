"""What CloudWatch was asked of each resource and said, by metric; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from personalize_monitor.resources import Server, Tracker
from personalize_monitor.usage import Usage

ERRORS_4XX, ERRORS_5XX = "4xxErrors", "5xxErrors"
EVENTS = "PutEventsRequests"


@dataclass(frozen=True)
class Question:
    """One metric of one resource, its sum by periods of a time range."""

    key: tuple[str, str]  # the resource's ARN, the metric's name
    region: str
    dimensions: tuple[tuple[str, str], ...]
    start: datetime
    end: datetime
    period_s: int


Answers = Mapping[tuple[str, str], Mapping[datetime, float]]


def questions_of_server(
    server: Server, start: datetime, end: datetime, *, errors: bool, period_s: int = 300
) -> list[Question]:
    """Ask for a server's requests, and its errors where they are wanted."""
    names = [metric + suffix for metric in server.request_metrics for suffix in ("", *_suffixes(errors))]
    dimensions = ((server.dimension, server.arn),)
    return [Question((server.arn, name), server.region, dimensions, start, end, period_s) for name in names]


def question_of_tracker(tracker: Tracker, start: datetime, end: datetime, period_s: int) -> Question:
    """Ask for the events that arrived at a tracker.

    Source: contract §8.2: the metric's dimensions are the group, its interactions dataset and the tracker.
    """
    dataset_arn = tracker.group_arn.replace(":dataset-group/", ":dataset/") + "/INTERACTIONS"
    dimensions = (("DatasetGroupArn", tracker.group_arn), ("DatasetArn", dataset_arn), ("EventTrackerArn", tracker.arn))
    return Question((tracker.arn, EVENTS), tracker.arn.split(":")[3], dimensions, start, end, period_s)


def usage_of(server: Server, answers: Answers, start: datetime, end: datetime) -> Usage | None:
    """Give a server's requests; None when a metric of them is not among the answers."""
    series = [answers.get((server.arn, metric)) for metric in server.request_metrics]
    if not series or any(one is None for one in series):
        return None
    return Usage(start, end, _added(one for one in series if one is not None))


def errors_of(server: Server, answers: Answers, suffix: str) -> float:
    """Give how many requests failed in the time asked for."""
    return sum(sum(answers.get((server.arn, metric + suffix), {}).values()) for metric in server.request_metrics)


def _suffixes(errors: bool) -> tuple[str, ...]:
    return (ERRORS_4XX, ERRORS_5XX) if errors else ()


def _added(series: Iterable[Mapping[datetime, float]]) -> dict[datetime, float]:
    total: dict[datetime, float] = {}
    for one in series:
        for at, count in one.items():
            total[at] = total.get(at, 0.0) + count
    return total
