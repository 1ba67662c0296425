"""The newspaper's parameter file: its format, every check on it, and the names of the resources it asks for."""

from personalize_spec.parameters.check import check_parameters
from personalize_spec.parameters.finding import ERROR, WARNING, Finding, has_errors
from personalize_spec.parameters.format import ALIASES, CAMPAIGN_OF_SOLUTION, FILE
from personalize_spec.parameters.json_schema import json_schema
from personalize_spec.parameters.model import (
    DEFAULT_TRAFFIC_RATIO,
    Campaign,
    Dataset,
    FilterEntry,
    Parameters,
    ParametersError,
    Solution,
)
from personalize_spec.parameters.resource_names import ResourceNames, canonical_schema, schema_variant_name

__all__ = [
    "ALIASES",
    "CAMPAIGN_OF_SOLUTION",
    "DEFAULT_TRAFFIC_RATIO",
    "ERROR",
    "FILE",
    "WARNING",
    "Campaign",
    "Dataset",
    "FilterEntry",
    "Finding",
    "Parameters",
    "ParametersError",
    "ResourceNames",
    "Solution",
    "canonical_schema",
    "check_parameters",
    "has_errors",
    "json_schema",
    "schema_variant_name",
]
