"""The blend: several recommenders' scores and popularity, added up as logarithms with fitted weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from personalize_local.models.cold_items import ColdItems
from personalize_local.models.query import Query, Recommender
from personalize_local.models.sequences import drop_echoes


@dataclass(frozen=True)
class Blend:
    """Log-linear sum: its softmax over the catalogue is the likelihood of each item to come next.

    prior stands for popularity, already weighted; newcomer_prior for the same when nothing is known of the user.
    Shapes: weights [parts]; prior and newcomer_prior [items].
    """

    parts: tuple[Recommender, ...]
    weights: np.ndarray
    prior: np.ndarray
    newcomer_prior: np.ndarray
    seen_weight: float
    cold: ColdItems | None
    cold_weight: float

    def scores(self, query: Query) -> np.ndarray:
        """Give log scores: [items] float32. Softmax them for shares that sum to 1."""
        rows, epoch_s = drop_echoes(query.history_rows, query.history_epoch_s)
        if not len(rows):
            return self.newcomer_prior.astype(np.float32)
        stepped = Query(rows, epoch_s, query.item_row, query.now_epoch_s)
        total = self.prior.astype(np.float32)
        for part, weight in zip(self.parts, self.weights, strict=True):
            if weight > 0:
                total += weight * log_lift(part.scores(stepped))
        if self.cold is not None:
            self.cold.borrow(total)
            total[self.cold.rows] += self.cold_weight * (1.0 - self.cold.own_share)
        total[np.unique(rows)] += np.float32(self.seen_weight)
        return total


def log_lift(scores: np.ndarray) -> np.ndarray:
    """Give how much more each item has than an equal share: log(1 + items × share), 0 for none at all.

    Puts models of any scale on one. Shapes: scores [items], none below 0.
    """
    total = float(scores.sum())
    return np.log1p(scores * (len(scores) / total)).astype(np.float32) if total > 0 else np.zeros_like(scores)
