"""Which alarms should exist, and what to do with those that do; pure.

Rule 1: an alarm is within CloudWatch's limits, or it is not asked for.
Rule 2: nothing alarms merely for being new: what judges a habit is made when the habit can be known.
Rule 3: only alarms whose name begins with the installation's prefix are ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from personalize_monitor.names import alarm_name
from personalize_monitor.resources import RANKING, Api, Inventory, Job, Server, Tracker, Workflow
from personalize_monitor.settings import Settings
from personalize_spec.arns import parse_arn

NATIVE = "AWS/Personalize"
FIVE_MINUTES, HOUR = 300, 3600
DAY = timedelta(days=1)
BREACHING, NOT_BREACHING, MISSING = "breaching", "notBreaching", "missing"
ABOVE, BELOW, AT_MOST = "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold"


@dataclass(frozen=True)
class Alarm:
    """An alarm on one metric: `breaches` of the last `periods` periods of `period_s` seconds.

    Errors: ValueError for one that CloudWatch would refuse.
    Source: documented (PutMetricAlarm): a period of 10, 20, 30 s or whole minutes; all periods together at most a day,
    a week where the period is an hour or longer; a name of at most 255 characters.
    """

    name: str
    region: str
    namespace: str
    metric: str
    dimensions: tuple[tuple[str, str], ...]
    statistic: str
    comparison: str
    threshold: float
    period_s: int
    periods: int
    breaches: int
    missing: str
    description: str

    def __post_init__(self) -> None:
        span = self.period_s * self.periods
        limit = 7 * 86_400 if self.period_s >= HOUR else 86_400
        if self.period_s not in (10, 20, 30) and (self.period_s <= 0 or self.period_s % 60):
            raise ValueError(f"CloudWatch has no period of {self.period_s} s.")
        if not 1 <= self.breaches <= self.periods or span > limit:
            raise ValueError(
                f"CloudWatch cannot evaluate {self.breaches} of {self.periods} periods of {self.period_s} s."
            )
        if not 1 <= len(self.name) <= 255:
            raise ValueError(f"An alarm's name has 1 to 255 characters: {self.name!r}.")

    def request(self, topic_arn: str) -> dict[str, Any]:
        """Give it as PutMetricAlarm takes it; its topic must be of its own region."""
        return {
            "AlarmName": self.name,
            "AlarmDescription": self.description,
            "ActionsEnabled": True,
            "AlarmActions": [topic_arn],
            "OKActions": [topic_arn],
            "Namespace": self.namespace,
            "MetricName": self.metric,
            "Dimensions": [{"Name": name, "Value": value} for name, value in self.dimensions],
            "Statistic": self.statistic,
            "ComparisonOperator": self.comparison,
            "Threshold": self.threshold,
            "Period": self.period_s,
            "EvaluationPeriods": self.periods,
            "DatapointsToAlarm": self.breaches,
            "TreatMissingData": self.missing,
        }


@dataclass(frozen=True)
class AlarmChanges:
    """What to put and what to remove; all that is neither is as it should be."""

    put: tuple[Alarm, ...]
    remove: tuple[str, ...]


def alarm_changes(
    wanted: Iterable[Alarm], existing: Mapping[str, Mapping[str, Any]], prefix: str, topic_arn: str
) -> AlarmChanges:
    """Compare the alarms of one region with what CloudWatch describes, by name."""
    wanted_by_name = {alarm.name: alarm for alarm in wanted}
    put = tuple(
        alarm for name, alarm in wanted_by_name.items() if _differs(alarm.request(topic_arn), existing.get(name))
    )
    remove = tuple(name for name in existing if name.startswith(prefix) and name not in wanted_by_name)
    return AlarmChanges(put, remove)


def wanted_alarms(
    inventory: Inventory, active_trackers: frozenset[str], settings: Settings, now: datetime
) -> tuple[Alarm, ...]:
    """Give every alarm that should exist; `active_trackers` are those that events arrived at in the last fortnight."""
    alarms: list[Alarm] = []
    for server in inventory.servers:
        if server.status == "ACTIVE":
            alarms += _of_server(server, settings, now)
    if settings.service_alarms:
        for tracker in inventory.trackers:
            alarms += [_no_events(tracker, settings)] if tracker.arn in active_trackers else []
        alarms += [_of_job(job, settings) for job in inventory.jobs]
        alarms += [_stale(job, settings) for job in inventory.jobs if job.kind == "training" and job.succeeded_at]
        alarms += [alarm for workflow in inventory.workflows for alarm in _of_workflow(workflow, settings)]
        alarms += [_of_api(api, settings) for api in inventory.apis]
    if settings.monthly_spend_limit:
        alarms.append(_spend(settings))
    return tuple(alarms)


def _of_server(server: Server, settings: Settings, now: datetime) -> list[Alarm]:
    age = now - server.created_at
    alarms = []
    if settings.utilization_alarms and server.min_tps > 1 and age >= DAY:
        alarms.append(_low_utilization(server, settings))
    if settings.idle_alarms and server.is_measurable and age >= timedelta(hours=settings.idle_hours):
        alarms.append(_idle(server, settings))
    if settings.service_alarms and server.request_metrics:
        alarms += [_errors(server, settings), _throttled(server, settings), _slow(server, settings)]
    return alarms


def _make(server_arn: str, title: str, settings: Settings, label: str = "", **rest: Any) -> Alarm:
    arn = parse_arn(server_arn)
    return Alarm(name=alarm_name(settings.prefix, title, label or arn.path), region=arn.region, **rest)


def _low_utilization(server: Server, settings: Settings) -> Alarm:
    return _make(
        server.arn, f"Low{server.kind.title()}Utilization", settings, namespace=settings.namespace,
        metric=f"{server.kind}Utilization", dimensions=((server.dimension, server.arn),), statistic="Average",
        comparison=BELOW, threshold=settings.utilization_bound, period_s=FIVE_MINUTES, periods=12, breaches=9,
        missing=MISSING,
        description=f"{server.name} uses less than {settings.utilization_bound:g} % of its {server.min_tps} TPS",
    )  # fmt: skip


def _idle(server: Server, settings: Settings) -> Alarm:
    """Periods of an hour: CloudWatch looks back a week with them, and a day only with shorter ones."""
    return _make(
        server.arn, f"Idle{server.kind.title()}", settings, namespace=NATIVE, metric=server.request_metrics[0],
        dimensions=((server.dimension, server.arn),), statistic="Sum", comparison=AT_MOST, threshold=0,
        period_s=HOUR, periods=settings.idle_hours, breaches=settings.idle_hours, missing=BREACHING,
        description=f"{server.name} has had no request for {settings.idle_hours} h, and costs money",
    )  # fmt: skip


def _errors(server: Server, settings: Settings) -> Alarm:
    return _make(
        server.arn, "Errors", settings, namespace=settings.namespace, metric="errorRate",
        dimensions=((server.dimension, server.arn),), statistic="Average", comparison=ABOVE, threshold=5,
        period_s=FIVE_MINUTES, periods=3, breaches=2, missing=NOT_BREACHING,
        description=f"More than 5 % of the requests to {server.name} fail",
    )  # fmt: skip


def _throttled(server: Server, settings: Settings) -> Alarm:
    return _make(
        server.arn, "Throttling", settings, namespace=settings.namespace, metric="throttledRequests",
        dimensions=((server.dimension, server.arn),), statistic="Maximum", comparison=ABOVE, threshold=0,
        period_s=FIVE_MINUTES, periods=3, breaches=2, missing=NOT_BREACHING,
        description=f"{server.name} refuses requests while it is used beyond its minimum, {server.min_tps} TPS",
    )  # fmt: skip


def _slow(server: Server, settings: Settings) -> Alarm:
    metric = "GetPersonalizedRankingLatency" if server.request_metrics == (RANKING,) else "GetRecommendationsLatency"
    return _make(
        server.arn, "Latency", settings, namespace=NATIVE, metric=metric,
        dimensions=((server.dimension, server.arn),), statistic="Average", comparison=ABOVE,
        threshold=settings.latency_ms, period_s=FIVE_MINUTES, periods=3, breaches=3, missing=NOT_BREACHING,
        description=f"{server.name} answers in more than {settings.latency_ms:g} ms on average",
    )  # fmt: skip


def _no_events(tracker: Tracker, settings: Settings) -> Alarm:
    """Named by the tracker's name, which is unique in the account: its ARN ends in digits."""
    return _make(
        tracker.arn, "NoEvents", settings, tracker.name, namespace=settings.namespace, metric="eventsReceived",
        dimensions=(("EventTrackerArn", tracker.arn),), statistic="Maximum", comparison=AT_MOST, threshold=0,
        period_s=HOUR, periods=settings.no_events_hours, breaches=settings.no_events_hours, missing=MISSING,
        description=f"No events have arrived at {tracker.name} for {settings.no_events_hours} h",
    )  # fmt: skip


_JOBS = {
    "import": ("FailedImport", "failedImports", "DatasetArn", "The newest import into"),
    "training": ("FailedTraining", "failedTrainings", "SolutionArn", "The newest training of"),
    "batch": ("FailedBatchJob", "failedBatchJobs", "SolutionArn", "The newest batch job of"),
}


def _of_job(job: Job, settings: Settings) -> Alarm:
    title, metric, dimension, words = _JOBS[job.kind]
    return _make(
        job.subject_arn, title, settings, namespace=settings.namespace, metric=metric,
        dimensions=((dimension, job.subject_arn),), statistic="Maximum", comparison=ABOVE, threshold=0,
        period_s=FIVE_MINUTES, periods=3, breaches=1, missing=MISSING,
        description=f"{words} {parse_arn(job.subject_arn).path} failed",
    )  # fmt: skip


def _stale(job: Job, settings: Settings) -> Alarm:
    return _make(
        job.subject_arn, "StaleModel", settings, namespace=settings.namespace, metric="modelAge",
        dimensions=(("SolutionArn", job.subject_arn),), statistic="Minimum", comparison=ABOVE,
        threshold=settings.model_max_age_hours, period_s=HOUR, periods=1, breaches=1, missing=MISSING,
        description=f"{parse_arn(job.subject_arn).path} was trained more than {settings.model_max_age_hours} h ago",
    )  # fmt: skip


_ENDINGS = {
    "FailedExecution": ("ExecutionsFailed", "failed"),
    "TimedOutExecution": ("ExecutionsTimedOut", "took too long and was ended"),
}


def _of_workflow(workflow: Workflow, settings: Settings) -> list[Alarm]:
    return [
        Alarm(
            alarm_name(settings.prefix, title, workflow.name), workflow.region, "AWS/States", metric,
            (("StateMachineArn", workflow.arn),), "Sum", ABOVE, 0, FIVE_MINUTES, 1, 1, NOT_BREACHING,
            f"An execution of {workflow.name} {words}",
        )
        for title, (metric, words) in _ENDINGS.items()
    ]  # fmt: skip


def _of_api(api: Api, settings: Settings) -> Alarm:
    return Alarm(
        alarm_name(settings.prefix, "ApiErrors", api.name), api.region, "AWS/ApiGateway", "5XXError",
        (("ApiName", api.name),), "Average", ABOVE, 0.01, FIVE_MINUTES, 3, 2, NOT_BREACHING,
        f"More than 1 % of the requests to the API {api.name} fail",
    )  # fmt: skip


def _spend(settings: Settings) -> Alarm:
    return Alarm(
        alarm_name(settings.prefix, "Spend", "all"), settings.home_region, settings.namespace, "dollarsPerMonth",
        (("Installation", settings.installation),), "Average", ABOVE, settings.monthly_spend_limit, HOUR, 3, 3,
        MISSING, f"At this rate a month costs more than ${settings.monthly_spend_limit:g}",
    )  # fmt: skip


def _differs(request: Mapping[str, Any], found: Mapping[str, Any] | None) -> bool:
    return found is None or any(found.get(name) != value for name, value in request.items())
