"""GetPersonalizedRanking. Source: contract §6.2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from personalize_local.jobs.recommendation_ids import new_recommendation_id
from personalize_local.runtime.deployment import (
    BoundFilter,
    check_metadata_columns,
    context_of,
    find_deployment,
    find_filter,
)
from personalize_local.runtime.engine import Engine
from personalize_local.runtime.get_recommendations import RANKING
from personalize_local.runtime.group_data import GroupData
from personalize_local.runtime.masks import NO_ROW
from personalize_local.runtime.ranking import SCORE_DECIMALS, softmax
from personalize_local.runtime.recommend import filter_question, metadata_of
from personalize_local.runtime.served_model import UNKNOWN, ServedModel
from personalize_spec.arns import Scope
from personalize_spec.errors import InvalidInputException
from personalize_spec.limits import MAX_RANKING_ITEMS, MAX_RANKING_ITEMS_WITH_METADATA


def get_personalized_ranking(engine: Engine, scope: Scope, request: Mapping[str, Any]) -> dict[str, Any]:
    """Order the items of a list for a user: scored ones first, then those the model does not know, as given.

    Errors: InvalidInputException, ResourceNotFoundException.
    """
    deployment = find_deployment(engine, scope, request["campaign_arn"])
    recipe = deployment.recipe
    if recipe.recipe_type != RANKING:
        raise InvalidInputException(f"The recipe {recipe.name} does not rank lists: use GetRecommendations.")
    if not request["user_id"]:
        raise InvalidInputException(f"The recipe {recipe.name} needs a userId.")
    data = engine.group_data(deployment.group_arn)
    columns = check_metadata_columns(deployment, data.schemas.get("ITEMS"), request)
    item_ids = _item_ids(request, has_metadata=bool(columns))
    values = request.get("filter_values", {})
    bound = find_filter(engine, scope, deployment.group_arn, request.get("filter_arn"), values)
    model = engine.model(deployment.version, data)
    now_epoch_s = int(engine.service.clock.now().timestamp())
    with data.lock, model.cost.measured():
        context = context_of(data.schemas.get("INTERACTIONS"), request)
        ranked = rank_list(model, data, request["user_id"], item_ids, bound, now_epoch_s, context)
        answer = [_described(data, item_id, score, columns) for item_id, score in ranked]
    return {"personalized_ranking": answer, "recommendation_id": new_recommendation_id(deployment.campaign.arn)}


def rank_list(
    model: ServedModel,
    data: GroupData,
    user_id: str,
    item_ids: Sequence[str],
    bound: BoundFilter | None,
    now_epoch_s: int,
    context: Mapping[str, str] | None = None,
) -> list[tuple[str, float | None]]:
    """Order items for a user; scores are shares among the items of the list that have one."""
    history = data.histories.of(user_id)
    rows = data.items.rows(item_ids)  # [list] catalogue rows, -1 for items that are not there
    if bound is not None:
        asked = replace(filter_question(data, user_id, NO_ROW, history), rows=rows, values=bound.values)
        kept = np.flatnonzero(bound.compiled.mask(asked))
        item_ids, rows = [item_ids[place] for place in kept], rows[kept]
    model_rows = model.model_rows(rows)
    scores = model.scores(model.asked(history, NO_ROW, now_epoch_s, context, data.user_record(user_id)))
    own = np.where(model_rows == UNKNOWN, -np.inf, scores[model_rows])  # [list]
    shares = softmax(own)
    order = np.argsort(-np.nan_to_num(shares, nan=-1.0), kind="stable")
    return [(item_ids[place], _rounded(shares[place])) for place in order]


def _rounded(share: float) -> float | None:
    return None if np.isnan(share) else round(float(share), SCORE_DECIMALS)


def _item_ids(request: Mapping[str, Any], *, has_metadata: bool) -> list[str]:
    """Give the list without repeats: the first of equal ids counts (inferred).

    Errors: InvalidInputException when it is empty or too long.
    """
    item_ids = list(dict.fromkeys(item_id for item_id in request["input_list"] if item_id))
    limit = MAX_RANKING_ITEMS_WITH_METADATA if has_metadata else MAX_RANKING_ITEMS
    if not item_ids:
        raise InvalidInputException("inputList is empty: give the items to rank.")
    if len(request["input_list"]) > limit:
        reason = " with metadataColumns" if has_metadata else ""
        raise InvalidInputException(f"inputList has {len(request['input_list'])} items; {limit} are allowed{reason}.")
    return item_ids


def _described(data: GroupData, item_id: str, score: float | None, columns: Sequence[str]) -> dict[str, Any]:
    row = data.items.row_of.get(item_id)
    metadata = metadata_of(data.items, row, columns) if columns and row is not None else None
    members = {"item_id": item_id, "score": score, "metadata": metadata}
    return {name: value for name, value in members.items() if value is not None}
