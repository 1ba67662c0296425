"""Scores to an order: shares by softmax, the best rows, the newcomers behind them.

Source: contract §6.1 (scores of one user sum to 1 over the model's items). That items which the model does not know
follow the scored ones, newest first, is inferred: on AWS they come in by exploration.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

import numpy as np

from personalize_local.runtime.allowed import Allowed
from personalize_local.runtime.catalogue import Catalogue
from personalize_local.runtime.served_model import ServedModel

SCORE_DECIMALS = 7
SAMPLE_SIZE = 2048
WIDEST_STEP = 128
BLOCK_SAMPLE_SIZE = 1024  # there are many rows: a floor that is too high now and then costs less than a sample
SMALLEST_CHOICE = 256


class Ranked(NamedTuple):
    """A place in an answer: a catalogue row, what is said about it, and the chance that it had to stand there."""

    row: int
    score: float | None = None
    reason: str | None = None
    promotion_name: str | None = None
    propensity: float = 1.0

    def with_chance(self, propensity: float) -> Ranked:
        """Give the same place with another chance."""
        return Ranked(self.row, self.score, self.reason, self.promotion_name, propensity)

    def as_promoted(self, name: str, reason: str | None) -> Ranked:
        """Give the same item as a promoted one."""
        return self._replace(promotion_name=name, reason=reason)


@dataclass(frozen=True)
class Shares:
    """The softmax over all items of a model, without an array of it: an answer says a few of the shares only.

    Shapes: scores [items of the model]; -inf where there is no score. floor: a score that some times as many items
    reach as an answer has, judged by a sample; None where nobody has looked.
    """

    scores: np.ndarray
    best: float
    total: float
    floor: float | None = None

    def of(self, rows: np.ndarray) -> np.ndarray:
        """Give the shares of rows with a score: [rows] float64; those of all items sum to 1."""
        return np.exp(self.scores[rows].astype(np.float64) - self.best) / self.total


def shares_of(scores: np.ndarray) -> Shares:
    """Take the softmax of scores in one pass. Shapes: scores [items] float, -inf or NaN where there is none."""
    best = float(scores.max(initial=-np.inf))
    if not np.isfinite(best):
        scores = np.where(np.isfinite(scores), scores, -np.inf)
        best = float(scores.max(initial=-np.inf))
    if best == -np.inf:
        return Shares(scores, 0.0, 1.0)
    raised = np.subtract(scores, best, dtype=scores.dtype)
    return Shares(scores, best, float(np.exp(raised, out=raised).sum()))


def shares_of_block(scores: np.ndarray, count: int) -> list[Shares]:
    """Take the softmax of each row of scores [readers, items], and floors for answers of `count` items."""
    best = scores.max(axis=1, initial=-np.inf)
    if not np.isfinite(best).all():
        return [shares_of(row) for row in scores]
    raised = np.subtract(scores, best[:, None])
    totals = np.exp(raised, out=raised).sum(axis=1)
    columns = zip(scores, best.tolist(), totals.tolist(), _block_floors(scores, count), strict=True)
    return [Shares(*each) for each in columns]


def _block_floors(scores: np.ndarray, count: int) -> list[float | None]:
    """Give for each row a score that about 4 times `count` items reach, judged by a sample; None where that is most."""
    sample = scores[:, :: max(1, scores.shape[1] // BLOCK_SAMPLE_SIZE)]
    place = (count * 4 + SMALLEST_CHOICE) * sample.shape[1] // max(scores.shape[1], 1)
    if place >= sample.shape[1] // 2:
        return [None] * len(scores)
    kth = sample.shape[1] - 1 - place
    return np.partition(sample, kth, axis=1)[:, kth].tolist()


def softmax(scores: np.ndarray) -> np.ndarray:
    """Give each score's share: [items] float64 that sum to 1; NaN where there is no score."""
    shares = shares_of(scores)
    found = np.full(len(scores), np.nan)
    scored = np.flatnonzero(shares.scores > -np.inf)
    found[scored] = shares.of(scored)
    return found


def best_rows(
    scores: np.ndarray, allows: Callable[[np.ndarray], np.ndarray], count: int, floor: float | None = None
) -> np.ndarray:
    """Give the `count` allowed rows with the highest scores, best first; of equals, the lower row first.

    Exact: rows are judged from a floor up that enough of them reach, and from a lower one when too few were allowed.
    Args: allows: marks the allowed ones of rows, [rows] bool. floor: where to begin, if somebody has looked already.
    Shapes: scores [items], -inf where there is none; gives at most [count].
    """
    known = [] if floor is None else [floor]
    for least in chain(known, _floors(scores, count)):
        rows = np.flatnonzero(scores >= least) if least > -np.inf else np.flatnonzero(scores > least)
        rows = rows[allows(rows)]
        if len(rows) >= count:
            break
    return rows[_order(-scores[rows])[:count]]


def _order(values: np.ndarray) -> np.ndarray:
    """Sort values, of equals the first before the others: [values] places.

    Sorting without care for equals is quicker, and there are few.
    """
    order = values.argsort()
    ordered = values[order]
    return values.argsort(kind="stable") if (ordered[1:] == ordered[:-1]).any() else order


def _floors(scores: np.ndarray, count: int) -> Iterator[float]:
    """Give scores that about 4, 64 and 1024 times `count` items reach, judged by a sample; at the end all do."""
    sample = scores[:: min(max(1, len(scores) // SAMPLE_SIZE), WIDEST_STEP)]
    for times in (4, 64, 1024):
        place = (count * times + SMALLEST_CHOICE) * len(sample) // max(len(scores), 1)
        if place >= len(sample) // 2:
            break
        kth = len(sample) - 1 - place
        yield float(np.partition(sample, kth)[kth])
    yield -np.inf


def rank(model: ServedModel, items: Catalogue, shares: Shares, allowed: Allowed, count: int) -> list[Ranked]:
    """Give the best allowed items: scored ones first, then those without a score, newest first."""
    best = best_rows(shares.scores, lambda rows: allowed.of(model.catalogue_row[rows]), count, shares.floor)
    rows, scores = model.catalogue_row[best].tolist(), shares.of(best).round(SCORE_DECIMALS).tolist()
    ranked = [Ranked(row, score) for row, score in zip(rows, scores, strict=True)]
    if len(ranked) < count:
        ranked.extend(Ranked(int(row)) for row in _newcomers(model, items, shares, allowed)[: count - len(ranked)])
    return ranked


def _newcomers(model: ServedModel, items: Catalogue, shares: Shares, allowed: Allowed) -> np.ndarray:
    """Give the allowed catalogue rows without a score, newest first; of equals, the one that came last."""
    unscored = allowed.everywhere.copy()
    unscored[model.catalogue_row[shares.scores > -np.inf]] = False
    rows = np.flatnonzero(unscored)[::-1]
    return rows[np.argsort(-items.created_epoch_s(rows), kind="stable")]
