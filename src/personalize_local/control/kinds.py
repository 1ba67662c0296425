"""The kinds of resources, named as in their ARNs, and how the API's members name them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """How a kind of resource is called: in messages, and in the members of requests and answers."""

    noun: str
    arn_member: str
    parent_member: str | None = None
    name_member: str = "name"
    taggable: bool = True


KINDS: Mapping[str, Kind] = {
    "schema": Kind("schema", "schema_arn", taggable=False),
    "dataset-group": Kind("dataset group", "dataset_group_arn"),
    "dataset": Kind("dataset", "dataset_arn", "dataset_group_arn"),
    "dataset-import-job": Kind("dataset import job", "dataset_import_job_arn", "dataset_arn", "job_name"),
    "dataset-export-job": Kind("dataset export job", "dataset_export_job_arn", "dataset_arn", "job_name"),
    "data-deletion-job": Kind("data deletion job", "data_deletion_job_arn", "dataset_group_arn", "job_name"),
    "batch-inference-job": Kind("batch inference job", "batch_inference_job_arn", "solution_version_arn", "job_name"),
    "batch-segment-job": Kind("batch segment job", "batch_segment_job_arn", "solution_version_arn", "job_name"),
    "solution": Kind("solution", "solution_arn", "dataset_group_arn"),
    "solution-version": Kind("solution version", "solution_version_arn", "solution_arn"),
    "campaign": Kind("campaign", "campaign_arn"),
    "recommender": Kind("recommender", "recommender_arn", "dataset_group_arn"),
    "filter": Kind("filter", "filter_arn", "dataset_group_arn"),
    "event-tracker": Kind("event tracker", "event_tracker_arn", "dataset_group_arn"),
    "metric-attribution": Kind("metric attribution", "metric_attribution_arn", "dataset_group_arn", taggable=False),
}
