"""The areas of the page in their order, and the operations of each; topics are areas without operations."""

from __future__ import annotations

from collections.abc import Mapping


def _resource(noun: str, plural: str, *verbs: str) -> tuple[str, ...]:
    return tuple(f"{verb}{plural if verb == 'List' else noun}" for verb in verbs)


_LIFE = ("Create", "Describe", "List", "Delete")
_JOB = ("Create", "Describe", "List")
AREAS: Mapping[str, tuple[str, ...]] = {
    "Protocol": (),
    "Lifecycles": (),
    "Schemas": _resource("Schema", "Schemas", *_LIFE),
    "Dataset groups": _resource("DatasetGroup", "DatasetGroups", *_LIFE),
    "Datasets": _resource("Dataset", "Datasets", *_LIFE, "Update"),
    "Imports": _resource("DatasetImportJob", "DatasetImportJobs", *_JOB),
    "Exports": _resource("DatasetExportJob", "DatasetExportJobs", *_JOB),
    "Data deletion": _resource("DataDeletionJob", "DataDeletionJobs", *_JOB),
    "Solutions": _resource("Solution", "Solutions", *_LIFE, "Update"),
    "Training": (
        *_resource("SolutionVersion", "SolutionVersions", *_JOB),
        *("StopSolutionVersionCreation", "GetSolutionMetrics"),
    ),
    "Campaigns": _resource("Campaign", "Campaigns", *_LIFE, "Update"),
    "Recommenders": _resource("Recommender", "Recommenders", *_LIFE, "Update", "Start", "Stop"),
    "Filters": _resource("Filter", "Filters", *_LIFE),
    "Event trackers": _resource("EventTracker", "EventTrackers", *_LIFE),
    "Recipes": ("ListRecipes", "DescribeRecipe", "DescribeAlgorithm", "DescribeFeatureTransformation"),
    "Batch inference": _resource("BatchInferenceJob", "BatchInferenceJobs", *_JOB),
    "Batch segments": _resource("BatchSegmentJob", "BatchSegmentJobs", *_JOB),
    "Metric attributions": (
        *_resource("MetricAttribution", "MetricAttributions", *_LIFE, "Update"),
        "ListMetricAttributionMetrics",
    ),
    "Tags": ("TagResource", "UntagResource", "ListTagsForResource"),
    "Recommendations": ("GetRecommendations",),
    "Rankings": ("GetPersonalizedRanking",),
    "Actions": ("PutActions", "PutActionInteractions", "GetActionRecommendations"),
    "Events, items and users": ("PutEvents", "PutItems", "PutUsers"),
    "Metrics in CloudWatch": (),
    "Who may ask": (),
    "Beside Personalize": (),
}
AREA_OF: Mapping[str, str] = {operation: area for area, names in AREAS.items() for operation in names}
