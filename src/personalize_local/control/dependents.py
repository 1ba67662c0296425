"""What builds on what: the resources that keep another from being deleted.

Source: contract §2.4, after the developer guide where it is stricter than the API reference.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from personalize_local.jobs.service import Service
from personalize_local.jobs.statuses import ACTIVE, CREATE_STOPPING, CREATING
from personalize_local.jobs.updates import is_updating
from personalize_local.store.resources import Resource
from personalize_spec.metric_expressions import parse_expression

RUNNING = CREATING | {CREATE_STOPPING}


def dataset_blockers(service: Service, dataset: Resource, connection: sqlite3.Connection) -> Iterator[Resource]:
    """Give what keeps a dataset: filters and campaigns of its group, its tracker, work in progress."""
    resources, group_arn = service.workspace.resources, dataset.parent_arn
    yield from resources.list("filter", parent_arn=group_arn, connection=connection)
    if dataset.body["dataset_type"] == "INTERACTIONS":
        yield from resources.list("event-tracker", parent_arn=group_arn, connection=connection)
    for attribution in resources.list("metric-attribution", parent_arn=group_arn, connection=connection):
        if dataset.body["dataset_type"] in attributed_datasets(attribution):
            yield attribution
    jobs = resources.list("dataset-import-job", parent_arn=dataset.arn, connection=connection)
    yield from (job for job in jobs if job.status in RUNNING)
    for solution in resources.list("solution", parent_arn=group_arn, connection=connection):
        yield from running_versions(service, solution, connection)
        yield from running_batch_jobs(service, solution, connection)
    recommenders = resources.list("recommender", parent_arn=group_arn, connection=connection)
    yield from (each for each in recommenders if each.status in RUNNING or is_updating(each))
    campaigns = group_campaigns(service, str(group_arn), connection)
    yield from (campaign for campaign in campaigns if campaign.status in RUNNING | {ACTIVE})


def attributed_datasets(attribution: Resource) -> set[str]:
    """Give the types of the datasets that a metric attribution is about: events always, and what it sums."""
    expressions = (parse_expression(metric["expression"]) for metric in attribution.body["metrics"])
    return {"INTERACTIONS", *(each.dataset_type for each in expressions if each.dataset_type)}


def running_versions(service: Service, solution: Resource, connection: sqlite3.Connection) -> Iterator[Resource]:
    """Give the versions of a solution that are being trained."""
    versions = service.workspace.resources.list("solution-version", parent_arn=solution.arn, connection=connection)
    yield from (version for version in versions if version.status in RUNNING)


def running_batch_jobs(service: Service, solution: Resource, connection: sqlite3.Connection) -> Iterator[Resource]:
    """Give the batch jobs that run on a solution's versions."""
    resources = service.workspace.resources
    for version in resources.list("solution-version", parent_arn=solution.arn, connection=connection):
        for kind in ("batch-inference-job", "batch-segment-job"):
            jobs = resources.list(kind, parent_arn=version.arn, connection=connection)
            yield from (job for job in jobs if job.status in RUNNING)


def filter_jobs(service: Service, resource: Resource, connection: sqlite3.Connection) -> Iterator[Resource]:
    """Give the batch inference jobs that run with a filter."""
    for job in service.workspace.resources.list("batch-inference-job", resource.scope, connection=connection):
        if job.body.get("filter_arn") == resource.arn and job.status in RUNNING:
            yield job


def solution_campaigns(service: Service, solution: Resource, connection: sqlite3.Connection) -> Iterator[Resource]:
    """Give the campaigns that have a version of a solution, or are being updated to one."""
    prefix = f"{solution.arn}/"
    for campaign in service.workspace.resources.list("campaign", solution.scope, connection=connection):
        update = campaign.body.get("latest_campaign_update", {})
        deployed = (campaign.body["solution_version_arn"], update.get("solution_version_arn", ""))
        if any(arn.startswith(prefix) for arn in deployed):
            yield campaign


def group_campaigns(service: Service, group_arn: str, connection: sqlite3.Connection) -> list[Resource]:
    """Give the campaigns of every solution in a dataset group."""
    resources = service.workspace.resources
    solutions = resources.list("solution", parent_arn=group_arn, connection=connection)
    return [
        campaign
        for solution in solutions
        for campaign in resources.list("campaign", parent_arn=solution.arn, connection=connection)
    ]
