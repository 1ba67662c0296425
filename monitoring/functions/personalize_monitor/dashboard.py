"""One dashboard for each dataset group, and one for pipelines and APIs, as CloudWatch takes them; pure.

Every line of a chart is one metric by its name: no metric math, no SEARCH.
Source: documented (CloudWatch quotas): 500 metrics in a chart, 2,500 in a dashboard; the grid is 24 columns wide.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from personalize_monitor.alarms import NATIVE
from personalize_monitor.names import dashboard_name, stacks_dashboard_name
from personalize_monitor.resources import CAMPAIGN, Inventory, Job, Server, Tracker
from personalize_monitor.settings import Settings
from personalize_monitor.stacks_dashboard import stacks_body
from personalize_monitor.widgets import HEADER_HEIGHT, Line, chart
from personalize_spec.arns import parse_arn

CHART_MAX_METRICS = 500
DASHBOARD_MAX_METRICS = 2500


def dashboards(inventory: Inventory, settings: Settings) -> dict[str, dict[str, Any]]:
    """Give the body of every dashboard by its name: one for each dataset group that has something to show."""
    groups: dict[str, list[Server | Tracker | Job]] = defaultdict(list)
    for part in (*inventory.servers, *inventory.trackers, *inventory.jobs):
        groups[part.group_arn].append(part)
    bodies = {
        dashboard_name(settings.prefix, arn, settings.home_region): _body(arn, parts, inventory, settings)
        for arn, parts in sorted(groups.items())
    }
    if inventory.workflows or inventory.apis:
        bodies[stacks_dashboard_name(settings.prefix)] = stacks_body(inventory)
    return bodies


def _body(group_arn: str, parts: list[Any], inventory: Inventory, settings: Settings) -> dict[str, Any]:
    region = group_arn.split(":")[3]
    charts = _charts(parts, inventory, settings)
    shown = [(title, unit, lines[: _share(charts)]) for title, unit, lines in charts]
    hidden = sum(len(lines) for _, _, lines in charts) - sum(len(lines) for _, _, lines in shown)
    widgets = [_header(group_arn, region, parts, hidden)]
    widgets += [chart(place, title, unit, lines, region) for place, (title, unit, lines) in enumerate(shown)]
    return {"start": "-PT24H", "periodOverride": "inherit", "widgets": widgets}


def _share(charts: list[tuple[str, str, list[Line]]]) -> int:
    """How many lines each chart may have, so that the dashboard stays within its limit."""
    return min(CHART_MAX_METRICS, DASHBOARD_MAX_METRICS // max(1, len(charts)))


def _charts(parts: list[Any], inventory: Inventory, settings: Settings) -> list[tuple[str, str, list[Line]]]:
    """Give title, unit and lines of every chart that has lines."""
    servers = sorted(
        (part for part in parts if isinstance(part, Server)), key=lambda server: (server.kind, server.name)
    )
    trackers = [part for part in parts if isinstance(part, Tracker)]
    jobs = [part for part in parts if isinstance(part, Job)]
    own = settings.namespace
    charts = [
        ("Requests", "requests in 5 minutes", _lines(servers, _requests)),
        ("Provisioned and used TPS", "TPS", _lines(servers, lambda server: _provisioned(server, own))),
        (
            "Utilization",
            "% of the minimum",
            _lines(servers, lambda s: [_own(s, own, f"{s.kind}Utilization", "Average")]),
        ),
        ("Latency", "ms on average", _lines(servers, _latency)),
        ("Errors", "% of the requests", _lines(servers, lambda server: [_own(server, own, "errorRate", "Average")])),
        (
            "Throttled",
            "requests in 5 minutes",
            _lines(servers, lambda s: [_own(s, own, "throttledRequests", "Maximum")]),
        ),
        ("Events in", "in 5 minutes", _lines(trackers, lambda tracker: [_events(tracker, own)])),
        ("Model age", "hours", [_age(job, own) for job in jobs if job.kind == "training" and job.succeeded_at]),
        ("Offline metrics", "", _offline(jobs, inventory, own)),
        ("Dollars", "$ per hour", _lines(servers, lambda server: _dollars(server, own))),
        ("Time of trainings and imports", "s", [_duration(job, own) for job in jobs if job.duration_s is not None]),
    ]
    return [chart for chart in charts if chart[2]]


def _lines(parts: Iterable[Any], lines_of: Callable[[Any], list[Line]]) -> list[Line]:
    return [line for part in parts for line in lines_of(part)]


def _requests(server: Server) -> list[Line]:
    return [
        [NATIVE, metric, server.dimension, server.arn, {"stat": "Sum", "label": server.name}]
        for metric in server.request_metrics
    ]


def _latency(server: Server) -> list[Line]:
    metrics = [f"{metric}Latency" for metric in server.request_metrics]
    return [
        [NATIVE, metric, server.dimension, server.arn, {"stat": "Average", "label": server.name}] for metric in metrics
    ]


def _own(server: Server, namespace: str, metric: str, stat: str, suffix: str = "") -> Line:
    return [namespace, metric, server.dimension, server.arn, {"stat": stat, "label": server.name + suffix}]


def _provisioned(server: Server, namespace: str) -> list[Line]:
    is_campaign = server.kind == CAMPAIGN
    minimum = "minProvisionedTPS" if is_campaign else "minRecommendationRequestsPerSecond"
    return [
        _own(server, namespace, minimum, "Average", " minimum"),
        _own(server, namespace, "averageTPS" if is_campaign else "averageRPS", "Average", " used"),
    ]


def _dollars(server: Server, namespace: str) -> list[Line]:
    return [
        _own(server, namespace, "dollarsPerHour", "Average", " charged"),
        _own(server, namespace, "dollarsPerHourWasted", "Average", " wasted"),
        _own(server, namespace, "dollarsPerHourSaved", "Average", " saved"),
    ]


def _events(tracker: Tracker, namespace: str) -> Line:
    return [namespace, "eventsReceived", "EventTrackerArn", tracker.arn, {"stat": "Maximum", "label": tracker.name}]


def _age(job: Job, namespace: str) -> Line:
    return [namespace, "modelAge", "SolutionArn", job.subject_arn, {"stat": "Minimum", "label": _label(job)}]


def _duration(job: Job, namespace: str) -> Line:
    dimension = "DatasetArn" if job.kind == "import" else "SolutionArn"
    return [namespace, f"{job.kind}Duration", dimension, job.subject_arn, {"stat": "Maximum", "label": _label(job)}]


def _offline(jobs: list[Job], inventory: Inventory, namespace: str) -> list[Line]:
    return [
        [
            namespace,
            f"offline_{name}",
            "SolutionVersionArn",
            job.version_arn,
            {"stat": "Average", "label": f"{_label(job)} {name}"},
        ]
        for job in jobs
        for name in sorted(inventory.offline_metrics.get(job.version_arn, ()))
    ]


def _label(job: Job) -> str:
    return parse_arn(job.subject_arn).path


def _header(group_arn: str, region: str, parts: list[Any], hidden: int) -> dict[str, Any]:
    arn = parse_arn(group_arn)
    counts: Mapping[str, int] = {
        "Campaigns and recommenders": sum(isinstance(part, Server) for part in parts),
        "event trackers": sum(isinstance(part, Tracker) for part in parts),
    }
    words = ", ".join(f"{what}: {count}" for what, count in counts.items())
    link = f"https://{region}.console.aws.amazon.com/personalize/home?region={region}#{group_arn}/dashboard"
    more = (
        f"\n\n{hidden} lines are not shown: CloudWatch takes {DASHBOARD_MAX_METRICS} in a dashboard." if hidden else ""
    )
    text = f"## {arn.path} · {region}\n{words} · [console]({link}){more}"
    return {"type": "text", "x": 0, "y": 0, "width": 24, "height": HEADER_HEIGHT, "properties": {"markdown": text}}
