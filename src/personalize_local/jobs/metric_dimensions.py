"""The dimensions of a metric, found from what a call or a job names.

Source: contract §8.2. That calls which name nothing that exists have no metric is inferred: there is no dimension for
them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from personalize_local.store.resources import Resource, ResourceStore
from personalize_spec.arns import Scope

ARN_PREFIX = "arn:"
Dimensions = tuple[tuple[str, str], ...]


def dimensions_of(resources: ResourceStore, scope: Scope, subject: str) -> Dimensions | None:
    """Give the dimensions of a subject, an ARN or a tracking id; None when it names nothing of the scope."""
    resource = resources.get(subject) if subject.startswith(ARN_PREFIX) else _tracker(resources, scope, subject)
    if resource is None or resource.scope != scope or resource.kind not in _DIMENSIONS:
        return None
    return _DIMENSIONS[resource.kind](resources, resource)


def _tracker(resources: ResourceStore, scope: Scope, tracking_id: str) -> Resource | None:
    trackers = resources.list("event-tracker", scope)
    return next((tracker for tracker in trackers if tracker.body["tracking_id"] == tracking_id), None)


def _of_tracker(resources: ResourceStore, tracker: Resource) -> Dimensions:
    datasets = resources.list("dataset", parent_arn=tracker.parent_arn)
    arns = [dataset.arn for dataset in datasets if dataset.body["dataset_type"] == "INTERACTIONS"]
    return (
        ("DatasetGroupArn", str(tracker.parent_arn)),
        *(("DatasetArn", arn) for arn in arns),
        ("EventTrackerArn", tracker.arn),
    )


def _of_dataset(resources: ResourceStore, dataset: Resource) -> Dimensions:
    return (("DatasetGroupArn", str(dataset.parent_arn)), ("DatasetArn", dataset.arn))


def _of_import(resources: ResourceStore, job: Resource) -> Dimensions:
    dataset = resources.get(str(job.parent_arn))
    own = ("DatasetImportJobArn", job.arn)
    return (own,) if dataset is None else (*_of_dataset(resources, dataset), own)


def _of_version(resources: ResourceStore, version: Resource) -> Dimensions:
    return (("SolutionArn", str(version.parent_arn)), ("SolutionVersionArn", version.arn))


_DIMENSIONS: Mapping[str, Callable[[ResourceStore, Resource], Dimensions]] = {
    "campaign": lambda _resources, campaign: (("CampaignArn", campaign.arn),),
    "recommender": lambda _resources, recommender: (("RecommenderArn", recommender.arn),),
    "dataset": _of_dataset,
    "event-tracker": _of_tracker,
    "dataset-import-job": _of_import,
    "solution-version": _of_version,
}
