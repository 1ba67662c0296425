"""Say of listed items what each part of the model adds to their scores for a reader: not an operation of AWS's.

What a part adds is said against the average item of the catalogue: only differences between items mean something. That
an item was read before is said of those that were.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from personalize_local.runtime.deployment import context_of, find_deployment, find_recommender
from personalize_local.runtime.engine import Engine
from personalize_local.runtime.explain import SEEN, explain
from personalize_local.runtime.masks import NO_ROW
from personalize_local.runtime.served_model import UNKNOWN
from personalize_spec.arns import Scope

AVERAGED = 512  # items that stand for all


def explain_recommendations(engine: Engine, scope: Scope, request: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Give what each part adds to the score of each of the `item_ids` that the model scores, by the part's name.

    Besides the parts there is `place`: where the score alone puts the item among all, 1 for the best. Empty for models
    that are no blend. The members are GetRecommendations', in snake_case.
    Errors: InvalidInputException, ResourceNotFoundException.
    """
    if request.get("recommender_arn"):
        deployment = find_recommender(engine, scope, request["recommender_arn"])
    else:
        deployment = find_deployment(engine, scope, str(request.get("campaign_arn")))
    data = engine.group_data(deployment.group_arn)
    model = engine.model(deployment.version, data)
    user_id, item_id = request.get("user_id") or None, request.get("item_id")
    context = context_of(data.schemas.get("INTERACTIONS"), request)
    with data.lock:
        item_row = data.items.row_of.get(item_id, NO_ROW) if item_id else NO_ROW
        now_epoch_s = int(engine.service.clock.now().timestamp())
        history = data.histories.of(user_id)
        asked = model.asked(history, item_row, now_epoch_s, context, data.user_record(user_id))
        known = [one for one in request["item_ids"] if one in data.items.row_of]
        rows = model.model_rows(np.array([data.items.row_of[one] for one in known], dtype=np.int64))
    scores = model.scores(asked)
    scored = (rows != UNKNOWN) & (rows < len(scores))
    scored[scored] = np.isfinite(scores[rows[scored]])
    rows, known = rows[scored], [one for one, is_scored in zip(known, scored, strict=True) if is_scored]
    average = np.linspace(0, model.item_count - 1, min(AVERAGED, model.item_count)).astype(np.int64)
    told = explain(model, asked, np.concatenate([rows, average]))
    if not told or not len(rows):
        return {}
    usual = {name: 0.0 if name == SEEN else values[len(rows) :].mean() for name, values in told.items()}
    differences = {name: values[: len(rows)] - usual[name] for name, values in told.items()}
    return {
        item: {name: float(values[number]) for name, values in differences.items()}
        | {"place": float(1 + np.count_nonzero(scores > scores[rows[number]]))}
        for number, item in enumerate(known)
    }
