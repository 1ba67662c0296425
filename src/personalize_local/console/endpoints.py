"""What answers with recommendations: campaigns and recommenders, and what each has to be told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from personalize_local.console.account import Account
from personalize_local.console.inventory import Group
from personalize_local.console.words import name_of
from personalize_spec.recipes import RECIPES

NEEDS_ITEM, FOR_READERS = "RELATED_ITEMS", frozenset({"USER_PERSONALIZATION", "POPULAR_ITEMS", "RELATED_ITEMS"})
_PLACEHOLDER = re.compile(r"\$(\w+)")


@dataclass(frozen=True)
class Endpoint:
    """One campaign or recommender that lists items. `argument` is the member that takes its ARN."""

    arn: str
    name: str
    argument: str
    recipe: str
    serves: str

    @property
    def needs_item(self) -> bool:
        recipe = RECIPES.get(self.recipe)
        return recipe is not None and recipe.recipe_type == NEEDS_ITEM


def read_endpoints(account: Account, group: Group) -> list[Endpoint]:
    """Give the active campaigns and recommenders of a group that list items for a reader or an article."""
    personalize = account.client("personalize")

    def campaign(one: dict[str, Any]) -> Endpoint:
        version_arn = one["solutionVersionArn"]
        version = personalize.describe_solution_version(solutionVersionArn=version_arn)["solutionVersion"]
        recipe = version.get("recipeArn", "").rpartition("/")[2]
        return Endpoint(one["campaignArn"], one["name"], "campaignArn", recipe, name_of(version_arn))

    campaigns = account.side_by_side(campaign, [one for one in group.campaigns if one["status"] == "ACTIVE"])
    recommenders = [
        Endpoint(one["recommenderArn"], one["name"], "recommenderArn", recipe, recipe)
        for one in group.parts["recommenders"]
        if one["status"] == "ACTIVE"
        for recipe in [name_of(one["recipeArn"])]
    ]
    return [one for one in (*campaigns, *recommenders) if _lists_items(one.recipe)]


def read_filters(account: Account, group: Group) -> list[dict[str, Any]]:
    """Give the active filters of a group with their expressions and the values that each asks for."""
    personalize = account.client("personalize")
    arns = [one["filterArn"] for one in group.parts["filters"] if one["status"] == "ACTIVE"]
    found = account.side_by_side(lambda arn: personalize.describe_filter(filterArn=arn)["filter"], arns)
    return [
        {
            "arn": one["filterArn"],
            "name": one["name"],
            "expression": one["filterExpression"],
            "asks": list(dict.fromkeys(_PLACEHOLDER.findall(one["filterExpression"]))),
        }
        for one in found
    ]


def _lists_items(recipe: str) -> bool:
    known = RECIPES.get(recipe)
    return known is None or known.recipe_type in FOR_READERS
