"""Which function handles which operation: all 79 of the three APIs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from personalize_local.control import (
    batch_inference_jobs,
    batch_segment_jobs,
    campaigns,
    data_deletion_jobs,
    dataset_export_jobs,
    dataset_groups,
    dataset_import_jobs,
    datasets,
    event_trackers,
    filters,
    metric_attributions,
    recipes,
    recommenders,
    schemas,
    solution_versions,
    solutions,
    tags,
)
from personalize_local.events import put_action_interactions, put_actions, put_events, put_items, put_users
from personalize_local.jobs.service import Service
from personalize_local.runtime import get_action_recommendations, get_personalized_ranking, get_recommendations
from personalize_local.runtime.engine import Engine
from personalize_spec.arns import Scope

Handler = Callable[[Any, Scope, dict[str, Any]], dict[str, Any] | None]

# Handlers that get the service.
SERVICE_HANDLERS: Mapping[str, Handler] = {
    "CreateSchema": schemas.create_schema,
    "DescribeSchema": schemas.describe_schema,
    "ListSchemas": schemas.list_schemas,
    "DeleteSchema": schemas.delete_schema,
    "CreateDatasetGroup": dataset_groups.create_dataset_group,
    "DescribeDatasetGroup": dataset_groups.describe_dataset_group,
    "ListDatasetGroups": dataset_groups.list_dataset_groups,
    "DeleteDatasetGroup": dataset_groups.delete_dataset_group,
    "CreateDataset": datasets.create_dataset,
    "DescribeDataset": datasets.describe_dataset,
    "ListDatasets": datasets.list_datasets,
    "UpdateDataset": datasets.update_dataset,
    "DeleteDataset": datasets.delete_dataset,
    "CreateDatasetImportJob": dataset_import_jobs.create_dataset_import_job,
    "DescribeDatasetImportJob": dataset_import_jobs.describe_dataset_import_job,
    "ListDatasetImportJobs": dataset_import_jobs.list_dataset_import_jobs,
    "CreateSolution": solutions.create_solution,
    "DescribeSolution": solutions.describe_solution,
    "ListSolutions": solutions.list_solutions,
    "UpdateSolution": solutions.update_solution,
    "DeleteSolution": solutions.delete_solution,
    "CreateSolutionVersion": solution_versions.create_solution_version,
    "DescribeSolutionVersion": solution_versions.describe_solution_version,
    "ListSolutionVersions": solution_versions.list_solution_versions,
    "StopSolutionVersionCreation": solution_versions.stop_solution_version_creation,
    "GetSolutionMetrics": solution_versions.get_solution_metrics,
    "CreateCampaign": campaigns.create_campaign,
    "DescribeCampaign": campaigns.describe_campaign,
    "ListCampaigns": campaigns.list_campaigns,
    "UpdateCampaign": campaigns.update_campaign,
    "DeleteCampaign": campaigns.delete_campaign,
    "CreateRecommender": recommenders.create_recommender,
    "DescribeRecommender": recommenders.describe_recommender,
    "ListRecommenders": recommenders.list_recommenders,
    "UpdateRecommender": recommenders.update_recommender,
    "DeleteRecommender": recommenders.delete_recommender,
    "StartRecommender": recommenders.start_recommender,
    "StopRecommender": recommenders.stop_recommender,
    "CreateFilter": filters.create_filter,
    "DescribeFilter": filters.describe_filter,
    "ListFilters": filters.list_filters,
    "DeleteFilter": filters.delete_filter,
    "CreateEventTracker": event_trackers.create_event_tracker,
    "DescribeEventTracker": event_trackers.describe_event_tracker,
    "ListEventTrackers": event_trackers.list_event_trackers,
    "DeleteEventTracker": event_trackers.delete_event_tracker,
    "ListRecipes": recipes.list_recipes,
    "DescribeRecipe": recipes.describe_recipe,
    "DescribeAlgorithm": recipes.describe_algorithm,
    "DescribeFeatureTransformation": recipes.describe_feature_transformation,
    "CreateBatchInferenceJob": batch_inference_jobs.create_batch_inference_job,
    "DescribeBatchInferenceJob": batch_inference_jobs.describe_batch_inference_job,
    "ListBatchInferenceJobs": batch_inference_jobs.list_batch_inference_jobs,
    "CreateMetricAttribution": metric_attributions.create_metric_attribution,
    "DescribeMetricAttribution": metric_attributions.describe_metric_attribution,
    "ListMetricAttributions": metric_attributions.list_metric_attributions,
    "UpdateMetricAttribution": metric_attributions.update_metric_attribution,
    "DeleteMetricAttribution": metric_attributions.delete_metric_attribution,
    "ListMetricAttributionMetrics": metric_attributions.list_metric_attribution_metrics,
    "CreateDatasetExportJob": dataset_export_jobs.create_dataset_export_job,
    "DescribeDatasetExportJob": dataset_export_jobs.describe_dataset_export_job,
    "ListDatasetExportJobs": dataset_export_jobs.list_dataset_export_jobs,
    "CreateDataDeletionJob": data_deletion_jobs.create_data_deletion_job,
    "DescribeDataDeletionJob": data_deletion_jobs.describe_data_deletion_job,
    "ListDataDeletionJobs": data_deletion_jobs.list_data_deletion_jobs,
    "CreateBatchSegmentJob": batch_segment_jobs.create_batch_segment_job,
    "DescribeBatchSegmentJob": batch_segment_jobs.describe_batch_segment_job,
    "ListBatchSegmentJobs": batch_segment_jobs.list_batch_segment_jobs,
    "TagResource": tags.tag_resource,
    "UntagResource": tags.untag_resource,
    "ListTagsForResource": tags.list_tags_for_resource,
    "PutEvents": put_events.put_events,
    "PutItems": put_items.put_items,
    "PutUsers": put_users.put_users,
    "PutActions": put_actions.put_actions,
    "PutActionInteractions": put_action_interactions.put_action_interactions,
}

# Handlers that get the engine, which has the models and the data at hand.
ENGINE_HANDLERS: Mapping[str, Handler] = {
    "GetRecommendations": get_recommendations.get_recommendations,
    "GetActionRecommendations": get_action_recommendations.get_action_recommendations,
    "GetPersonalizedRanking": get_personalized_ranking.get_personalized_ranking,
}


class Handlers:
    """The handlers, with what they need."""

    def __init__(self, service: Service, engine: Engine | None = None) -> None:
        self._service = service
        self._engine = engine if engine is not None else Engine(service)
        self._engine_at_hand = self._engine.at_hand()

    def call_at_hand(self, operation: str, scope: Scope, request: dict[str, Any]) -> dict[str, Any] | None:
        """Handle a request of the runtime, if that takes a moment only.

        Errors: NotAtHandError when it would take longer.
        """
        return ENGINE_HANDLERS[operation](self._engine_at_hand, scope, request)

    def call(self, operation: str, scope: Scope, request: dict[str, Any]) -> dict[str, Any] | None:
        """Handle a request; operations without an output give None."""
        if operation in ENGINE_HANDLERS:
            return ENGINE_HANDLERS[operation](self._engine, scope, request)
        return SERVICE_HANDLERS[operation](self._service, scope, request)
