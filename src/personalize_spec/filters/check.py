"""Check a filter against the schemas of the dataset group it is for.

Source: contract §7.2, §7.5: columns must exist, and be neither textual nor boolean. That literals must suit the
column's type is inferred; a quoted number is taken for a number column, as in `filterValues`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from personalize_spec.filters.printer import format_field, format_predicate
from personalize_spec.filters.tree import (
    Comparison,
    Element,
    Field,
    Filter,
    Placeholder,
    Predicate,
    Star,
    predicates_of,
    values_of,
)
from personalize_spec.names import did_you_mean
from personalize_spec.schemas import DatasetSchema
from personalize_spec.schemas import Field as Column

_ORDERINGS = ("<", "<=", ">", ">=")


def check_filter(tree: Filter, schemas: Mapping[str, DatasetSchema]) -> list[str]:
    """Say what in the filter does not suit the datasets; empty when nothing.

    Args: schemas by dataset type, such as "ITEMS"; a dataset that is not there is one the group does not have.
    """
    problems = (
        problem
        for expression in tree.expressions
        for predicate in predicates_of(expression)
        for problem in _predicate_problems(predicate, schemas)
    )
    return list(dict.fromkeys(problems))


def _predicate_problems(predicate: Predicate, schemas: Mapping[str, DatasetSchema]) -> Iterator[str]:
    fields = (predicate.field, *(value for value in values_of(predicate) if isinstance(value, Field)))
    field_problems = [problem for field in fields if (problem := _field_problem(field, schemas))]
    yield from field_problems
    if not field_problems:
        columns = [_column(field, schemas) for field in fields]
        yield from _type_problems(predicate, columns)


def _column(field: Field, schemas: Mapping[str, DatasetSchema]) -> Column:
    column = schemas[field.dataset_type].field(field.column)
    assert column is not None  # _field_problem has looked
    return column


def _field_problem(field: Field, schemas: Mapping[str, DatasetSchema]) -> str | None:
    name = format_field(field)
    schema = schemas.get(field.dataset_type)
    if schema is None:
        kind = field.dataset_type.capitalize()
        return f"{name}: there is no {kind} dataset. Add one, or remove the conditions on it."
    column = schema.field(field.column)
    if column is None:
        hint = did_you_mean(field.column, schema.columns) or f" It has: {', '.join(schema.columns)}."
        return f"{name}: the schema '{schema.name}' has no column '{field.column}'.{hint}"
    if column.textual:
        return f"{name}: textual columns cannot be filtered. Filter by a categorical column."
    if column.is_boolean:
        return f"{name}: boolean columns cannot be filtered. Keep the column as a string or as 0 and 1."
    return None


def _type_problems(predicate: Predicate, columns: list[Column]) -> Iterator[str]:
    text = format_predicate(predicate)
    column = columns[0]
    if isinstance(predicate, Comparison) and predicate.operator in _ORDERINGS and not column.is_numeric:
        yield f"{text}: {predicate.operator} compares numbers, and {column.name} is a string. Use IN or =."
        return
    if any(other.is_numeric != column.is_numeric for other in columns[1:]):
        yield f"{text}: one column holds numbers and the other strings. Compare columns of the same type."
    for value in values_of(predicate):
        if problem := _literal_problem(column, value):
            yield f"{text}: {problem}"


def _literal_problem(column: Column, value: Element) -> str | None:
    if isinstance(value, Placeholder | Star | Field):
        return None
    if column.is_numeric and isinstance(value, str) and not _is_number(value):
        return f'{column.name} holds numbers, so it never equals "{value}". Write a number without quotes.'
    if column.is_string and not isinstance(value, str):
        return f'{column.name} holds strings. Put the value in double quotes: "{value}".'
    return None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
