"""The conditions on columns: IN and comparisons, over a whole catalogue or a selection of rows.

A column of texts takes a number by its digits (`18` is "18"); a column of numbers takes a text that is a number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from personalize_local.runtime.catalogue import Catalogue
from personalize_local.runtime.columns import NumericColumn, Selection, TextColumn
from personalize_spec.errors import InvalidInputException

ORDERINGS: Mapping[str, Callable[[np.ndarray, float], np.ndarray]] = {
    "=": np.equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}


def is_listed(records: Catalogue, name: str, rows: Selection, values: Sequence[str | float]) -> np.ndarray:
    """Mark the rows whose value, or one of whose values, is listed. Null never is."""
    column = records.column(name)
    match column:
        case NumericColumn():
            numbers = [number for value in values if (number := _number(value)) is not None]
            return np.isin(column.numbers(rows), numbers)
        case TextColumn():
            return column.matches([_text(value) for value in values], rows)
    return np.zeros(_size(records, rows), dtype=bool)


def compares(
    records: Catalogue, name: str, rows: Selection, operator: str, values: Sequence[str | float]
) -> np.ndarray:
    """Mark the rows whose value compares with the one value given. Null never does, nor with null (no value).

    Errors: InvalidInputException for several values, for a text where the column has numbers, for an order of texts.
    """
    column = records.column(name)
    if column is None or not values:
        return np.zeros(_size(records, rows), dtype=bool)
    if operator in ("=", "!=") and isinstance(column, TextColumn):
        listed = column.matches([_text(value) for value in values], rows)
        return listed if operator == "=" else ~listed & ~column.is_null(rows)
    if isinstance(column, TextColumn):
        raise InvalidInputException(f"{name} is a text, and {operator} compares numbers: use IN or =.")
    number = _one_number(name, values)
    numbers = column.numbers(rows)
    if operator == "!=":
        return (numbers != number) & ~np.isnan(numbers)
    return ORDERINGS[operator](numbers, number)


def _one_number(name: str, values: Sequence[str | float]) -> float:
    number = _number(values[0]) if len(values) == 1 else None
    if number is None:
        raise InvalidInputException(f"{name} is a number: compare it with one number.")
    return number


def _number(value: str | float) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return None
    return None if math.isnan(number) else number


def _text(value: str | float) -> str:
    if isinstance(value, str):
        return value
    return str(int(value)) if value == int(value) else repr(float(value))


def _size(records: Catalogue, rows: Selection) -> int:
    return len(records) if rows is None else len(rows)
