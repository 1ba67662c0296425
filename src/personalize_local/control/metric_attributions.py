"""Metric attributions: what events bring, per source that recommended.

Source: contract §3.12, §2.2. Updates take effect at once, and the status stays ACTIVE (inferred); so is that a metric
that is to be removed and is not there is refused.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from personalize_local.control.group_schemas import group_schemas
from personalize_local.control.pages import list_page, next_token, read_token
from personalize_local.control.resources import (
    build,
    description,
    picked,
    require,
    require_absent,
    require_active,
    require_settled,
)
from personalize_local.jobs.lifecycle import CREATE, DELETE
from personalize_local.jobs.service import Service
from personalize_local.jobs.statuses import CREATE_PENDING
from personalize_local.store.resources import Resource
from personalize_spec.arns import Scope
from personalize_spec.errors import (
    InvalidInputException,
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
)
from personalize_spec.limits import METRICS_PER_ATTRIBUTION, PAGE_MAX_RESULTS
from personalize_spec.metric_expressions import check_expression, parse_expression

KIND = "metric-attribution"
METRICS = "metric-attribution-metrics"
Metric = Mapping[str, str]


def create_metric_attribution(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Create the metric attribution of a dataset group."""
    metrics, arn = request["metrics"], scope.arn(KIND, request["name"])
    _require_different(metrics)
    with service.transaction() as connection:
        group = require(service, scope, "dataset-group", request["dataset_group_arn"], connection)
        _check_metrics(service, group, metrics, connection)
        require_absent(service, scope, KIND, request["name"], connection)
        for other in service.workspace.resources.list(KIND, parent_arn=group.arn, connection=connection):
            raise ResourceAlreadyExistsException(f"The dataset group has a metric attribution already: {other.arn}.")
        require_active(group)
        body = picked(request, "metrics", "metrics_output_config")
        status = CREATE_PENDING
        attribution = build(service, scope, KIND, arn, request["name"], status=status, parent_arn=group.arn, body=body)
        service.workspace.resources.insert(connection, attribution)
        service.workspace.attributions.start(connection, arn)
        service.lifecycle.begin(connection, arn, CREATE)
    return {"metric_attribution_arn": arn}


def describe_metric_attribution(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a metric attribution; ListMetricAttributionMetrics has its metrics."""
    return {"metric_attribution": description(require(service, scope, KIND, request["metric_attribution_arn"]))}


def list_metric_attributions(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the metric attributions, of one dataset group or of all."""
    return list_page(service, scope, request, KIND, "metric_attributions", parent_member="dataset_group_arn")


def list_metric_attribution_metrics(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """List the metrics of a metric attribution, in the order they were added.

    Errors: InvalidInputException also for one that does not exist: AWS's model has no other error here.
    """
    arn = _arn(request)
    size = request.get("max_results", PAGE_MAX_RESULTS)
    place = read_token(request, METRICS, arn)
    try:
        metrics = require(service, scope, KIND, arn).body["metrics"]
    except ResourceNotFoundException as error:
        raise InvalidInputException(error.message) from error
    more = next_token(METRICS, arn, place + size) if place + size < len(metrics) else {}
    return {"metrics": metrics[place : place + size]} | more


def update_metric_attribution(service: Service, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Add and remove metrics, change where reports go."""
    arn = _arn(request)
    added, removed = request.get("add_metrics", []), request.get("remove_metrics", [])
    if not (added or removed or "metrics_output_config" in request):
        raise InvalidInputException("Nothing to update: give addMetrics, removeMetrics or metricsOutputConfig.")
    _require_different(added)
    with service.transaction() as connection:
        attribution = require(service, scope, KIND, arn, connection)
        group = require(service, scope, "dataset-group", str(attribution.parent_arn), connection)
        _check_metrics(service, group, added, connection)
        metrics = _changed(attribution, added, removed)
        require_active(attribution)
        _require_room(metrics)
        changes = {"metrics": metrics} | picked(request, "metrics_output_config")
        service.workspace.resources.update(connection, arn, service.clock.now(), changes=changes)
    return {"metric_attribution_arn": arn}


def delete_metric_attribution(service: Service, scope: Scope, request: Mapping[str, Any]) -> None:
    """Delete a metric attribution; what it sent to CloudWatch and S3 stays."""
    with service.transaction() as connection:
        attribution = require(service, scope, KIND, request["metric_attribution_arn"], connection)
        require_settled(attribution)
        service.lifecycle.begin(connection, attribution.arn, DELETE)


def _arn(request: Mapping[str, Any]) -> str:
    """Give the metric attribution's ARN, which the model does not require and the service does."""
    arn = request.get("metric_attribution_arn")
    if arn is None:
        raise InvalidInputException("metricAttributionArn is missing.")
    return str(arn)


def _require_different(metrics: Iterable[Metric]) -> None:
    counts = Counter(metric["metric_name"] for metric in metrics)
    repeated = [name for name, count in counts.items() if count > 1]
    if repeated:
        raise InvalidInputException(f"Metric names must differ; there is more than one {', '.join(repeated)}.")


def _check_metrics(
    service: Service, group: Resource, metrics: Iterable[Metric], connection: sqlite3.Connection
) -> None:
    """Check that the datasets have what the metrics are about.

    Errors: InvalidInputException that names every mistake.
    """
    expressions = [parse_expression(metric["expression"]) for metric in metrics]
    schemas = group_schemas(service, group.arn, connection)
    interactions = schemas.get("INTERACTIONS")
    if interactions is None or interactions.field("EVENT_TYPE") is None:
        raise InvalidInputException(
            "Metrics are about types of events: the dataset group needs an Interactions dataset whose schema has "
            "EVENT_TYPE."
        )
    problems = [problem for expression in expressions if (problem := check_expression(expression, schemas))]
    if problems:
        raise InvalidInputException(" ".join(problems))


def _changed(attribution: Resource, added: Iterable[Metric], removed: Iterable[str]) -> list[Metric]:
    """Give the metrics after an update.

    Errors: ResourceNotFoundException for one to remove that is not there; ResourceAlreadyExistsException for one to
    add whose name is taken.
    """
    kept = {metric["metric_name"]: metric for metric in attribution.body["metrics"]}
    for name in removed:
        if kept.pop(name, None) is None:
            raise ResourceNotFoundException(f"The metric attribution {attribution.arn} has no metric '{name}'.")
    for metric in added:
        if metric["metric_name"] in kept:
            raise ResourceAlreadyExistsException(
                f"The metric attribution {attribution.arn} has a metric '{metric['metric_name']}' already."
            )
        kept[metric["metric_name"]] = metric
    return list(kept.values())


def _require_room(metrics: list[Metric]) -> None:
    """Errors: InvalidInputException: UpdateMetricAttribution has no LimitExceededException in AWS's model."""
    if len(metrics) > METRICS_PER_ATTRIBUTION:
        raise InvalidInputException(f"A metric attribution has at most {METRICS_PER_ATTRIBUTION} metrics.")
