"""GetRecommendations. Source: contract §6.1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from personalize_local.jobs.recommendation_ids import new_recommendation_id
from personalize_local.runtime.deployment import (
    Deployment,
    check_metadata_columns,
    context_of,
    find_deployment,
    find_filter,
    find_recommender,
)
from personalize_local.runtime.engine import Engine
from personalize_local.runtime.exploration import exploration_of
from personalize_local.runtime.recommend import Promotion, Question, describe, recommend
from personalize_spec.arns import Scope
from personalize_spec.errors import InvalidInputException
from personalize_spec.limits import DEFAULT_RESULTS, MAX_RESULTS, MAX_RESULTS_WITH_METADATA
from personalize_spec.names import check_name
from personalize_spec.recipes import Recipe
from personalize_spec.recipes.recipe import PERSONALIZED_ACTIONS

RANKING = "PERSONALIZED_RANKING"


def get_recommendations(engine: Engine, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Recommend items to a user, or items like an item.

    Errors: InvalidInputException, ResourceNotFoundException.
    """
    deployment = _deployment(engine, scope, request)
    recipe = deployment.recipe
    user_id, item_id = _ids(recipe, request)
    data = engine.group_data(deployment.group_arn)
    columns = check_metadata_columns(deployment, data.schemas.get("ITEMS"), request)
    values = request.get("filter_values", {})
    question = Question(
        user_id=user_id,
        item_id=item_id,
        count=_count(request, has_metadata=bool(columns)),
        now_epoch_s=int(engine.service.clock.now().timestamp()),
        filter=find_filter(engine, scope, deployment.group_arn, request.get("filter_arn"), values),
        exploration=exploration_of(recipe, deployment.config),
        promotion=_promotion(engine, scope, deployment, request.get("promotions", [])),
        gives_reasons=recipe.supports_exploration and not recipe.supports_exploration_config,
        excluded_event_type=recipe.excluded_event_type,
        context=context_of(data.schemas.get("INTERACTIONS"), request),
    )
    model = engine.model(deployment.version, data)
    with model.cost.measured():
        ranked = recommend(model, data, question, engine.rng)
    with data.lock:
        answer = describe(ranked, data.items, columns, with_scores=recipe.supports_scores)
        recommendation_id = new_recommendation_id(deployment.campaign.arn)
        data.impressions.remember(recommendation_id, np.array([each.row for each in ranked], dtype=np.int64))
    if question.exploration is not None and question.promotion is None:
        engine.policy_log.write(recommendation_id, answer, ranked, question.now_epoch_s)
    return {"item_list": answer, "recommendation_id": recommendation_id}


def _deployment(engine: Engine, scope: Scope, request: Mapping[str, Any]) -> Deployment:
    """Find the campaign or the recommender.

    Errors: InvalidInputException unless there is exactly one ARN, and it is ACTIVE; ResourceNotFoundException.
    """
    campaign_arn, recommender_arn = request.get("campaign_arn"), request.get("recommender_arn")
    if (campaign_arn is None) == (recommender_arn is None):
        raise InvalidInputException("Give either campaignArn or recommenderArn.")
    if recommender_arn is not None:
        return find_recommender(engine, scope, recommender_arn)
    return find_deployment(engine, scope, str(campaign_arn))


def _ids(recipe: Recipe, request: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Give the user and the item; an empty id is none, and an item counts for related items only.

    Errors: InvalidInputException when one that the recipe needs is missing.
    """
    if recipe.recipe_type == RANKING:
        raise InvalidInputException(f"The recipe {recipe.name} ranks a given list: use GetPersonalizedRanking.")
    if recipe.recipe_type == PERSONALIZED_ACTIONS:
        raise InvalidInputException(f"The recipe {recipe.name} recommends actions: use GetActionRecommendations.")
    user_id, item_id = request.get("user_id") or None, request.get("item_id") or None
    if recipe.needs_user_id and user_id is None:
        raise InvalidInputException(f"The recipe {recipe.name} needs a userId.")
    if recipe.needs_item_id and item_id is None:
        raise InvalidInputException(f"The recipe {recipe.name} needs an itemId.")
    return user_id, item_id if recipe.needs_item_id else None


def _count(request: Mapping[str, Any], *, has_metadata: bool) -> int:
    """Give how many results are wanted; 0 is the default (inferred)."""
    count = int(request.get("num_results") or DEFAULT_RESULTS)
    limit = MAX_RESULTS_WITH_METADATA if has_metadata else MAX_RESULTS
    if count > limit:
        reason = " with metadataColumns" if has_metadata else ""
        raise InvalidInputException(f"numResults is {count}; {limit} are allowed{reason}.")
    return count


def _promotion(
    engine: Engine, scope: Scope, deployment: Deployment, promotions: list[Mapping[str, Any]]
) -> Promotion | None:
    """Find what is promoted.

    Errors: InvalidInputException for a recipe without promotions, and for one without a filter or a percentage.
    """
    if not promotions:
        return None
    if not deployment.recipe.supports_promotions:
        raise InvalidInputException(f"The recipe {deployment.recipe.name} has no promotions.")
    promotion = promotions[0]
    name, percent = promotion.get("name"), promotion.get("percent_promoted_items")
    problem = check_name(name) if name is not None else None
    if problem:
        raise InvalidInputException(f"Promotion: {problem}")
    values = promotion.get("filter_values", {})
    found = find_filter(engine, scope, deployment.group_arn, promotion.get("filter_arn"), values)
    if found is None or percent is None:
        raise InvalidInputException("A promotion needs a filterArn and percentPromotedItems.")
    return Promotion(name, percent, found)
