"""The metrics of a model of actions on users it has not seen. Source: contract §5.2; the keys are unverified."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from personalize_local.models.conversion import ConversionRates
from personalize_local.training.metrics import ndcg, ranking

if TYPE_CHECKING:
    from personalize_local.training.action_training import Observations

CUTOFFS = (5, 10, 25)


def measure(rates: ConversionRates, tested: Observations) -> dict[str, float]:
    """Give precision, recall and AUC, averaged over actions that have them, and NDCG, averaged over users."""
    by_action = [
        values
        for row in np.flatnonzero(rates.is_known)
        if (values := _of_action(rates, row, tested.where(tested.action_row == row))) is not None
    ]
    means = np.mean(by_action, axis=0) if by_action else np.zeros(3)
    named = dict(zip(("precision", "recall", "auc"), means, strict=True)) | _of_users(rates, tested)
    return {name: round(float(value), 4) for name, value in named.items()}


def area_under_curve(scores: np.ndarray, is_positive: np.ndarray) -> float:
    """Give the chance that a positive has the higher score than a negative; equal scores count half."""
    positive, negative = scores[is_positive], np.sort(scores[~is_positive])
    below = np.searchsorted(negative, positive, side="left")
    equal = np.searchsorted(negative, positive, side="right") - below
    return float((below + equal / 2).sum() / (len(positive) * len(negative)))


def _of_action(rates: ConversionRates, row: int, tested: Observations) -> tuple[float, float, float] | None:
    """Measure one action; None without both outcomes among the tests."""
    taken = tested.is_taken
    if not taken.any() or taken.all():
        return None
    scores = rates.rates[row][tested.situation]
    recommended = scores >= rates.overall[row]
    correct = np.count_nonzero(recommended & taken)
    precision = correct / max(np.count_nonzero(recommended), 1)
    return precision, correct / np.count_nonzero(taken), area_under_curve(scores, taken)


def _of_users(rates: ConversionRates, tested: Observations) -> dict[str, float]:
    """Rank the actions for each user as of the first observation; what the user took is relevant."""
    found: list[list[float]] = []
    starts = np.flatnonzero(np.diff(tested.user_row, prepend=-1))  # sorted by user
    for start, end in pairwise([*starts, len(tested.user_row)]):
        taken = tested.action_row[start:end][tested.is_taken[start:end]]
        if not len(taken):
            continue
        relevant = np.zeros(len(rates.is_known))
        relevant[taken] = 1.0
        hits = relevant[ranking(rates.scores(int(tested.situation[start])), max(CUTOFFS))]
        found.append([ndcg(hits, relevant[relevant > 0], k) for k in CUTOFFS])
    means = np.mean(found, axis=0) if found else np.zeros(len(CUTOFFS))
    return {
        f"normalized_discounted_cumulative_gain_at_{k}": float(mean) for k, mean in zip(CUTOFFS, means, strict=True)
    }
