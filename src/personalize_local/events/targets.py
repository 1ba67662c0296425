"""Where streamed data goes: the dataset of a tracking id, or of an ARN, with its schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from personalize_local.jobs.service import Service
from personalize_local.jobs.statuses import ACTIVE, CREATING
from personalize_local.store.resources import Resource
from personalize_spec.arns import Scope, parse_arn
from personalize_spec.errors import InvalidInputException, ResourceInUseException, ResourceNotFoundException
from personalize_spec.schemas import DatasetSchema, parse_schema

OPERATION_OF: Mapping[str, str] = {
    "INTERACTIONS": "PutEvents",
    "ITEMS": "PutItems",
    "USERS": "PutUsers",
    "ACTIONS": "PutActions",
    "ACTION_INTERACTIONS": "PutActionInteractions",
}
# Clients send events with the trackingId as soon as they have it.
SENT_TO = CREATING | {ACTIVE}

_parsed = lru_cache(256)(parse_schema)


@dataclass(frozen=True)
class Target:
    """A dataset that takes records, and what they must look like."""

    dataset_arn: str
    schema: DatasetSchema


def interactions_of_tracker(service: Service, scope: Scope, tracking_id: str) -> Target:
    """Give the Interactions dataset of the dataset group that the event tracker belongs to.

    Errors: InvalidInputException for an unknown tracking id, a tracker that failed or is being deleted, a group without
    the dataset.
    """
    trackers = service.workspace.resources.list("event-tracker", scope)
    tracker = next((item for item in trackers if item.body["tracking_id"] == tracking_id), None)
    if tracker is None:
        raise InvalidInputException(f"There is no event tracker with the tracking id {tracking_id}.")
    if tracker.status not in SENT_TO:
        raise InvalidInputException(f"The event tracker {tracker.arn} is not ACTIVE: it is {tracker.status}.")
    datasets = service.workspace.resources.list("dataset", parent_arn=tracker.parent_arn)
    for dataset in datasets:
        if dataset.body["dataset_type"] == "INTERACTIONS":
            return Target(dataset.arn, _schema(service, dataset))
    raise InvalidInputException(
        f"The dataset group {tracker.parent_arn} has no Interactions dataset: create one before you send events."
    )


def action_interactions_of(service: Service, scope: Scope, tracking_id: str) -> Target:
    """Give the Action_Interactions dataset that a tracking id belongs to (DescribeDataset shows it).

    Errors: ResourceNotFoundException for an unknown tracking id; ResourceInUseException while the dataset is being
    created or deleted.
    """
    datasets = service.workspace.resources.list("dataset", scope)
    dataset = next((each for each in datasets if each.body.get("tracking_id") == tracking_id), None)
    if dataset is None:
        raise ResourceNotFoundException(f"There is no Action_Interactions dataset with the tracking id {tracking_id}.")
    return dataset_to_put(service, scope, dataset.arn, "ACTION_INTERACTIONS")


def dataset_to_put(service: Service, scope: Scope, dataset_arn: str, dataset_type: str) -> Target:
    """Give the dataset of an ARN, which must be of the type.

    Errors: ResourceNotFoundException; InvalidInputException for another type; ResourceInUseException while the
    dataset is being created or deleted.
    """
    parse_arn(dataset_arn)
    dataset = service.workspace.resources.get(dataset_arn)
    if dataset is None or dataset.kind != "dataset" or dataset.scope != scope:
        raise ResourceNotFoundException(f"Resource Arn {dataset_arn} does not exist.")
    actual = dataset.body["dataset_type"]
    if actual != dataset_type:
        raise InvalidInputException(
            f"{dataset_arn} is a dataset of type {actual}, not {dataset_type}: use {OPERATION_OF[actual]} for it."
        )
    if dataset.status != ACTIVE:
        raise ResourceInUseException(f"The dataset {dataset_arn} is not ACTIVE: it is {dataset.status}.")
    return Target(dataset.arn, _schema(service, dataset))


def _schema(service: Service, dataset: Resource) -> DatasetSchema:
    schema = service.workspace.resources.get(dataset.body["schema_arn"])
    assert schema is not None  # a schema in use cannot be deleted
    return _parsed(schema.body["schema"])
