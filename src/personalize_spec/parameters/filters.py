"""Check the filters of a parameter file: their expressions, placeholders, and the contexts they serve."""

from __future__ import annotations

from collections.abc import Iterator

from personalize_spec.errors import InvalidInputException
from personalize_spec.filters import Filter, check_filter, fields_of, parse_filter, placeholders
from personalize_spec.limits import FILTER_MAX_FIELDS_PER_DATASET_GROUP
from personalize_spec.names import did_you_mean
from personalize_spec.parameters.datasets import Datasets
from personalize_spec.parameters.entries import recipe_of, solution_entries
from personalize_spec.parameters.finding import Finding, at, object_at, warning
from personalize_spec.recipes.recipe import PERSONALIZED_ACTIONS, USER_SEGMENTATION

DEFAULT_CONTEXT = "default"
DEFAULT_FILTER = "unread"
CATEGORY = "category"
_RECIPE_TYPE_OF_TARGET = {"ActionID": PERSONALIZED_ACTIONS, "UserID": USER_SEGMENTATION}


def check_filters(data: object, datasets: Datasets) -> Iterator[Finding]:
    """List what is wrong with the filters beyond their shape."""
    entries = [each for each in at(data, list, "filters") or [] if isinstance(each, dict)]
    trees: list[Filter] = []
    for index, entry in enumerate(at(data, list, "filters") or []):
        expression = at(entry, str, "filterExpression")
        if expression is None:
            continue
        path = f"filters[{index}]"
        try:
            tree = parse_filter(expression)
        except InvalidInputException as error:
            yield Finding(f"{path}.filterExpression", error.message)
            continue
        trees.append(tree)
        yield from _check_target(path, data, entry, tree)
        yield from _check_expression(f"{path}.filterExpression", tree, datasets)
        yield from _check_values(path, entry, tree)
    yield from _check_fields(trees)
    yield from _check_contexts(data, entries)


def _check_target(path: str, data: object, entry: object, tree: Filter) -> Iterator[Finding]:
    """The API asks for items; filters of actions and users are for the solutions that give such."""
    targets = {expression.target for expression in tree.expressions} - {"ItemID"}
    place = f"{path}.filterExpression"
    if targets and (at(entry, str, "context") or at(entry, str, "name") == DEFAULT_FILTER):
        yield Finding(place, "The campaigns recommend items: write ItemID after INCLUDE and EXCLUDE.")
        return
    types = {recipe.recipe_type for key, _ in solution_entries(data) if (recipe := recipe_of(data, key))}
    for target in sorted(targets):
        if _RECIPE_TYPE_OF_TARGET[target] not in types:
            yield warning(place, f"No solution here gives what {target} is for, so nothing can use this filter.")


def _check_expression(path: str, tree: Filter, datasets: Datasets) -> Iterator[Finding]:
    if not any(datasets.is_unreadable(field.dataset_type) for field in fields_of(tree)):
        yield from (Finding(path, message) for message in check_filter(tree, datasets.schemas))


def _check_values(path: str, entry: object, tree: Filter) -> Iterator[Finding]:
    """The older format has no filter_values: there the API gives the category to the filter of that name."""
    values = at(entry, list, "filter_values")
    used = placeholders(tree)
    if values is None:
        is_older = used == {CATEGORY} and at(entry, str, "name") == CATEGORY
        given = used if is_older else frozenset()
    else:
        given = frozenset(value.removeprefix("$") for value in values if isinstance(value, str))
    for name in sorted(used - given):
        text = f'The expression uses ${name}, so the API must give it a value: add "{name}" to filter_values.'
        yield Finding(f"{path}.filter_values", text + did_you_mean(name, given))
    for name in sorted(given - used):
        text = f"The expression does not use ${name}: remove '{name}' here, or use it there."
        yield Finding(f"{path}.filter_values", text + did_you_mean(name, used))


def _check_fields(trees: list[Filter]) -> Iterator[Finding]:
    fields = {(field.dataset_type, field.column.upper()) for tree in trees for field in fields_of(tree)}
    if len(fields) > FILTER_MAX_FIELDS_PER_DATASET_GROUP:
        most = FILTER_MAX_FIELDS_PER_DATASET_GROUP
        yield Finding("filters", f"The filters use {len(fields)} different fields, and at most {most} are allowed.")


def _check_contexts(data: object, entries: list[dict[str, object]]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for index, entry in enumerate(at(data, list, "filters") or []):
        context = at(entry, str, "context")
        if context is None:
            continue
        if context in first:
            text = f"The context '{context}' is served by filters[{first[context]}] already: choose another."
            yield Finding(f"filters[{index}].context", text)
        first.setdefault(context, index)
    names = {at(entry, str, "name") for entry in entries}
    serves = "userPersonalization" in object_at(data, "solutions")
    if serves and DEFAULT_CONTEXT not in first and DEFAULT_FILTER not in names:
        text = f'No filter serves the API\'s usual requests: give one the context "{DEFAULT_CONTEXT}".'
        yield warning("filters", text)
