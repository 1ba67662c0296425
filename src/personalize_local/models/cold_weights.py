"""Fit what counts for new items alone, on items that were new or, where too few were, are taken for new.

Rule 1: how new items compare with each other is learnt from readers who turned to one of them; how they compare with
    the others, from all.
Rule 2: as a group they get at least half their share of the first places. The most likely weights give them their share
    of the likelihood, which so many items divide that none comes near the top, and nobody could ever find one. Of
    MovieLens' hits among the first 10, half the share costs one in a hundred and finds twice as many of the new items;
    the whole share costs seven.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from personalize_local.models.blend import borrows, lift_of
from personalize_local.models.cold_items import ColdWeights
from personalize_local.models.cold_level import gaps_of, usual_gap
from personalize_local.models.content import ContentAffinity
from personalize_local.models.likelihood import MAX_WEIGHT, maximise, mean_targets
from personalize_local.models.query import Query
from personalize_local.models.rehearsal import ABSENT, EXTRAS, Rehearsal, TrainingQuery

MAX_QUERIES = 300
LEAST_QUERIES = 20
MAX_VALUES = 12_000_000  # 48 MB of float32
COLD_BOUNDS = (-6.0, 6.0)
FIRST_PLACES = 10
FAIR_SHARE = 0.5
HALVINGS = 12
ROWS = 6  # of features: score, is new, is seen, content, appeal, what is not lent
OWN = 3  # the first of those that count among new items alone


def fit_cold_weights(
    rehearsals: Sequence[Rehearsal], columns: np.ndarray, weights: np.ndarray
) -> tuple[float, ColdWeights]:
    """Give the weight of new items, and what else counts for them; all other weights stay.

    Shapes: columns [columns], sorted rows of items; weights [models + priors + 3], of a rehearsal's features.
    """
    usual = float(weights[-EXTRAS])
    if any(each.cold is None for each in rehearsals):
        return usual, ColdWeights()
    count = min(MAX_QUERIES, MAX_VALUES // (ROWS * len(columns))) // len(rehearsals)
    asked = [(each.with_new_items(), item) for each in rehearsals for item in each.queries[: max(8, count)]]
    features = np.stack([_features(each, item, weights)[:, columns] for each, item in asked])  # [queries, 6, columns]
    targets = [np.searchsorted(columns, item.targets) for _, item in asked]
    among = _among_new(features, targets)
    rest = features[:, 0] + np.einsum("f,qfc->qc", among, features[:, OWN:])
    is_new, is_seen = features[:, 1], features[:, 2]
    is_whole = len(columns) == rehearsals[0].popularity(Query()).shape[1]
    there = (is_new > 0) & (rest > ABSENT / 2) & is_whole  # the best of a sample says nothing of the best of all
    cold, gap = _bonus(rest, is_new, gaps_of(rest, there, is_seen > 0), targets)
    content, appeal, unlent = (float(each) for each in among)
    return cold, ColdWeights(content, appeal, 1.0 - unlent, float(weights[-EXTRAS + 1]) - cold, gap)


def _bonus(
    rest: np.ndarray, is_new: np.ndarray, gaps: np.ndarray, targets: Sequence[np.ndarray]
) -> tuple[float, float | None]:
    """Give the most likely bonus of new items, or the fair one, whichever is more; and the gap that remains.

    Shapes: rest [queries, columns], the scores without it; is_new of the same, 1 for new items, else 0; gaps [queries].
    """
    usual = usual_gap(gaps)
    if usual is not None:
        rest = rest + np.nan_to_num(gaps - usual).astype(np.float32)[:, None] * is_new
    feature = is_new[:, None]
    likely = float(maximise(feature, mean_targets(feature, targets), [COLD_BOUNDS], rest)[0])
    bonus = max(likely, fair_bonus(rest, is_new, targets))
    return bonus, None if usual is None else usual - bonus


def fair_bonus(rest: np.ndarray, is_new: np.ndarray, targets: Sequence[np.ndarray]) -> float:
    """Find what new items must be given to have half as large a share of the first places as of the targets.

    Shapes: rest and is_new [queries, columns], the scores without it, and 1 for new items, else 0; gives the lowest
    bound where new items are never turned to.
    """
    wanted = FAIR_SHARE * float(np.mean([is_new[place, hit].mean() for place, hit in enumerate(targets)]))
    low, high = COLD_BOUNDS
    if not wanted:
        return low
    count = min(FIRST_PLACES, rest.shape[1])
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        first = np.argpartition(-(rest + np.float32(middle) * is_new), count - 1, axis=1)[:, :count]
        share = float(np.take_along_axis(is_new, first, axis=1).mean())
        low, high = (low, middle) if share >= wanted else (middle, high)
    return high


def _among_new(features: np.ndarray, targets: Sequence[np.ndarray]) -> np.ndarray:
    """Fit the weights of content, of appeal and of what is not lent, on the new targets, among new items: [3]."""
    is_new = features[:, 1] > 0
    found = [(place, hit[is_new[place, hit]]) for place, hit in enumerate(targets)]
    places = [place for place, hit in found if len(hit)]
    if len(places) < LEAST_QUERIES:
        return np.zeros(ROWS - OWN, dtype=np.float32)
    only = np.where(is_new[places], features[places, 0], ABSENT)
    own = features[places, OWN:]
    wanted = mean_targets(own, [hit for _, hit in found if len(hit)])
    bounds = [(0.0, MAX_WEIGHT), (0.0, MAX_WEIGHT), (0.0, 1.0)]
    return maximise(own, wanted, bounds, only).astype(np.float32)


def _features(rehearsal: Rehearsal, asked: TrainingQuery, weights: np.ndarray) -> np.ndarray:
    """Give the score without new items' weight, which items are new, which seen; of new ones the three of their own.

    These are content, appeal, and what they borrow, less the mean, and negative, as its weight takes it away.
    Shapes: gives [6, items].
    """
    cold, query = rehearsal.cold, asked.query
    assert cold is not None  # see fit_cold_weights
    rest = weights.astype(np.float32)
    rest[-EXTRAS] = 0.0
    values = rehearsal.features(query)
    found = np.zeros((ROWS, values.shape[1]), dtype=np.float32)
    found[0] = rest @ values + rehearsal.offset(asked)
    found[1], found[2] = values[-EXTRAS], values[-1]
    new = cold.new_places()
    rows = cold.rows[new]
    content = next((model for model in rehearsal.models if isinstance(model, ContentAffinity)), None)
    if content is not None:
        found[OWN, rows] = lift_of(content, query)[rows]
    if cold.appeal is not None:
        found[OWN + 1, rows] = cold.appeal[new]
    lent = np.array([*(borrows(model) for model in rehearsal.models)] + [True] * (len(rest) - len(rehearsal.models)))
    borrowed = (rest * lent) @ values[:, rows]
    found[OWN + 2, rows] = borrowed.mean() - borrowed if len(rows) else 0.0
    return found
