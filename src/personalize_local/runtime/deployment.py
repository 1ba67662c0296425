"""What a request names, found and checked: the campaign or recommender with its model, filters, metadata columns.

Source: contract §6.1. AWS's wording is not documented for any of these errors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from personalize_local.jobs.recommender_model import TRAINING_ID, model_arn_of, trained_like
from personalize_local.jobs.statuses import ACTIVE
from personalize_local.runtime.engine import Engine
from personalize_local.runtime.masks import CompiledFilter, Elements
from personalize_local.store.resources import Resource
from personalize_spec.arns import Scope, parse_arn
from personalize_spec.errors import InvalidInputException, ResourceNotFoundException
from personalize_spec.filters import Filter, parse_filter_value, placeholders, required_placeholders
from personalize_spec.limits import MAX_METADATA_COLUMNS
from personalize_spec.names import did_you_mean
from personalize_spec.recipes import Recipe, get_recipe
from personalize_spec.schemas import DatasetSchema

ITEMS = "ITEMS"
NO_CONTEXT = ("USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_VALUE", "IMPRESSION", "RECOMMENDATION_ID")


@dataclass(frozen=True)
class Deployment:
    """An ACTIVE campaign: its solution version and recipe; or a recommender in the campaign's place.

    A recommender's `version` is what a solution version would be that has the recommender's model.
    """

    campaign: Resource
    version: Resource
    recipe: Recipe

    @property
    def group_arn(self) -> str:
        """The dataset group whose data it answers from."""
        return str(self.version.body["dataset_group_arn"])

    @property
    def config(self) -> Mapping[str, Any]:
        """The configuration of the campaign or recommender."""
        return self.campaign.body.get(f"{self.campaign.kind}_config") or {}


@dataclass(frozen=True)
class BoundFilter:
    """A filter and the request's values for its placeholders.

    Shapes: mask [catalogue] bool, the rows that pass, where they are the same for many requests and known already.
    """

    compiled: CompiledFilter
    values: Mapping[str, Elements]
    mask: np.ndarray | None = None


def find_deployment(engine: Engine, scope: Scope, campaign_arn: str) -> Deployment:
    """Find an ACTIVE campaign.

    Errors: ResourceNotFoundException; InvalidInputException when it is not ACTIVE.
    """
    campaign = _active(engine, scope, "campaign", campaign_arn)
    version = engine.service.workspace.resources.get(campaign.body["solution_version_arn"])
    assert version is not None  # a deployed solution version cannot be deleted
    return Deployment(campaign, version, get_recipe(version.body["recipe_arn"]))


def find_recommender(engine: Engine, scope: Scope, recommender_arn: str) -> Deployment:
    """Find an ACTIVE recommender.

    Errors: ResourceNotFoundException; InvalidInputException when it is not ACTIVE (inferred).
    """
    recommender = _active(engine, scope, "recommender", recommender_arn)
    recipe = get_recipe(recommender.body["recipe_arn"])
    body = recommender.body | trained_like(recipe, recommender.body["recommender_config"])
    arn = model_arn_of(recommender.arn, recommender.body[TRAINING_ID])
    return Deployment(recommender, replace(recommender, arn=arn, body=body), recipe)


def find_filter(
    engine: Engine,
    scope: Scope,
    group_arn: str,
    filter_arn: str | None,
    values: Mapping[str, str],
    *,
    target: str = "ItemID",
) -> BoundFilter | None:
    """Find an ACTIVE filter of the dataset group and read the values for it; None when the request names none.

    Errors: ResourceNotFoundException; InvalidInputException for another group's filter, one that is not ACTIVE or about
    something else than the target, and values that are missing or malformed. Values for names the filter does not have
    are ignored (inferred).
    """
    if filter_arn is None:
        return None
    resource = _active(engine, scope, "filter", filter_arn)
    if resource.parent_arn != group_arn:
        raise InvalidInputException(
            f"The filter {filter_arn} is of the dataset group {resource.parent_arn}; the answer's is {group_arn}."
        )
    compiled = engine.compiled_filter(resource.body["filter_expression"])
    _check_target(compiled.tree, filter_arn, target)
    return bind_filter(compiled, filter_arn, values)


def bind_filter(compiled: CompiledFilter, filter_arn: str, values: Mapping[str, str]) -> BoundFilter:
    """Read the values for a filter's placeholders.

    Errors: InvalidInputException for values that are missing or malformed.
    """
    tree = compiled.tree
    missing = sorted(required_placeholders(tree) - values.keys())
    if missing:
        raise InvalidInputException(
            f"The filter {filter_arn} needs values for {', '.join(missing)}: give them in filterValues."
        )
    bound = {name: parse_filter_value(values[name]) for name in placeholders(tree) & values.keys()}
    return BoundFilter(compiled, bound)


def check_metadata_columns(
    deployment: Deployment, schema: DatasetSchema | None, request: Mapping[str, Any]
) -> tuple[str, ...]:
    """Give the names of the item columns the request wants to see.

    Errors: InvalidInputException when the campaign has no metadata, for too many columns, for unknown ones.
    """
    wanted = request.get("metadata_columns") or {}
    if not any(wanted.values()):
        return ()
    if set(wanted) != {ITEMS}:
        raise InvalidInputException(
            f"metadataColumns has one key, {ITEMS}, with a list of the Items dataset's columns."
        )
    if not (deployment.recipe.includes_metadata or deployment.config.get("enable_metadata_with_recommendations")):
        raise InvalidInputException(
            f"The {deployment.campaign.kind} {deployment.campaign.arn} gives no metadata: update it with "
            "enableMetadataWithRecommendations, or leave metadataColumns out."
        )
    names = wanted[ITEMS]
    if len(names) > MAX_METADATA_COLUMNS:
        raise InvalidInputException(f"metadataColumns names {len(names)} columns; {MAX_METADATA_COLUMNS} are allowed.")
    for name in names:
        if schema is None or schema.field(name) is None:
            hint = did_you_mean(name, schema.columns) if schema else " There is no Items dataset."
            raise InvalidInputException(f"The Items dataset has no column '{name}'.{hint}")
    return tuple(names)


def context_of(schema: DatasetSchema | None, request: Mapping[str, Any]) -> Mapping[str, str]:
    """Give the request's context by the schema's names of the columns, in any letter case of the request's.

    What is no metadata column of the Interactions dataset is left out (inferred), and values that training did not see
    count as unknown. Source: contract §6.1.
    """
    given = request.get("context") or {}
    if not given or schema is None:
        return {}
    names = {column.casefold(): column for column in schema.columns if column not in NO_CONTEXT}
    return {names[name.casefold()]: value for name, value in given.items() if name.casefold() in names}


def _check_target(tree: Filter, filter_arn: str, target: str) -> None:
    for expression in tree.expressions:
        if expression.target != target:
            raise InvalidInputException(
                f"The filter {filter_arn} is about {expression.target}: use one about {target}."
            )


def _active(engine: Engine, scope: Scope, kind: str, arn: str) -> Resource:
    parse_arn(arn)
    resource = engine.service.workspace.resources.get(arn)
    if resource is None or resource.kind != kind or resource.scope != scope:
        raise ResourceNotFoundException(f"Resource Arn {arn} does not exist.")
    if resource.status != ACTIVE:
        raise InvalidInputException(f"The {kind} {arn} is not ACTIVE: it is {resource.status}.")
    return resource
