"""Trending: what grows, against what was usual for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from personalize_local.models.popularity import fit_popularity, recent_counts
from personalize_local.models.query import Query
from personalize_local.models.sequences import Sequences

LONG_TO_SHORT = 12.0
PRIOR_COUNT = 1.0


@dataclass(frozen=True)
class Trending:
    """Growth of each item at the time of the newest event; the same for everybody."""

    growth: np.ndarray  # [items] float32

    def scores(self, query: Query) -> np.ndarray:
        """Give the growth of each item, whoever asks: [items] float32."""
        return self.growth.astype(np.float32)


def fit_trending(sequences: Sequences, *, interval_s: float, now_epoch_s: int | None = None) -> Trending:
    """Compare interactions of about the last interval with those that a 12 times longer memory expects.

    Growth is the surplus in standard deviations of a Poisson count. Items that nobody touched lately follow by
    popularity, which also decides between equals: without any news the ranking is by popularity.
    """
    short = recent_counts(sequences, interval_s, now_epoch_s)
    long = recent_counts(sequences, interval_s * LONG_TO_SHORT, now_epoch_s)
    surplus = short - long / LONG_TO_SHORT
    growth = surplus / np.sqrt(long / LONG_TO_SHORT + PRIOR_COUNT)
    growth[short < 2.0**-8] = np.minimum(growth, 0.0)[short < 2.0**-8]
    popularity = fit_popularity(sequences).popularity
    fallback = 1e-4 * popularity / max(float(popularity.max(initial=0)), 1.0)
    return Trending((growth + fallback).astype(np.float32))
