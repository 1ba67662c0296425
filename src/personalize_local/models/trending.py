"""Trending: what grows, against what was usual for it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from personalize_local.models.decayed_counts import DecayedCounts
from personalize_local.models.popularity import fit_popularity, recent_counts
from personalize_local.models.query import Query
from personalize_local.models.sequences import Sequences

LONG_TO_SHORT = 12.0
PRIOR_COUNT = 1.0


@dataclass(frozen=True)
class Trending:
    """Growth of each item at one time; the same for everybody.

    Shapes: memories of two half-lives, the interval and 12 times as long; popularity [items] float32.
    """

    memories: DecayedCounts
    popularity: np.ndarray

    def scores(self, query: Query) -> np.ndarray:
        """Give the growth of each item, whoever asks: [items] float32."""
        return self.growth.copy()

    @cached_property
    def growth(self) -> np.ndarray:
        """Compare the short memory with what the long one expects: [items] float32.

        Growth is the surplus in standard deviations of a Poisson count. Items that nobody touched lately follow by
        popularity, which also decides between equals: without any news the ranking is by popularity.
        """
        short, long = self.memories.counts
        surplus = short - long / LONG_TO_SHORT
        growth = surplus / np.sqrt(long / LONG_TO_SHORT + PRIOR_COUNT)
        growth[short < 2.0**-8] = np.minimum(growth, 0.0)[short < 2.0**-8]
        fallback = 1e-4 * self.popularity / max(float(self.popularity.max(initial=0)), 1.0)
        return (growth + fallback).astype(np.float32)


def fit_trending(sequences: Sequences, *, interval_s: float, now_epoch_s: int | None = None) -> Trending:
    """Count interactions of about the last interval, and by a 12 times longer memory."""
    half_lives_s = np.array([interval_s, interval_s * LONG_TO_SHORT])
    counts = np.stack([recent_counts(sequences, half_life_s, now_epoch_s) for half_life_s in half_lives_s.tolist()])
    now = sequences.newest_epoch_s if now_epoch_s is None else now_epoch_s
    return Trending(DecayedCounts(counts, half_lives_s, now), fit_popularity(sequences).popularity)
