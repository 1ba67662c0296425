"""The requests that a campaign must answer before readers meet it: without a filter, and with each of the API's; pure.

Source: contract §6.1, §6.2, §7.3; what the API asks with: api/functions/recommendations/chain.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from samples import Samples

from personalize_spec.filters import Comparison, Field, Placeholder, format_filter_value, parse_filter, predicates_of
from personalize_spec.filters.tree import Filter, Predicate, values_of
from personalize_spec.recipes import get_recipe
from personalize_spec.recipes.recipe import PERSONALIZED_ACTIONS, PERSONALIZED_RANKING, Recipe

TIME_PARAMETER = "minTimestamp"
DAYS = 3  # what recent means to the API, unless its stack says otherwise
DAY_S = 86_400
WANTED = 10
UNKNOWN_READER = "smoke-test"
RECOMMEND = "get_recommendations"
OPERATIONS = {PERSONALIZED_RANKING: "get_personalized_ranking", PERSONALIZED_ACTIONS: "get_action_recommendations"}


@dataclass(frozen=True)
class Question:
    """Requests of one sort, one for each reader: `name` says which, `arguments` are those of the runtime's call."""

    name: str
    operation: str
    arguments: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Subject:
    """What is asked: a campaign, what its recipe needs, and the API's contexts with their filters."""

    campaign_arn: str
    recipe_arn: str
    contexts: Mapping[str, Mapping[str, Any]]

    def filter_arn(self, name: str) -> str:
        """Filters live beside their campaign."""
        return self.campaign_arn.partition(":campaign/")[0] + f":filter/{name}"


def questions(subject: Subject, samples: Samples, users: int, now_epoch_s: float) -> Iterator[Question]:
    """Yield the questions: the plain one first, then one for each filter; none where no article is known."""
    recipe = get_recipe(subject.recipe_arn)
    items = samples.of("ITEMS", "ITEM_ID") or samples.of("INTERACTIONS", "ITEM_ID")
    if not items and (recipe.needs_item_id or recipe.recipe_type == PERSONALIZED_RANKING):
        return
    readers = samples.of("INTERACTIONS", "USER_ID")[:users] or [UNKNOWN_READER]
    operation = OPERATIONS.get(recipe.recipe_type, RECOMMEND)
    plain = [_plain(subject, recipe, reader, items, index) for index, reader in enumerate(readers)]
    yield Question("without a filter", operation, tuple(plain))
    for name, hints in _filters(subject.contexts) if operation == RECOMMEND else ():
        values = filter_values(hints.get("filterExpression", ""), samples, now_epoch_s)
        if values is not None:
            added = {"filterArn": subject.filter_arn(name), **({"filterValues": values} if values else {})}
            yield Question(f"with the filter {name}", operation, tuple({**each, **added} for each in plain))


def unasked(subject: Subject, samples: Samples) -> list[str]:
    """Name the filters that cannot be asked with, as no value is known for one of their parameters."""
    filters = _filters(subject.contexts)
    return [name for name, hints in filters if filter_values(hints.get("filterExpression", ""), samples, 0.0) is None]


def filter_values(expression: str, samples: Samples, now_epoch_s: float) -> dict[str, str] | None:
    """Give a real value for each `$parameter` of a filter; None when one is not known."""
    if not expression:
        return {}
    values: dict[str, str] = {}
    for predicate in _predicates(parse_filter(expression)):
        for placeholder in (each for each in values_of(predicate) if isinstance(each, Placeholder)):
            known = _value(placeholder.name, predicate, samples, now_epoch_s)
            if known is None:
                return None
            values[placeholder.name] = known
    return values


def _value(name: str, predicate: Predicate, samples: Samples, now_epoch_s: float) -> str | None:
    if name == TIME_PARAMETER:
        return str(int(now_epoch_s) - DAYS * DAY_S)
    field: Field = predicate.field
    known = samples.of(field.dataset_type, field.column)
    if not known:
        return None
    is_number = isinstance(predicate, Comparison) and predicate.operator not in ("=", "!=")
    return known[0] if is_number else format_filter_value(known[:1])


def _predicates(tree: Filter) -> Iterator[Predicate]:
    for expression in tree.expressions:
        yield from predicates_of(expression)


def _plain(subject: Subject, recipe: Recipe, reader: str, items: Sequence[str], index: int) -> dict[str, Any]:
    asked: dict[str, Any] = {"campaignArn": subject.campaign_arn, "userId": reader}
    if recipe.recipe_type == PERSONALIZED_RANKING:
        return {**asked, "inputList": list(items)}
    item = {"itemId": items[index % len(items)]} if recipe.needs_item_id else {}
    return {**asked, **item, "numResults": WANTED}


def _filters(contexts: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, Mapping[str, Any]]]:
    """Each filter once, however many contexts it serves."""
    return list({hints["filter_name"]: hints for hints in contexts.values()}.items())
