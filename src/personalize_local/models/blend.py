"""The blend: several recommenders' scores and popularity, added up as logarithms with fitted weights."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import numpy as np

from personalize_local.models.age_lift import AgeLift
from personalize_local.models.cold_items import ColdItems, ColdWeights
from personalize_local.models.content import ContentAffinity
from personalize_local.models.decayed_counts import DecayedCounts
from personalize_local.models.query import (
    LiftRecommender,
    LikelihoodRecommender,
    Query,
    Recommender,
    SparseRecommender,
)
from personalize_local.models.sequences import step_places


@dataclass(frozen=True)
class Blend:
    """Log-linear sum: its softmax over the catalogue is the likelihood of each item to come next.

    prior stands for popularity, already weighted; newcomer_prior for the same when nothing is known of the user. Both
    follow from `popularity` and its weights, which are kept so that events can be added when the blend is served.
    Shapes: weights [parts]; prior and newcomer_prior [items]; prior_weights and newcomer_weights [half-lives].
    """

    parts: tuple[Recommender, ...]
    weights: np.ndarray
    prior: np.ndarray
    newcomer_prior: np.ndarray
    seen_weight: float
    cold: ColdItems | None
    cold_weight: float
    popularity: DecayedCounts
    prior_weights: np.ndarray
    newcomer_weights: np.ndarray
    newcomer_cold_weight: float
    cold_weights: ColdWeights = field(default_factory=ColdWeights)

    def scores(self, query: Query) -> np.ndarray:
        """Give log scores: [items] float32. Softmax them for shares that sum to 1."""
        if not len(query.history_rows):
            return self._newcomer_scores(query)
        stepped = query.keep(step_places(query.history_rows, query.history_epoch_s))
        total = self.prior.astype(np.float32)
        for part, weight in zip(self.parts, self.weights, strict=True):
            if weight > 0 and borrows(part):
                _add_lift(total, part, stepped, weight)
        if self.cold is not None:
            self._lend(self.cold, total, stepped)
        for part, weight in zip(self.parts, self.weights, strict=True):
            if weight > 0 and not borrows(part):
                _add_lift(total, part, stepped, weight)
        seen = stepped.history_rows
        total[seen] = total[seen] + np.float32(self.seen_weight)  # once, however often it is there
        return total

    def _lend(self, cold: ColdItems, total: np.ndarray, query: Query) -> None:
        """Let cold items borrow, then add what counts for them alone, in place: total [items]."""
        weights = self.cold_weights
        cold.borrow(total, weights.lent_share)
        total[cold.rows] += cold.bonus(self.cold_weight, weights.scarce_extra)
        content = next((part for part in self.parts if isinstance(part, ContentAffinity)), None)
        if content is not None and weights.content > 0:
            rows = cold.rows[cold.own_share == 0]
            total[rows] += np.float32(weights.content) * lift_of(content, query)[rows]

    def _newcomer_scores(self, query: Query) -> np.ndarray:
        """Score for somebody without a history: popularity, and what depends on no history."""
        total = self.newcomer_prior.astype(np.float32)
        for part, weight in zip(self.parts, self.weights, strict=True):
            if isinstance(part, LiftRecommender):
                total += weight * part.lifts(query)
        return total


def borrows(part: Recommender) -> bool:
    """Tell whether cold items borrow what a part says; of an item's age they know their own."""
    return not isinstance(part, AgeLift)


def lift_of(part: Recommender, query: Query) -> np.ndarray:
    """Give what a part says as logarithms over an equal share: [items] float32."""
    if isinstance(part, LiftRecommender):
        return part.lifts(query)
    if isinstance(part, LikelihoodRecommender):
        likely = part.log_scores(query)
        return likely + np.float32(np.log(len(likely)))
    return log_lift(part.scores(query))


def log_lift(scores: np.ndarray, item_count: int | None = None) -> np.ndarray:
    """Give how much more each item has than an equal share: log(1 + items × share), 0 for none at all.

    Puts models of any scale on one.
    Args: item_count: of how many items these are all that have a score; unless given, all items are there.
    Shapes: scores [items] float32, none below 0.
    """
    total = float(scores.sum())
    if total <= 0:
        return np.zeros_like(scores)
    lift = scores * np.float32((len(scores) if item_count is None else item_count) / total)
    return np.log1p(lift, out=lift)


@cache
def _names_rows(kind: type) -> bool:
    """Tell whether recommenders of a class name the rows that score; asking the protocol takes a while."""
    return issubclass(kind, SparseRecommender)


def _add_lift(total: np.ndarray, part: Recommender, query: Query, weight: np.float32) -> None:
    """Add what a part says, times its weight, in place, and only where it says something: total [items]."""
    if _names_rows(type(part)):
        rows, scores = part.sparse_scores(query)
        total[rows] += weight * log_lift(scores, len(total))
    else:
        lift = lift_of(part, query)
        total += np.multiply(lift, weight, out=lift)
