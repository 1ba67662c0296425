"""Schemas of datasets: read from Avro JSON, checked against the type of dataset and the domain."""

from personalize_spec.schemas.check import DATASET_TYPES, check_schema, dataset_type_of
from personalize_spec.schemas.parse import SchemaProblem, find_schema_problems, parse_schema, schema_from_data
from personalize_spec.schemas.schema import AVRO_TYPES, NUMERIC_TYPES, DatasetSchema, Field, fold_column

__all__ = [
    "AVRO_TYPES",
    "DATASET_TYPES",
    "NUMERIC_TYPES",
    "DatasetSchema",
    "Field",
    "SchemaProblem",
    "check_schema",
    "dataset_type_of",
    "find_schema_problems",
    "fold_column",
    "parse_schema",
    "schema_from_data",
]
