"""The placeholders of a filter: the names a request gives values for."""

from __future__ import annotations

from personalize_spec.filters.tree import INCLUDE, Expression, Filter, Placeholder, predicates_of, values_of


def placeholders(tree: Filter) -> frozenset[str]:
    """Give the names of all placeholders, without the `$`."""
    return frozenset().union(*map(expression_placeholders, tree.expressions))


def required_placeholders(tree: Filter) -> frozenset[str]:
    """Give the names a request must have a value for: those of INCLUDE expressions.

    An EXCLUDE expression with a value missing is left out instead. Source: contract §7.3.
    """
    return frozenset().union(*(expression_placeholders(each) for each in tree.expressions if each.verb == INCLUDE))


def expression_placeholders(expression: Expression) -> frozenset[str]:
    """Give the names of one expression's placeholders."""
    return frozenset(
        value.name
        for predicate in predicates_of(expression)
        for value in values_of(predicate)
        if isinstance(value, Placeholder)
    )
