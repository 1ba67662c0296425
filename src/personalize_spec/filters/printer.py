"""Write a filter's tree as text, so that reading it again gives the same tree."""

from __future__ import annotations

from decimal import Decimal

from personalize_spec.filters.tree import Element, Expression, Field, Filter, Membership, Placeholder, Predicate, Star


def format_filter(tree: Filter) -> str:
    """Write a filter in one line, with keywords in upper case."""
    return " | ".join(map(format_expression, tree.expressions))


def format_expression(expression: Expression) -> str:
    """Write one INCLUDE or EXCLUDE expression."""
    condition = " OR ".join(_join(alternative) for alternative in expression.alternatives)
    users = f" IF {_join(expression.user_conditions)}" if expression.user_conditions else ""
    return f"{expression.verb} {expression.target} WHERE {condition}{users}"


def format_predicate(predicate: Predicate) -> str:
    """Write one condition."""
    field = format_field(predicate.field)
    if not isinstance(predicate, Membership):
        return f"{field} {predicate.operator} {_format_element(predicate.value)}"
    operator = "NOT IN" if predicate.negated else "IN"
    if isinstance(predicate.values[0], Field):
        return f"{field} {operator} {format_field(predicate.values[0])}"
    return f"{field} {operator} ({', '.join(map(_format_element, predicate.values))})"


def format_field(field: Field) -> str:
    """Write a field as Dataset.COLUMN."""
    return f"{field.dataset}.{field.column}"


def _join(predicates: tuple[Predicate, ...]) -> str:
    return " AND ".join(map(format_predicate, predicates))


def _format_element(value: Element) -> str:
    match value:
        case Field():
            return format_field(value)
        case Placeholder():
            return f"${value.name}"
        case Star():
            return "*"
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case float():
            return _format_float(value)
    return str(value)


def _format_float(value: float) -> str:
    """Numbers of the language have no exponent; a float keeps its point."""
    text = format(Decimal(repr(value)), "f")
    return text if "." in text else f"{text}.0"
