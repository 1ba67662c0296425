"""How often each item was turned to, by memories of several lengths."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from personalize_local.models.popularity import log_share, recent_counts
from personalize_local.models.sequences import Sequences


@dataclass(frozen=True)
class DecayedCounts:
    """Counts of events, each half as much for every half-life it is older than `at_epoch_s`.

    Counts of different events at one time add up: what happens after training can be added when a model is served.
    Shapes: counts [half-lives, items] float32; half_lives_s [half-lives], 0 for a memory that never fades.
    """

    counts: np.ndarray
    half_lives_s: np.ndarray
    at_epoch_s: int

    def log_shares(self) -> np.ndarray:
        """Give the log of each item's share of all events, by half-life: [half-lives, items] float32."""
        return np.stack([log_share(row) for row in self.counts])

    def aged(self, now_epoch_s: int) -> DecayedCounts:
        """Give the counts as they are at a later time when nothing more has happened."""
        if now_epoch_s <= self.at_epoch_s:
            return self
        kept = self._kept(np.array([now_epoch_s - self.at_epoch_s]))  # [half-lives, 1]
        return replace(self, counts=(self.counts * kept).astype(np.float32), at_epoch_s=int(now_epoch_s))

    def plus(self, item_row: np.ndarray, weight: np.ndarray, epoch_s: np.ndarray) -> DecayedCounts:
        """Add events [events] that have happened before the counts' time."""
        kept = self._kept(np.maximum(self.at_epoch_s - epoch_s, 0)) * weight  # [half-lives, events]
        added = [np.bincount(item_row, row, self.counts.shape[1]) for row in kept]
        return replace(self, counts=(self.counts + np.stack(added)).astype(np.float32))

    def _kept(self, age_s: np.ndarray) -> np.ndarray:
        """Give what is left of an event after a time: [half-lives, times]."""
        rates = np.divide(1.0, self.half_lives_s, out=np.zeros(len(self.half_lives_s)), where=self.half_lives_s > 0)
        return np.exp2(-rates[:, None] * age_s)


def fit_decayed_counts(sequences: Sequences, half_lives_s: tuple[float, ...]) -> DecayedCounts:
    """Count at the time of the newest event: all events alike first, then by the half-lives."""
    rows = [sequences.item_counts(), *(recent_counts(sequences, half_life_s) for half_life_s in half_lives_s)]
    return DecayedCounts(np.stack(rows), np.array([0.0, *half_lives_s]), sequences.newest_epoch_s)
