"""Why items stand where they do: what each part of a blend adds to their scores.

The contributions of an item add up to its score, before the softmax; only differences between items mean something.
"""

from __future__ import annotations

import numpy as np

from personalize_local.models.blend import Blend, lift_of
from personalize_local.models.context_lift import ContextLift
from personalize_local.models.part_names import name_of
from personalize_local.models.query import Query
from personalize_local.runtime.live_view import LiveView
from personalize_local.runtime.served_model import Asked, ServedModel

POPULARITY, SEEN, LIVE, ALIKE = "popularity", "seen before", "live", "similar items"


def explain(model: ServedModel, asked: Asked, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Give each part's contribution to items' scores, by the part's name: [rows] float64, they add up to the score.

    "similar items" is what borrowing from items of like content changes, and all that arrivals have; "live" is what
    happened since the training. Empty for models that are no blend.
    Args: rows: the model's, arrivals too, that have a score.
    """
    if not isinstance(asked.view, LiveView):
        return {}
    blend, count = asked.view.blend, model.item_count
    is_item = rows < count
    places = np.where(is_item, rows, 0)
    found = {name: np.where(is_item, values, 0.0) for name, values in _of_blend(blend, asked.query, places).items()}
    trained = blend.scores(asked.query)
    total = model.scores(asked)[rows].astype(np.float64)
    before = np.where(is_item, trained[places], 0.0)
    found[ALIKE] = np.where(is_item, before - sum(found.values()), total)
    found[LIVE] = np.where(is_item, total - before, 0.0)
    return found


def _of_blend(blend: Blend, query: Query, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Give what the parts, popularity and the history say of items of the model, before borrowing."""
    if not len(query.history_rows):
        prior = {POPULARITY: blend.newcomer_prior[rows].astype(np.float64)}
        for part, weight in blend.parts_for_strangers():
            if query.context or not isinstance(part, ContextLift):
                name = name_of(part)
                prior[name] = prior.get(name, 0.0) + np.float64(weight) * part.lifts(query)[rows]
        return prior
    stepped = blend.stepped(query)
    found = {POPULARITY: blend.prior[rows].astype(np.float64)}
    for part, weight in zip(blend.parts, blend.weights, strict=True):
        if weight > 0:
            found[name_of(part)] = np.float64(weight) * lift_of(part, stepped)[rows]
    found[SEEN] = blend.seen_weight * np.isin(rows, stepped.history_rows)
    return found
