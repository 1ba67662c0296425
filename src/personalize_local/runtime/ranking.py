"""Scores to an order: shares by softmax, the best rows, the newcomers behind them.

Source: contract §6.1 (scores of one user sum to 1 over the model's items). That items which the model does not know
follow the scored ones, newest first, is inferred: on AWS they come in by exploration.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from personalize_local.runtime.catalogue import Catalogue
from personalize_local.runtime.served_model import ServedModel

SCORE_DECIMALS = 7


@dataclass(frozen=True)
class Ranked:
    """A place in an answer: a catalogue row, and what is said about it."""

    row: int
    score: float | None = None
    reason: str | None = None
    promotion_name: str | None = None

    def as_promoted(self, name: str, reason: str | None) -> Ranked:
        """Give the same item as a promoted one."""
        return replace(self, promotion_name=name, reason=reason)


def softmax(scores: np.ndarray) -> np.ndarray:
    """Give each score's share: [items] float64 that sum to 1; NaN where there is no score."""
    finite = np.isfinite(scores)
    if not finite.any():
        return np.full(len(scores), np.nan)
    raised = np.exp(scores.astype(np.float64) - scores[finite].max())
    raised[~finite] = np.nan
    return raised / np.nansum(raised)


def best_rows(scores: np.ndarray, candidates: np.ndarray, count: int) -> np.ndarray:
    """Give the `count` candidates with the highest scores, best first; of equals, the lower row first.

    Shapes: scores [items]; candidates [candidates], rows of scores, ascending; gives at most [count].
    """
    if count < len(candidates):
        values = scores[candidates]
        lowest = np.partition(values, len(values) - count)[len(values) - count] if count else np.inf
        above = candidates[values > lowest]
        candidates = np.sort(np.append(above, candidates[values == lowest][: count - len(above)]))
    return candidates[np.argsort(-scores[candidates], kind="stable")]


def rank(model: ServedModel, items: Catalogue, shares: np.ndarray, allowed: np.ndarray, count: int) -> list[Ranked]:
    """Give the best allowed items: scored ones first, then those without a score, newest first.

    Shapes: shares [items of the model]; allowed [catalogue] bool.
    """
    candidates = np.flatnonzero(allowed[model.catalogue_row] & np.isfinite(shares))
    best = best_rows(shares, candidates, count)
    ranked = [Ranked(int(model.catalogue_row[row]), round(float(shares[row]), SCORE_DECIMALS)) for row in best]
    if len(ranked) < count:
        ranked.extend(Ranked(int(row)) for row in _newcomers(model, items, shares, allowed)[: count - len(ranked)])
    return ranked


def _newcomers(model: ServedModel, items: Catalogue, shares: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Give the allowed catalogue rows without a score, newest first; of equals, the one that came last."""
    unscored = allowed.copy()
    unscored[model.catalogue_row[np.isfinite(shares)]] = False
    rows = np.flatnonzero(unscored)[::-1]
    return rows[np.argsort(-items.created_epoch_s()[rows], kind="stable")]
