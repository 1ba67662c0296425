"""Fit the weights of a blend: the likelihood of what came next, convex, seconds at most.

With features f of every item, the model is softmax(w·f) over the catalogue; the weights maximise the mean log
likelihood of the targets. Parts and popularity count for something or for nothing, never against.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.optimize

from personalize_local.models.blend import lift_of
from personalize_local.models.cold_items import ColdItems
from personalize_local.models.query import Query, Recommender

MAX_COLUMNS = 20_000
MAX_FEATURE_VALUES = 12_000_000  # 48 MB of float32
MAX_WEIGHT = 4.0
NEGLIGIBLE = 0.02
SEEN_BOUNDS = (-9.0, 3.0)
COLD_BOUNDS = (-6.0, 0.0)
PENALTY = 1e-3
NEWCOMER_QUERIES = 64


@dataclass(frozen=True)
class BlendWeights:
    """What each feature counts: parts [parts], priors and newcomer_priors [priors], and three numbers."""

    parts: np.ndarray
    priors: np.ndarray
    seen: float
    cold: float
    newcomer_priors: np.ndarray
    newcomer_cold: float


@dataclass(frozen=True)
class TrainingQuery:
    """A history, and the rows of the items that came after it: targets [targets]."""

    query: Query
    targets: np.ndarray


@dataclass(frozen=True)
class Rehearsal:
    """Models fitted on what was before a moment, and what they are asked then.

    popularity gives the log shares [priors, items] as they are when a query is asked.
    """

    models: Sequence[Recommender]
    popularity: Callable[[Query], np.ndarray]
    cold: ColdItems | None
    queries: Sequence[TrainingQuery]


def fit_blend_weights(rehearsals: Sequence[Rehearsal], item_count: int, seed: int) -> BlendWeights:
    """Fit all weights on the queries of all rehearsals, those for unknown users on popularity alone.

    Catalogues above 20,000 items are represented by a random 20,000 and all targets. Without queries, all parts count
    alike.
    """
    columns = _columns(item_count, [query for each in rehearsals for query in each.queries], seed)
    part_count = len(rehearsals[0].models)
    prior_count = len(rehearsals[0].popularity(Query()))
    affordable = MAX_FEATURE_VALUES // ((part_count + prior_count + 2) * len(columns) * len(rehearsals))
    asked = [(each, item) for each in rehearsals for item in each.queries[: max(8, affordable)]]
    if not asked:
        return _equal_weights(part_count, prior_count)
    features = np.stack([_features(item.query, each)[:, columns] for each, item in asked])
    targets = [np.searchsorted(columns, item.targets) for _, item in asked]
    bounds = [(0.0, MAX_WEIGHT)] * (part_count + prior_count) + [COLD_BOUNDS, SEEN_BOUNDS]
    fitted = _maximise(features, _mean_targets(features, targets), bounds)
    popularity = slice(part_count, part_count + prior_count + 1)
    step = max(1, len(asked) // NEWCOMER_QUERIES)
    now, first = features[::step, popularity], [hit[:1] for hit in targets[::step]]
    newcomer = _maximise(now, _mean_targets(now, first), bounds[popularity])
    parts = np.where(fitted[:part_count] < NEGLIGIBLE, 0.0, fitted[:part_count])
    return BlendWeights(
        parts=parts.astype(np.float32),
        priors=fitted[part_count:-2].astype(np.float32),
        cold=float(fitted[-2]),
        seen=float(fitted[-1]),
        newcomer_priors=newcomer[:-1].astype(np.float32),
        newcomer_cold=float(newcomer[-1]),
    )


def _equal_weights(part_count: int, prior_count: int) -> BlendWeights:
    parts, priors = np.ones(part_count, dtype=np.float32), np.full(prior_count, 1.0 / prior_count, dtype=np.float32)
    return BlendWeights(parts, priors, seen=0.0, cold=0.0, newcomer_priors=priors, newcomer_cold=0.0)


def likelihood_alone(model: Recommender, queries: Sequence[TrainingQuery]) -> float:
    """Give the mean log likelihood of the targets by one model, at its best weight, and whether they were seen."""
    features = np.stack([_alone(model, item.query) for item in queries])  # [queries, 2, items]
    wanted = _mean_targets(features, [item.targets for item in queries])
    weights = _maximise(features, wanted, [(0.0, MAX_WEIGHT), SEEN_BOUNDS])
    score = np.tensordot(weights.astype(np.float32), features, axes=(0, 1))  # [queries, items]
    top = score.max(axis=1, keepdims=True)
    return float(weights @ wanted - np.mean(top[:, 0] + np.log(np.exp(score - top).sum(axis=1))))


def _alone(model: Recommender, query: Query) -> np.ndarray:
    lift = lift_of(model, query)
    seen = np.zeros_like(lift)
    seen[query.history_rows] = 1.0
    return np.stack([lift, seen])


def _columns(item_count: int, queries: Sequence[TrainingQuery], seed: int) -> np.ndarray:
    """Choose the items that stand for the catalogue: sorted rows, all targets among them."""
    if item_count <= MAX_COLUMNS:
        return np.arange(item_count)
    sample = np.random.default_rng(seed).choice(item_count, MAX_COLUMNS, replace=False)
    return np.unique(np.concatenate([sample, *(item.targets for item in queries)]))


def _features(query: Query, rehearsal: Rehearsal) -> np.ndarray:
    """Give one query's features: [models + priors + cold + seen, items] float32."""
    priors, cold = rehearsal.popularity(query), rehearsal.cold
    logs = [lift_of(model, query) for model in rehearsal.models]
    values = np.concatenate([np.stack(logs), priors]).astype(np.float32)
    extra = np.zeros((2, priors.shape[1]), dtype=np.float32)
    if cold is not None:
        cold.borrow(values)
        extra[0] = cold.share(priors.shape[1])
    extra[1, query.history_rows] = 1.0
    return np.concatenate([values, extra])


def _maximise(features: np.ndarray, wanted: np.ndarray, bounds: Sequence[tuple[float, float]]) -> np.ndarray:
    """Find the most likely weights within bounds: [features].

    Shapes: features [queries, features, columns]; wanted [features], the targets' mean features.
    """
    wanted = wanted.astype(np.float64)
    ridge = np.array([PENALTY if low == 0.0 else 0.0 for low, _ in bounds])
    by_feature = np.ascontiguousarray(features.transpose(1, 0, 2)).reshape(
        len(wanted), -1
    )  # [features, queries × columns]
    shape = (len(features), features.shape[2])

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        """Negative mean log likelihood, and its gradient."""
        score = (weights.astype(np.float32) @ by_feature).reshape(shape)
        top = score.max(axis=1, keepdims=True)
        share = np.exp(score - top)
        total = share.sum(axis=1, keepdims=True)
        share /= total
        expected = by_feature @ share.ravel() / len(features)
        likelihood = weights @ wanted - float(np.mean(top[:, 0] + np.log(total[:, 0])))
        penalty = ridge * weights
        return penalty @ weights - likelihood, (2 * penalty - (wanted - expected)).astype(np.float64)

    start = np.array([0.3 if low == 0.0 else 0.0 for low, _ in bounds])
    found = scipy.optimize.minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 60})
    return found.x


def _mean_targets(features: np.ndarray, targets: Sequence[np.ndarray]) -> np.ndarray:
    """Average the targets' features over queries: [queries, features, columns] to [features]."""
    return np.mean([_mean_target(row, hit) for row, hit in zip(features, targets, strict=True)], axis=0)


def _mean_target(features: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Average the targets' features: the next item counts 1, the one after it 1/2, 1/3 …"""
    return np.average(features[:, targets], axis=1, weights=1.0 / np.arange(1, len(targets) + 1))
