"""The tree of a filter expression.

A filter is a chain of expressions joined by `|`. An expression keeps or drops the records for which one of its
`alternatives` holds: the alternatives are joined by OR, the predicates inside one by AND, which binds tighter.
`user_conditions` are what follows IF, all of which must hold for the expression to count.

Source: contract §7.1, §7.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

INCLUDE = "INCLUDE"
EXCLUDE = "EXCLUDE"
CURRENT_USER = "CurrentUser"
CURRENT_ITEM = "CurrentItem"
EVENT_TYPE = "EVENT_TYPE"


@dataclass(frozen=True)
class Field:
    """A column of a dataset, or of the request's user (`CurrentUser`) or item (`CurrentItem`).

    `dataset` has its canonical spelling; `column` is spelled as written and means any letter case.
    """

    dataset: str
    column: str

    @property
    def dataset_type(self) -> str:
        """The type of the dataset the column is in, as in ARNs: CurrentUser is a row of USERS."""
        return {CURRENT_USER: "USERS", CURRENT_ITEM: "ITEMS"}.get(self.dataset, self.dataset.upper())


@dataclass(frozen=True)
class Placeholder:
    """A value the request gives in `filterValues`, written $NAME. Letter case counts."""

    name: str


@dataclass(frozen=True)
class Star:
    """Any event type."""


Value = str | int | float | Placeholder | Field
Element = Value | Star


@dataclass(frozen=True)
class Membership:
    """`field IN (values)` or, negated, `field NOT IN (values)`; `IN CurrentItem.X` holds one Field."""

    field: Field
    negated: bool
    values: tuple[Element, ...]


@dataclass(frozen=True)
class Comparison:
    """`field operator value` with one of = != < <= > >=."""

    field: Field
    operator: str
    value: Value


Predicate = Membership | Comparison


@dataclass(frozen=True)
class Expression:
    """One INCLUDE or EXCLUDE. Target is ItemID, UserID or ActionID."""

    verb: str
    target: str
    alternatives: tuple[tuple[Predicate, ...], ...]
    user_conditions: tuple[Predicate, ...] = ()


@dataclass(frozen=True)
class Filter:
    """A whole filter: what the includes keep, without what the excludes drop."""

    expressions: tuple[Expression, ...]


def predicates_of(expression: Expression) -> Iterator[Predicate]:
    """Walk the predicates of an expression, those after IF last."""
    for alternative in expression.alternatives:
        yield from alternative
    yield from expression.user_conditions


def values_of(predicate: Predicate) -> tuple[Element, ...]:
    """Give what the predicate compares its field with."""
    return predicate.values if isinstance(predicate, Membership) else (predicate.value,)


def fields_of(tree: Filter) -> Iterator[Field]:
    """Walk every field the filter names, repeats included."""
    for expression in tree.expressions:
        for predicate in predicates_of(expression):
            yield predicate.field
            yield from (value for value in values_of(predicate) if isinstance(value, Field))


def distinct_fields(tree: Filter) -> set[tuple[str, str]]:
    """Give the different fields of a filter: type of dataset and column, both in upper case."""
    return {(field.dataset_type, field.column.upper()) for field in fields_of(tree)}
