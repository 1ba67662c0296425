"""The lengths and numbers of the API's shapes are those of botocore's models."""

from __future__ import annotations

import pytest

from personalize_local.wire.models import API_NAMES, service_model
from personalize_spec import limits

# Limit → API, shape, and whether it bounds the shape or the member named after a dot.
BOUNDS = {
    "NAME_MAX_LENGTH": ("personalize", "Name"),
    "ARN_MAX_LENGTH": ("personalize", "Arn"),
    "S3_LOCATION_MAX_LENGTH": ("personalize", "S3Location"),
    "AVRO_SCHEMA_MAX_LENGTH": ("personalize", "AvroSchema"),
    "COLUMN_NAME_MAX_LENGTH": ("personalize", "ColumnName"),
    "DATASET_TYPE_MAX_LENGTH": ("personalize", "DatasetType"),
    "EVENT_TYPE_MAX_LENGTH": ("personalize", "EventType"),
    "EVENT_VALUE_THRESHOLD_MAX_LENGTH": ("personalize", "EventValueThreshold"),
    "FILTER_EXPRESSION_MAX_LENGTH": ("personalize", "FilterExpression"),
    "PARAMETER_MAP_MAX_ENTRIES": ("personalize", "HyperParameters"),
    "PARAMETER_NAME_MAX_LENGTH": ("personalize", "ParameterName"),
    "PARAMETER_VALUE_MAX_LENGTH": ("personalize", "ParameterValue"),
    "EVENT_PARAMETERS_MAX_ENTRIES": ("personalize", "EventParametersList"),
    "TRAINING_COLUMNS_MAX_DATASETS": ("personalize", "ExcludedDatasetColumns"),
    "TRAINING_COLUMNS_MAX_PER_DATASET": ("personalize", "ColumnNamesList"),
    "TRAINING_SCHEDULE_MAX_LENGTH": ("personalize", "SchedulingExpression"),
    "TAGS_PER_REQUEST": ("personalize", "Tags"),
    "TAG_KEY_MAX_LENGTH": ("personalize", "TagKey"),
    "TAG_VALUE_MAX_LENGTH": ("personalize", "TagValue"),
    "METRIC_ATTRIBUTES_MAX_ENTRIES": ("personalize", "MetricAttributes"),
    "NEXT_TOKEN_MAX_LENGTH": ("personalize", "NextToken"),
    "PAGE_MAX_RESULTS": ("personalize", "MaxResults"),
    "ID_MAX_LENGTH": ("personalize-runtime", "UserID"),
    "CONTEXT_MAX_ENTRIES": ("personalize-runtime", "Context"),
    "CONTEXT_NAME_MAX_LENGTH": ("personalize-runtime", "AttributeName"),
    "CONTEXT_VALUE_MAX_LENGTH": ("personalize-runtime", "AttributeValue"),
    "FILTER_VALUES_MAX_ENTRIES": ("personalize-runtime", "FilterValues"),
    "FILTER_PARAMETER_MAX_LENGTH": ("personalize-runtime", "FilterAttributeName"),
    "FILTER_VALUE_MAX_LENGTH": ("personalize-runtime", "FilterAttributeValue"),
    "PUT_MAX_RECORDS": ("personalize-events", "EventList"),
    "EVENT_PROPERTIES_MAX_LENGTH": ("personalize-events", "EventPropertiesJSON"),
    "ITEM_PROPERTIES_MAX_LENGTH": ("personalize-events", "ItemProperties"),
    "ACTION_PROPERTIES_MAX_LENGTH": ("personalize-events", "ActionProperties"),
    "USER_PROPERTIES_MAX_LENGTH": ("personalize-events", "UserProperties"),
    "IMPRESSION_MAX_ITEMS": ("personalize-events", "Impression"),
    "RECOMMENDATION_ID_MAX_LENGTH": ("personalize-events", "RecommendationId"),
    "EVENT_ATTRIBUTION_SOURCE_MAX_LENGTH": ("personalize-events", "EventAttributionSource"),
}


@pytest.mark.parametrize("name", BOUNDS)
def test_a_limit_is_that_of_the_model(name: str) -> None:
    api, shape = BOUNDS[name]
    assert getattr(limits, name) == service_model(api).shape_for(shape).metadata["max"]


def test_ids_have_the_same_length_in_all_apis() -> None:
    found = {
        service_model(api).shape_for(shape).metadata["max"]
        for api in API_NAMES
        for shape in service_model(api).shape_names
        if shape in ("UserID", "ItemID", "ActionID", "UserId", "ItemId", "ActionId")
    }
    assert found == {limits.ID_MAX_LENGTH}
