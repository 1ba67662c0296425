"""Filters as masks over the catalogue: the tree is compiled once, the mask is one vectorised pass per condition.

    mask = what the includes keep, or everything without an include, minus what the excludes drop

Rule 1: null satisfies no comparison and no IN; it satisfies NOT IN.
Rule 2: an expression whose IF does not hold is as if it were not there; without the user in the data, it does not hold.
Rule 3: an INCLUDE must have a value for each placeholder; an EXCLUDE without one is as if it were not there.

Source: contract §7.2, §7.3. That `Interactions.EVENT_TYPE NOT IN (…)` asks for an event of another type is inferred.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce

import numpy as np

from personalize_local.runtime.catalogue import Catalogue
from personalize_local.runtime.column_tests import compares, is_listed
from personalize_local.runtime.columns import Selection
from personalize_local.runtime.histories import History
from personalize_spec.errors import InvalidInputException
from personalize_spec.filters import Expression, Field, Filter, Membership, Placeholder, Predicate, Star
from personalize_spec.filters.tree import INCLUDE, fields_of
from personalize_spec.outcomes import outcome_of

ITEMS, INTERACTIONS, ACTION_INTERACTIONS = "Items", "Interactions", "Action_Interactions"
ANY_TYPE = "*"
NO_ROW = -1

Elements = Sequence[str | float]


@dataclass(frozen=True)
class FilterQuestion:
    """What a mask depends on besides the filter. Rows are -1 for an item or user that is not in the data."""

    items: Catalogue
    users: Catalogue
    history: History
    user_row: int = NO_ROW
    item_row: int = NO_ROW
    values: Mapping[str, Elements] = field(default_factory=dict)
    rows: Selection = None  # the catalogue rows to judge; None for all

    def with_values(self, values: Mapping[str, Elements]) -> FilterQuestion:
        """Give the same question with values for placeholders."""
        return replace(self, values=values)

    @property
    def size(self) -> int:
        """How many rows are judged."""
        return len(self.items) if self.rows is None else len(self.rows)


class MissingValueError(Exception):
    """The request gives no value for a placeholder."""


Test = Callable[[FilterQuestion], np.ndarray]
Condition = Callable[[FilterQuestion], bool]


@dataclass(frozen=True)
class CompiledExpression:
    """One INCLUDE or EXCLUDE: `keeps` marks the rows it is about."""

    is_include: bool
    applies: Condition
    matches: Test

    def rows(self, question: FilterQuestion) -> np.ndarray | None:
        """Mark the rows the expression is about; None when it is as if it were not there.

        Errors: InvalidInputException when an INCLUDE lacks a value.
        """
        try:
            return self.matches(question) if self.applies(question) else None
        except MissingValueError as error:
            if self.is_include:
                raise InvalidInputException(
                    f"The filter needs a value for the parameter {error}: give it in filterValues."
                ) from error
            return None


@dataclass(frozen=True)
class CompiledFilter:
    """A filter ready to use, with the tree it was made from."""

    tree: Filter
    expressions: tuple[CompiledExpression, ...]

    @cached_property
    def is_about_items_alone(self) -> bool:
        """Whether it lets the same items pass for every reader and whatever item is asked about."""
        return all(field.dataset == ITEMS for field in fields_of(self.tree))

    def mask(self, question: FilterQuestion) -> np.ndarray:
        """Mark the rows that pass: [rows of the question] bool.

        Errors: InvalidInputException for values that are missing or not of the column's type.
        """
        marked = [(each.is_include, each.rows(question)) for each in self.expressions]
        included = [rows for is_include, rows in marked if is_include and rows is not None]
        excluded = [rows for is_include, rows in marked if not is_include and rows is not None]
        kept = reduce(np.logical_or, included) if included else np.ones(question.size, dtype=bool)
        return kept & ~reduce(np.logical_or, excluded) if excluded else kept


def compile_filter(tree: Filter) -> CompiledFilter:
    """Turn a tree into functions."""
    return CompiledFilter(tree, tuple(map(_expression, tree.expressions)))


def _expression(expression: Expression) -> CompiledExpression:
    alternatives = [[_item_test(predicate) for predicate in tests] for tests in expression.alternatives]
    conditions = [_user_condition(predicate) for predicate in expression.user_conditions]

    def matches(question: FilterQuestion) -> np.ndarray:
        joined = (reduce(np.logical_and, [test(question) for test in tests]) for tests in alternatives)
        return reduce(np.logical_or, joined)

    def applies(question: FilterQuestion) -> bool:
        return all(condition(question) for condition in conditions)

    return CompiledExpression(expression.verb == INCLUDE, applies, matches)


def _item_test(predicate: Predicate) -> Test:
    if predicate.field.dataset in (INTERACTIONS, ACTION_INTERACTIONS):
        return _interaction_test(predicate)
    values = _values(predicate)
    test = _column_test(predicate)
    return lambda question: test(question.items, question.rows, values(question))


def _user_condition(predicate: Predicate) -> Condition:
    values = _values(predicate)
    test = _column_test(predicate)

    def holds(question: FilterQuestion) -> bool:
        given = values(question)
        row = np.array([question.user_row])
        return question.user_row != NO_ROW and bool(test(question.users, row, given)[0])

    return holds


def _column_test(predicate: Predicate) -> Callable[[Catalogue, Selection, Elements], np.ndarray]:
    name = predicate.field.column
    if isinstance(predicate, Membership):
        negated = predicate.negated
        return lambda records, rows, values: is_listed(records, name, rows, values) ^ negated
    operator = predicate.operator
    return lambda records, rows, values: compares(records, name, rows, operator, values)


def _interaction_test(predicate: Predicate) -> Test:
    values = _values(predicate)
    negated = predicate.negated if isinstance(predicate, Membership) else predicate.operator == "!="
    written = _outcome if predicate.field.dataset == ACTION_INTERACTIONS else str

    def test(question: FilterQuestion) -> np.ndarray:
        types = [written(str(value)) for value in values(question)]
        touched = question.history.touched(None if ANY_TYPE in types else types, negated=negated)
        if question.rows is not None:
            return np.isin(question.rows, touched)
        mask = np.zeros(question.size, dtype=bool)
        mask[touched] = True
        return mask

    return test


def _outcome(event_type: str) -> str:
    """Give an outcome as histories have it, `Not taken` as NOT_TAKEN."""
    return outcome_of(event_type) or event_type


def _values(predicate: Predicate) -> Callable[[FilterQuestion], Elements]:
    """Give a function that looks up what the field is compared with."""
    parts = predicate.values if isinstance(predicate, Membership) else (predicate.value,)

    def look_up(question: FilterQuestion) -> Elements:
        return [element for part in parts for element in _elements(part, question)]

    constant = all(isinstance(part, str | int | float | Star) for part in parts)
    known: Elements = [ANY_TYPE if isinstance(part, Star) else part for part in parts] if constant else ()  # type: ignore[misc]
    return (lambda _question: known) if constant else look_up


def _elements(part: object, question: FilterQuestion) -> Elements:
    match part:
        case Placeholder(name):
            if name not in question.values:
                raise MissingValueError(name)
            return question.values[name]
        case Field(_, column):
            current = question.items.column(column)
            return [] if current is None else current.elements(question.item_row)
        case Star():
            return [ANY_TYPE]
        case str() | int() | float():
            return [part]
    raise TypeError(f"not a value of a filter: {part!r}")
