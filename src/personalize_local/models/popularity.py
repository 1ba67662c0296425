"""Popularity: how many have been interested in an item, ever or lately."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from personalize_local.models.query import Query
from personalize_local.models.sequences import Sequences

DAY_S = 86_400
SMOOTHING = 0.1


@dataclass(frozen=True)
class Popularity:
    """The same scores for everybody."""

    popularity: np.ndarray  # [items] float32

    def scores(self, query: Query) -> np.ndarray:
        """Give the popularity of each item, whoever asks: [items] float32."""
        return self.popularity.astype(np.float32)


def fit_popularity(sequences: Sequences) -> Popularity:
    """Count the distinct users of each item; equal counts go to the item with more events."""
    user = sequences.user_of_event().astype(np.int64)
    pairs = np.unique(user * sequences.item_count + sequences.item_row)
    users = np.bincount(pairs % max(sequences.item_count, 1), minlength=sequences.item_count)
    events = sequences.item_counts()
    return Popularity((users + events / (2.0 * max(float(events.max(initial=0)), 1.0))).astype(np.float32))


def recent_counts(sequences: Sequences, half_life_s: float, now_epoch_s: int | None = None) -> np.ndarray:
    """Count events, each half as much for every half-life it is older than now: [items] float32.

    Now is the newest event's time unless given: data that ended long ago is as fresh as on its last day.
    """
    now = sequences.newest_epoch_s if now_epoch_s is None else now_epoch_s
    weight = sequences.weight * np.exp2(-np.maximum(now - sequences.epoch_s, 0) / half_life_s)
    return np.bincount(sequences.item_row, weight, sequences.item_count).astype(np.float32)


def log_share(counts: np.ndarray) -> np.ndarray:
    """Give the log of each item's share of all events, as if each had happened `SMOOTHING` times more: [items]."""
    smooth = counts.astype(np.float64) + SMOOTHING
    return np.log(smooth / smooth.sum()).astype(np.float32) if len(counts) else counts.astype(np.float32)


def popularity_priors(sequences: Sequences, half_lives_s: tuple[float, ...]) -> np.ndarray:
    """Give log shares of all time, then one row per half-life: [1 + half-lives, items] float32."""
    rows = [log_share(sequences.item_counts())]
    rows += [log_share(recent_counts(sequences, half_life_s)) for half_life_s in half_lives_s]
    return np.stack(rows)
