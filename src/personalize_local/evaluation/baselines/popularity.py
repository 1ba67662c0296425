"""What is popular: ever, in the last days, or with a decay that is chosen on the newest events."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from personalize_local.evaluation.baselines.tuning import Validation
from personalize_local.models.popularity import DAY_S, Popularity, recent_counts
from personalize_local.models.sequences import Sequences

HALF_LIVES_S = (3600.0, 6 * 3600.0, DAY_S, 3.0 * DAY_S, 7.0 * DAY_S, 30.0 * DAY_S, 365.0 * DAY_S)


def popularity_ever(sequences: Sequences) -> Popularity:
    """Count all events."""
    return Popularity(sequences.item_counts())


def popularity_of_days(sequences: Sequences, days: float) -> Popularity:
    """Count the events of the last days; among items without any, those of all time, far behind."""
    recent = sequences.take_events(sequences.epoch_s > sequences.newest_epoch_s - days * DAY_S).item_counts()
    ever = sequences.item_counts()
    return Popularity((recent + ever / (2.0 * max(float(ever.sum()), 1.0))).astype(np.float32))


def decayed_popularity(sequences: Sequences, validation: Validation) -> Popularity:
    """Count events, newer ones more; the half-life is the one that foretells the newest events best."""
    half_lives: Sequence[float] = HALF_LIVES_S
    best = validation.best(half_lives, lambda half_life_s: Popularity(recent_counts(validation.older, half_life_s)))
    return Popularity(recent_counts(sequences, best))
