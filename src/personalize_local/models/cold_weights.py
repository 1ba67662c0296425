"""Fit what counts for new items alone, on items that were new or, where too few were, are taken for new.

Rule 1: how new items compare with each other is learnt from readers who turned to one of them; how they compare with
    the others, from all.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from personalize_local.models.blend import borrows, lift_of
from personalize_local.models.cold_items import ColdWeights
from personalize_local.models.content import ContentAffinity
from personalize_local.models.likelihood import maximise, mean_targets
from personalize_local.models.rehearsal import ABSENT, EXTRAS, Rehearsal, TrainingQuery

MAX_QUERIES = 300
LEAST_QUERIES = 20
MAX_VALUES = 12_000_000  # 48 MB of float32
MAX_WEIGHT = 4.0
COLD_BOUNDS = (-6.0, 6.0)


def fit_cold_weights(
    rehearsals: Sequence[Rehearsal], columns: np.ndarray, weights: np.ndarray
) -> tuple[float, ColdWeights]:
    """Give the weight of new items, and what else counts for them; all other weights stay.

    Shapes: columns [columns], sorted rows of items; weights [models + priors + 3], of a rehearsal's features.
    """
    usual = float(weights[-EXTRAS])
    if any(each.cold is None for each in rehearsals):
        return usual, ColdWeights()
    count = min(MAX_QUERIES, MAX_VALUES // (4 * len(columns))) // len(rehearsals)
    asked = [(each.with_new_items(), item) for each in rehearsals for item in each.queries[: max(8, count)]]
    features = np.stack([_features(each, item, weights)[:, columns] for each, item in asked])  # [queries, 4, columns]
    targets = [np.searchsorted(columns, item.targets) for _, item in asked]
    content, unlent = _among_new(features, targets)
    rest = features[:, 0] + content * features[:, 2] + unlent * features[:, 3]
    bonus = features[:, 1:2]
    cold = float(maximise(bonus, mean_targets(bonus, targets), [COLD_BOUNDS], rest)[0])
    return cold, ColdWeights(float(content), 1.0 - float(unlent), float(weights[-EXTRAS + 1]) - cold)


def _among_new(features: np.ndarray, targets: Sequence[np.ndarray]) -> tuple[np.float32, np.float32]:
    """Fit the weights of content, and of what is not lent, on the targets that are new, among new items."""
    is_new = features[:, 1] > 0
    found = [(place, hit[is_new[place, hit]]) for place, hit in enumerate(targets)]
    places = [place for place, hit in found if len(hit)]
    if len(places) < LEAST_QUERIES:
        return np.float32(0.0), np.float32(0.0)
    only = np.where(is_new[places], features[places, 0], ABSENT)
    own = features[places, 2:]
    wanted = mean_targets(own, [hit for _, hit in found if len(hit)])
    fitted = maximise(own, wanted, [(0.0, MAX_WEIGHT), (0.0, 1.0)], only).astype(np.float32)
    return fitted[0], fitted[1]


def _features(rehearsal: Rehearsal, asked: TrainingQuery, weights: np.ndarray) -> np.ndarray:
    """Give the score without new items' weight, which items are new, their content, what they borrow: [4, items].

    What they borrow is less the mean, and negative, as its weight takes it away.
    """
    cold, query = rehearsal.cold, asked.query
    assert cold is not None  # see fit_cold_weights
    rest = weights.astype(np.float32)
    rest[-EXTRAS] = 0.0
    values = rehearsal.features(query)
    found = np.zeros((4, values.shape[1]), dtype=np.float32)
    found[0] = rest @ values + rehearsal.offset(asked)
    found[1] = values[-EXTRAS]
    rows = cold.rows[cold.own_share == 0]
    content = next((model for model in rehearsal.models if isinstance(model, ContentAffinity)), None)
    if content is not None:
        found[2, rows] = lift_of(content, query)[rows]
    lent = np.array([*(borrows(model) for model in rehearsal.models)] + [True] * (len(rest) - len(rehearsal.models)))
    borrowed = (rest * lent) @ values[:, rows]
    found[3, rows] = borrowed.mean() - borrowed if len(rows) else 0.0
    return found
