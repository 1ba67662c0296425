"""GetActionRecommendations. Source: contract §6.3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from personalize_local.jobs.recommendation_ids import new_recommendation_id
from personalize_local.runtime.deployment import Deployment, find_deployment, find_filter
from personalize_local.runtime.engine import Engine
from personalize_local.runtime.recommend_actions import ActionQuestion, recommend_actions
from personalize_spec.arns import Scope
from personalize_spec.errors import InvalidInputException
from personalize_spec.limits import DEFAULT_ACTION_RESULTS, MAX_ACTION_RESULTS
from personalize_spec.recipes.recipe import PERSONALIZED_ACTIONS


def get_action_recommendations(engine: Engine, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Recommend to a user what to do next.

    Errors: InvalidInputException, ResourceNotFoundException.
    """
    deployment = _deployment(engine, scope, request)
    user_id = request.get("user_id")
    if not user_id:
        raise InvalidInputException(f"The recipe {deployment.recipe.name} needs a userId.")
    data = engine.group_data(deployment.group_arn)
    values, filter_arn = request.get("filter_values", {}), request.get("filter_arn")
    question = ActionQuestion(
        user_id=user_id,
        count=_count(request),
        now_epoch_s=int(engine.service.clock.now().timestamp()),
        filter=find_filter(engine, scope, deployment.group_arn, filter_arn, values, target="ActionID"),
    )
    if not data.has_action_model(deployment.version):
        engine.check_may_wait()
    with data.lock:
        artifact, rows = data.actions.model(deployment.version, lambda: engine.artifact(deployment.version))
        ranked = recommend_actions(artifact.model, rows, data, question)
    return {
        "action_list": [{"action_id": action_id, "score": score} for action_id, score in ranked],
        "recommendation_id": new_recommendation_id(deployment.campaign.arn),
    }


def _deployment(engine: Engine, scope: Scope, request: Mapping[str, Any]) -> Deployment:
    """Find the campaign, which the model does not require and the service does.

    Errors: InvalidInputException when there is none, and for a recipe that does not recommend actions.
    """
    campaign_arn = request.get("campaign_arn")
    if campaign_arn is None:
        raise InvalidInputException("campaignArn is missing.")
    deployment = find_deployment(engine, scope, campaign_arn)
    if deployment.recipe.recipe_type != PERSONALIZED_ACTIONS:
        raise InvalidInputException(
            f"The recipe {deployment.recipe.name} does not recommend actions: use GetRecommendations or "
            "GetPersonalizedRanking."
        )
    return deployment


def _count(request: Mapping[str, Any]) -> int:
    """Give how many results are wanted; 0 is the default (inferred)."""
    count = int(request.get("num_results") or DEFAULT_ACTION_RESULTS)
    if count > MAX_ACTION_RESULTS:
        raise InvalidInputException(f"numResults is {count}; {MAX_ACTION_RESULTS} are allowed.")
    return count
