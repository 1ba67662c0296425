"""The newspaper's parameter file: its format, every check on it, and the names of the resources it asks for."""

from personalize_spec.parameters.check import check_parameters
from personalize_spec.parameters.finding import ERROR, WARNING, Finding, has_errors
from personalize_spec.parameters.format import ALIASES, CAMPAIGN_OF_SOLUTION, DATASET_TYPE_OF, FILE, SCHEDULED_WORK
from personalize_spec.parameters.json_schema import json_schema
from personalize_spec.parameters.reading import DEFAULT_TRAFFIC_RATIO, Gate, Traffic
from personalize_spec.parameters.resource_names import (
    ResourceNames,
    canonical_schema,
    schema_name,
    schema_variant_name,
    second_slot,
)

__all__ = [
    "ALIASES",
    "CAMPAIGN_OF_SOLUTION",
    "DATASET_TYPE_OF",
    "DEFAULT_TRAFFIC_RATIO",
    "ERROR",
    "FILE",
    "SCHEDULED_WORK",
    "WARNING",
    "Finding",
    "Gate",
    "ResourceNames",
    "Traffic",
    "canonical_schema",
    "check_parameters",
    "has_errors",
    "json_schema",
    "schema_name",
    "schema_variant_name",
    "second_slot",
]
