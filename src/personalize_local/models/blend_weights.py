"""Fit the weights of a blend: the likelihood of what came next, convex, seconds at most.

With features f of every item, the model is softmax(w·f) over the catalogue; the weights maximise the mean log
likelihood of the targets. Parts and popularity count for something or for nothing, never against.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from personalize_local.models.cold_items import ColdWeights
from personalize_local.models.cold_weights import COLD_BOUNDS, fit_cold_weights
from personalize_local.models.likelihood import MAX_WEIGHT, SEEN_BOUNDS, maximise, mean_targets
from personalize_local.models.query import LiftRecommender, Query, Recommender
from personalize_local.models.reader_lift import ReaderLift
from personalize_local.models.rehearsal import EXTRAS, Rehearsal, TrainingQuery

__all__ = ["BlendWeights", "Rehearsal", "TrainingQuery", "fit_blend_weights", "sample_columns"]

MAX_COLUMNS = 20_000
MAX_FEATURE_VALUES = 12_000_000  # 48 MB of float32
NEGLIGIBLE = 0.02
NEWCOMER_QUERIES = 64
READER_QUERIES = 256


@dataclass(frozen=True)
class BlendWeights:
    """What each feature counts: parts [parts], priors and newcomer_priors [priors], and four of single things.

    strangers [parts]: what parts that need no history count for readers without one, None for as much as for all.
    """

    parts: np.ndarray
    priors: np.ndarray
    seen: float
    cold: float
    newcomer_priors: np.ndarray
    newcomer_cold: float
    cold_items: ColdWeights = field(default_factory=ColdWeights)
    strangers: np.ndarray | None = None


def fit_blend_weights(rehearsals: Sequence[Rehearsal], item_count: int, seed: int) -> BlendWeights:
    """Fit all weights on the queries of all rehearsals, those for unknown users on popularity alone.

    Catalogues above 20,000 items are represented by a random 20,000 and all targets. Without queries, all parts count
    alike.
    """
    columns = sample_columns(item_count, [query for each in rehearsals for query in each.queries], seed)
    part_count = len(rehearsals[0].models)
    prior_count = len(rehearsals[0].popularity(Query()))
    affordable = MAX_FEATURE_VALUES // ((part_count + prior_count + EXTRAS) * len(columns) * len(rehearsals))
    asked = [(each, item) for each in rehearsals for item in each.queries[: max(8, affordable)]]
    if not asked:
        return _equal_weights(part_count, prior_count)
    features = np.stack([each.features(item.query)[:, columns] for each, item in asked])
    offset = np.stack([each.offset(item)[columns] for each, item in asked])
    targets = [np.searchsorted(columns, item.targets) for _, item in asked]
    bounds = [(0.0, MAX_WEIGHT)] * (part_count + prior_count) + [COLD_BOUNDS, COLD_BOUNDS, SEEN_BOUNDS]
    fitted = maximise(features, mean_targets(features, targets), bounds, offset)
    fitted[:part_count][fitted[:part_count] < NEGLIGIBLE] = 0.0
    strangers, newcomer = _fit_strangers(rehearsals[0].models, fitted, features, targets, offset)
    cold, cold_items = fit_cold_weights(rehearsals, columns, fitted)
    return BlendWeights(
        parts=fitted[:part_count].astype(np.float32),
        strangers=strangers.astype(np.float32),
        priors=fitted[part_count:-EXTRAS].astype(np.float32),
        cold=cold,
        seen=float(fitted[-1]),
        newcomer_priors=newcomer[:-1].astype(np.float32),
        newcomer_cold=float(newcomer[-1]),
        cold_items=cold_items,
    )


def _fit_strangers(
    models: Sequence[Recommender],
    fitted: np.ndarray,
    features: np.ndarray,
    targets: Sequence[np.ndarray],
    offset: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Fit what counts for unknown users: what is known of them, popularity, whether an item is new.

    What says how likely items are in a situation keeps its weight; only of readers' records much more is made where
    there is no history.
    Shapes: fitted [features]; features [queries, features, columns]; gives [parts], and [priors + 1].
    """
    count = len(models)
    strangers = np.where([isinstance(model, LiftRecommender) for model in models], fitted[:count], 0.0)
    readers = [place for place, model in enumerate(models) if isinstance(model, ReaderLift)]
    strangers[readers] = 0.0
    step = max(1, len(features) // (READER_QUERIES if readers else NEWCOMER_QUERIES))
    rows = [*readers, *range(count, features.shape[1] - EXTRAS + 1)]
    now, first = features[::step][:, rows], [hit[:1] for hit in targets[::step]]
    now[:, -1] += features[::step, -EXTRAS + 1]  # new and scarce items alike
    lifts = np.einsum("p,qpc->qc", strangers.astype(np.float32), features[::step, :count])
    bounds = [(0.0, MAX_WEIGHT)] * (len(rows) - 1) + [COLD_BOUNDS]
    found = maximise(now, mean_targets(now, first), bounds, offset[::step] + lifts)
    strangers[readers] = found[: len(readers)]
    return strangers, found[len(readers) :]


def _equal_weights(part_count: int, prior_count: int) -> BlendWeights:
    parts, priors = np.ones(part_count, dtype=np.float32), np.full(prior_count, 1.0 / prior_count, dtype=np.float32)
    return BlendWeights(parts, priors, 0.0, 0.0, priors, 0.0, strangers=parts)


def sample_columns(
    item_count: int, queries: Sequence[TrainingQuery], seed: int, count: int = MAX_COLUMNS
) -> np.ndarray:
    """Choose `count` items that stand for the catalogue: sorted rows, all targets among them."""
    if item_count <= count:
        return np.arange(item_count)
    sample = np.random.default_rng(seed).choice(item_count, count, replace=False)
    return np.unique(np.concatenate([sample, *(item.targets for item in queries)]))
