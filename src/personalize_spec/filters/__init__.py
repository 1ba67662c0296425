"""The filter language: text to tree and back, and the checks against the schemas."""

from personalize_spec.filters.check import check_filter
from personalize_spec.filters.parser import parse_filter
from personalize_spec.filters.placeholders import expression_placeholders, placeholders, required_placeholders
from personalize_spec.filters.printer import format_filter
from personalize_spec.filters.problems import invalid_filter
from personalize_spec.filters.tree import (
    Comparison,
    Expression,
    Field,
    Filter,
    Membership,
    Placeholder,
    Predicate,
    Star,
    distinct_fields,
    fields_of,
    predicates_of,
    values_of,
)
from personalize_spec.filters.values import format_filter_value, parse_filter_value

__all__ = [
    "Comparison",
    "Expression",
    "Field",
    "Filter",
    "Membership",
    "Placeholder",
    "Predicate",
    "Star",
    "check_filter",
    "distinct_fields",
    "expression_placeholders",
    "fields_of",
    "format_filter",
    "format_filter_value",
    "invalid_filter",
    "parse_filter",
    "parse_filter_value",
    "placeholders",
    "predicates_of",
    "required_placeholders",
    "values_of",
]
