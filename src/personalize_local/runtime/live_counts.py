"""What is popular now: a model's popularity, and on top of it the events since its training.

Rule 1: an event costs the same whatever the catalogue; an answer costs as much as there are items with live events.
Rule 2: what training counted fades as time passes, by each memory's half-life, but not by more than the live events
    that took its place: data that ended long ago stay as fresh as on their last day until enough has come.
Rule 3: fading for all items, and live events on many, are folded into a new prior now and then: one pass over the
    catalogue. Memory is bounded so.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from personalize_local.models.blend import Blend
from personalize_local.models.decayed_counts import DecayedCounts
from personalize_local.models.popularity import SMOOTHING

FADED_ENOUGH = 0.1
LEAST_TOUCHED = 1024
TOUCHED_SHARE = 100  # at most a hundredth of the catalogue is kept apart


@dataclass(frozen=True)
class LiveShares:
    """What live events add to the log scores, of readers with a history and without.

    Shapes: rows [touched], known [touched] float32, newcomers [touched] float32.
    """

    rows: np.ndarray
    known: np.ndarray
    newcomers: np.ndarray


NOTHING = LiveShares(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32), np.empty(0, dtype=np.float32))


class LiveCounts:
    """Live counts of the items of a blend, and of arrivals behind them: their rows go on from the blend's.

    Whoever uses it holds the lock of the group's data.
    """

    def __init__(self, blend: Blend) -> None:
        popularity = blend.popularity
        self.blend = blend
        self.trained_until_epoch_s = popularity.at_epoch_s
        self._base = popularity.counts  # [half-lives, items]
        self._item_count = popularity.counts.shape[1]
        half_lives = popularity.half_lives_s
        self._rates = np.divide(1.0, half_lives, out=np.zeros(len(half_lives)), where=half_lives > 0)
        self._weights = np.stack([blend.prior_weights, blend.newcomer_weights], axis=1)  # [half-lives, 2]
        self._base_total = popularity.counts.sum(axis=1, dtype=np.float64)
        self._epoch_s = popularity.at_epoch_s  # what counts are decayed to
        self._base_epoch_s = popularity.at_epoch_s
        self._touched_limit = max(LEAST_TOUCHED, self._item_count // TOUCHED_SHARE)
        self._slot_of: dict[int, int] = {}
        self._rows: list[int] = []
        self._live = np.zeros((LEAST_TOUCHED, len(half_lives)))  # [slots, half-lives], decayed to _epoch_s
        self._shares: LiveShares | None = NOTHING

    def add(self, row: int, weight: float, epoch_s: int) -> None:
        """Count an event on a row of the blend or of an arrival."""
        self._move_on(epoch_s)
        slot = self._slot_of.get(row)
        if slot is None:
            slot = self._slot_of[row] = len(self._rows)
            self._rows.append(row)
            if slot >= len(self._live):
                self._live = np.concatenate([self._live, np.zeros_like(self._live)])
        self._live[slot] += weight * np.exp2(-self._rates * (self._epoch_s - epoch_s))
        self._shares = None

    def count_of(self, rows: np.ndarray) -> np.ndarray:
        """Give how many events rows have had ever, by weight: [rows] float64."""
        forever = int(np.argmin(self._rates))
        slots = [self._slot_of.get(row, -1) for row in rows.tolist()]
        counts = np.array([self._live[slot, forever] if slot >= 0 else 0.0 for slot in slots])
        known = rows < self._item_count
        counts[known] += self._base[forever, rows[known]]
        return counts

    def shares(self) -> LiveShares:
        """Give what the events so far add; what was given before stays as it was."""
        if self._shares is None:
            if len(self._rows) > self._touched_limit or self._has_faded():
                self._fold()
            self._shares = self._added()
        return self._shares

    def floor(self) -> np.ndarray:
        """Give the log scores of an item without any event: [2], for readers with a history and without."""
        smooth = self._base_total + SMOOTHING * self._item_count
        return np.log(SMOOTHING / smooth) @ self._weights

    def _move_on(self, epoch_s: int) -> None:
        """Decay the live counts to a later event's time."""
        if epoch_s > self._epoch_s:
            self._live[: len(self._rows)] *= np.exp2(-self._rates * (epoch_s - self._epoch_s))
            self._epoch_s = epoch_s

    def _kept(self) -> np.ndarray:
        """Give what is left of the base, by half-life: see Rule 2."""
        rows = np.array(self._rows, dtype=np.int64)
        of_base = self._live[: len(rows)][rows < self._item_count]
        replaced = of_base.sum(axis=0) / np.maximum(self._base_total, 1e-9)
        return np.maximum(np.exp2(-self._rates * (self._epoch_s - self._base_epoch_s)), 1.0 - replaced)

    def _has_faded(self) -> bool:
        counts = self._weights.any(axis=1)
        return bool((1.0 - self._kept()[counts] > FADED_ENOUGH).any())

    def _added(self) -> LiveShares:
        if not self._rows:
            return NOTHING
        rows = np.array(self._rows, dtype=np.int64)
        base = np.zeros((len(rows), len(self._rates)))
        known = rows < self._item_count
        base[known] = self._base[:, rows[known]].T
        added = np.log1p(self._live[: len(rows)] / (base + SMOOTHING)) @ self._weights
        return LiveShares(rows, added[:, 0].astype(np.float32), added[:, 1].astype(np.float32))

    def _fold(self) -> None:
        """Make the counts so far the base, and the blend's priors follow from it; arrivals stay apart."""
        rows = np.array(self._rows, dtype=np.int64)
        known = rows < self._item_count
        live = self._live[: len(rows)]
        counts = self._base * self._kept()[:, None].astype(np.float32)
        counts[:, rows[known]] += live[known].T.astype(np.float32)
        popularity = DecayedCounts(counts, self.blend.popularity.half_lives_s, self._epoch_s)
        self.blend = with_popularity(self.blend, popularity)
        self._base, self._base_epoch_s = counts, self._epoch_s
        self._base_total = counts.sum(axis=1, dtype=np.float64)
        apart = live[~known]
        self._rows = rows[~known].tolist()
        self._slot_of = {row: slot for slot, row in enumerate(self._rows)}
        self._live = np.zeros((max(LEAST_TOUCHED, 2 * len(apart)), len(self._rates)))
        self._live[: len(apart)] = apart


def with_popularity(blend: Blend, popularity: DecayedCounts) -> Blend:
    """Give the blend as it is when popularity is another."""
    shares = popularity.log_shares()
    newcomer = blend.newcomer_weights @ shares
    if blend.cold is not None:
        blend.cold.borrow(newcomer)
        newcomer[blend.cold.rows] += blend.newcomer_cold_weight * (1.0 - blend.cold.own_share)
    return replace(
        blend,
        popularity=popularity,
        prior=(blend.prior_weights @ shares).astype(np.float32),
        newcomer_prior=newcomer.astype(np.float32),
    )
