"""The expressions of metric attributions: what is added up for an event.

    SUM(Items.PRICE)    SUM(Interactions.EVENT_VALUE)    SAMPLECOUNT()

Source: contract §3.12. That words may be in any letter case, with spaces between them, is inferred.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from personalize_spec.errors import InvalidInputException
from personalize_spec.names import did_you_mean
from personalize_spec.schemas import DatasetSchema

SUM, SAMPLE_COUNT = "SUM", "SAMPLECOUNT"
DATASET_TYPES = {"items": "ITEMS", "interactions": "INTERACTIONS"}
_SUM = re.compile(r"\s*SUM\s*\(\s*(\w+)\s*\.\s*(\w+)\s*\)\s*", re.IGNORECASE)
_SAMPLE_COUNT = re.compile(r"\s*SAMPLECOUNT\s*\(\s*\)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class MetricExpression:
    """A function, and for a sum the column: `dataset_type` is ITEMS or INTERACTIONS."""

    function: str
    dataset_type: str | None = None
    column: str | None = None


def parse_expression(text: str) -> MetricExpression:
    """Read an expression.

    Errors: InvalidInputException.
    """
    if _SAMPLE_COUNT.fullmatch(text):
        return MetricExpression(SAMPLE_COUNT)
    match = _SUM.fullmatch(text)
    dataset_type = DATASET_TYPES.get(match[1].lower()) if match else None
    if match is None or dataset_type is None:
        raise InvalidInputException(
            f"'{text}' is not an expression of a metric: write SUM(Items.COLUMN), SUM(Interactions.COLUMN) or "
            "SAMPLECOUNT()."
        )
    return MetricExpression(SUM, dataset_type, match[2])


def check_expression(expression: MetricExpression, schemas: Mapping[str, DatasetSchema]) -> str | None:
    """Say why an expression does not suit the datasets, by type, such as "ITEMS"; None when it does."""
    if expression.dataset_type is None or expression.column is None:
        return None
    kind = expression.dataset_type.capitalize()
    schema = schemas.get(expression.dataset_type)
    if schema is None:
        return f"SUM({kind}.{expression.column}): the dataset group has no {kind} dataset."
    field = schema.field(expression.column)
    if field is None:
        return (
            f"The {kind} dataset has no column '{expression.column}'.{did_you_mean(expression.column, schema.columns)}"
        )
    if not field.is_numeric:
        return f"SUM({kind}.{expression.column}): the column holds no numbers."
    return None
