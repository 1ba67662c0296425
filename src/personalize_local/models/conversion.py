"""How often an action is taken, by the situation of the user: rates that are shrunk towards the action's own.

A situation is how long ago the user's last event was, and what the user did last time. Few observations of an action in
a situation say little, so that its rate there is mixed with the action's rate over all situations.

Shapes: situations [n] int, 0 to SITUATION_COUNT - 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

DAY_S = 86_400
RECENCY_BOUNDS_S = (DAY_S, 7 * DAY_S, 30 * DAY_S)  # classes 0 to 3; the last class, 4, is for never
NEVER = len(RECENCY_BOUNDS_S) + 1
NO_RESPONSE, TOOK, REFUSED = 0, 1, 2
RESPONSE_COUNT = 3
SITUATION_COUNT = (NEVER + 1) * RESPONSE_COUNT
PRIOR_COUNT = 20.0


def situations(age_s: np.ndarray, response: np.ndarray) -> np.ndarray:
    """Give the situation of each user.

    Args: age_s [n]: seconds since the last event, infinity for never; response [n]: NO_RESPONSE, TOOK or REFUSED.
    """
    recency = np.where(np.isfinite(age_s), np.searchsorted(RECENCY_BOUNDS_S, age_s, side="right"), NEVER)
    return recency * RESPONSE_COUNT + response


@dataclass(frozen=True)
class ConversionRates:
    """The rate of each action in each situation; actions with too few observations have none.

    Shapes: rates [actions, situations] float32, 0 to 1; is_known [actions] bool; overall [actions] float32.
    """

    rates: np.ndarray
    is_known: np.ndarray
    overall: np.ndarray

    def scores(self, situation: int) -> np.ndarray:
        """Give every action's rate in a situation: [actions] float32, 0 where it is not known."""
        return np.where(self.is_known, self.rates[:, situation], np.float32(0.0))


def fit_conversion(
    action_row: np.ndarray, situation: np.ndarray, is_taken: np.ndarray, action_count: int, min_observations: int
) -> ConversionRates:
    """Count how often actions were taken, and how often not.

    Shapes: action_row, situation, is_taken [observations]. `min_observations` of each are needed for a rate.
    """
    cell = action_row.astype(np.int64) * SITUATION_COUNT + situation  # [observations]
    shape = (action_count, SITUATION_COUNT)
    taken = np.bincount(cell[is_taken], minlength=action_count * SITUATION_COUNT).reshape(shape)
    seen = np.bincount(cell, minlength=action_count * SITUATION_COUNT).reshape(shape)
    taken_all, seen_all = taken.sum(axis=1), seen.sum(axis=1)  # [actions]
    overall = taken_all / np.maximum(seen_all, 1)
    rates = (taken + PRIOR_COUNT * overall[:, None]) / (seen + PRIOR_COUNT)  # [actions, situations]
    is_known = (taken_all >= min_observations) & (seen_all - taken_all >= min_observations)
    return ConversionRates(rates.astype(np.float32), is_known, overall.astype(np.float32))
