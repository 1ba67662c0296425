"""The metrics that a run publishes; pure.

Every value is a state or a rate, so that two installations that publish the same spoil no average. What could not be
read is left out; what was read and is zero is published as zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from personalize_monitor.money import Cost, cost_of, monthly, total_cost
from personalize_monitor.reading import ERRORS_4XX, ERRORS_5XX, EVENTS, Answers, errors_of, usage_of
from personalize_monitor.resources import CAMPAIGN, Inventory, Job, Server
from personalize_monitor.settings import Settings
from personalize_monitor.usage import WINDOW, WINDOW_S

COUNT, PER_SECOND, PERCENT, NONE = "Count", "Count/Second", "Percent", "None"
FAILED = {"import": "failedImports", "training": "failedTrainings", "batch": "failedBatchJobs"}


@dataclass(frozen=True)
class Datum:
    """One value of one metric of the window that begins at `at`."""

    region: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    value: float
    unit: str
    at: datetime

    def request(self) -> dict[str, Any]:
        """Give it as PutMetricData takes it."""
        return {
            "MetricName": self.name,
            "Dimensions": [{"Name": name, "Value": value} for name, value in self.dimensions],
            "Timestamp": self.at,
            "Value": self.value,
            "Unit": self.unit,
        }


def run_metrics(
    inventory: Inventory,
    answers: Answers,
    found_min_tps: dict[str, int],
    settings: Settings,
    window: datetime,
    now: datetime,
) -> list[Datum]:
    """Give all metrics of a run over the five minutes that begin at `window`."""
    data: list[Datum] = []
    costs: list[Cost] = []
    for server in inventory.servers:
        usage = usage_of(server, answers, window, window + WINDOW)
        if usage is not None:
            tps = usage.total / WINDOW_S
            costs.append(cost_of(server, tps, settings.prices, found_min_tps.get(server.arn)))
            data += _of_server(server, tps, usage.total, answers, costs[-1], window)
    for tracker in inventory.trackers:
        events = answers.get((tracker.arn, EVENTS))
        if events is not None:
            dimension = (("EventTrackerArn", tracker.arn),)
            data.append(
                Datum(tracker.arn.split(":")[3], "eventsReceived", dimension, sum(events.values()), COUNT, window)
            )
    for job in inventory.jobs:
        data += _of_job(job, window, now)
    data += _of_offline_metrics(inventory, window)
    return data + _totals(inventory, total_cost(costs), settings, window)


def _of_server(
    server: Server, tps: float, requests: float, answers: Answers, cost: Cost, at: datetime
) -> Iterator[Datum]:
    is_campaign = server.kind == CAMPAIGN
    failed, refused = errors_of(server, answers, ERRORS_5XX), errors_of(server, answers, ERRORS_4XX)
    asked = max(requests, failed + refused)
    # AWS counts refused requests among the 4xx; inferred: those beyond the minimum were refused for their number.
    is_beyond = asked / WINDOW_S > server.min_tps
    values = (
        ("minProvisionedTPS" if is_campaign else "minRecommendationRequestsPerSecond", server.min_tps, PER_SECOND),
        ("averageTPS" if is_campaign else "averageRPS", tps, PER_SECOND),
        (f"{server.kind}Utilization", 100 * tps / server.min_tps if server.min_tps else 0.0, PERCENT),
        ("errorRate", 100 * (failed + (0 if is_beyond else refused)) / asked if asked else 0.0, PERCENT),
        ("throttledRequests", refused if is_beyond else 0.0, COUNT),
        ("dollarsPerHour", cost.charged, NONE),
        ("dollarsPerHourProvisioned", cost.provisioned, NONE),
        ("dollarsPerHourUsed", cost.used, NONE),
        ("dollarsPerHourWasted", cost.wasted, NONE),
        ("dollarsPerHourSaved", cost.saved, NONE),
    )
    for name, value, unit in values:
        yield Datum(server.region, name, ((server.dimension, server.arn),), float(value), unit, at)


def _of_job(job: Job, at: datetime, now: datetime) -> Iterator[Datum]:
    region = job.subject_arn.split(":")[3]
    dimensions = (("DatasetArn" if job.kind == "import" else "SolutionArn", job.subject_arn),)
    yield Datum(region, FAILED[job.kind], dimensions, float(bool(job.failed_arn)), COUNT, at)
    if job.kind == "training" and job.succeeded_at is not None:
        yield Datum(region, "modelAge", dimensions, (now - job.succeeded_at).total_seconds() / 3600, NONE, at)
    if job.duration_s is not None:
        yield Datum(region, f"{job.kind}Duration", dimensions, job.duration_s, "Seconds", at)


def _of_offline_metrics(inventory: Inventory, at: datetime) -> Iterator[Datum]:
    for arn, metrics in inventory.offline_metrics.items():
        for name, value in metrics.items():
            yield Datum(arn.split(":")[3], f"offline_{name}", (("SolutionVersionArn", arn),), value, NONE, at)


def _totals(inventory: Inventory, cost: Cost, settings: Settings, at: datetime) -> list[Datum]:
    """The totals of an installation are in its home region; the count without a dimension is the peer's metric."""
    own = (("Installation", settings.installation),)
    values = (
        ("monitoredResourceCount", (), float(len(inventory.servers)), COUNT),
        ("dollarsPerHour", own, cost.charged, NONE),
        ("dollarsPerHourProvisioned", own, cost.provisioned, NONE),
        ("dollarsPerHourUsed", own, cost.used, NONE),
        ("dollarsPerHourWasted", own, cost.wasted, NONE),
        ("dollarsPerHourSaved", own, cost.saved, NONE),
        ("dollarsPerMonth", own, monthly(cost.charged), NONE),
    )
    return [Datum(settings.home_region, name, dimensions, value, unit, at) for name, dimensions, value, unit in values]
