"""Scores to an order: shares by softmax, the best rows, the newcomers behind them.

Source: contract §6.1 (scores of one user sum to 1 over the model's items). That items which the model does not know
follow the scored ones, newest first, is inferred: on AWS they come in by exploration.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import NamedTuple

import numpy as np

from personalize_local.models.blockwise import exp_sum
from personalize_local.models.coarse import CoarseScores
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
        return _ranked((self.row, self.score, self.reason, self.promotion_name, propensity))

    def as_promoted(self, name: str, reason: str | None) -> Ranked:
        """Give the same item as a promoted one."""
        return self._replace(promotion_name=name, reason=reason)


_ranked = Ranked._make  # in half the time of a call with arguments; an answer has dozens


@dataclass(frozen=True)
class Shares:
    """The softmax over all items of a model, without an array of it: an answer says a few of the shares only.

    Shapes: scores [items of the model]; -inf where there is no score. floor: a score that some times as many items
    reach as an answer has, judged by a sample; None where nobody has looked. look: that, where the scores are of a
    first look; the total is then the sum at the first look, in which what single items are off evens out.
    """

    scores: np.ndarray
    best: float
    total: float
    floor: float | None = None
    look: CoarseScores | None = None

    def of(self, rows: np.ndarray) -> np.ndarray:
        """Give the shares of rows with a score: [rows] float64; those of all items sum to 1."""
        exact = self.scores[rows] if self.look is None else self.look.exact(rows)
        return np.exp(exact.astype(np.float64) - self.best) / self.total


def shares_of(scores: np.ndarray) -> Shares:
    """Take the softmax of scores in one pass. Shapes: scores [items] float, -inf or NaN where there is none."""
    best, total = exp_sum(scores)
    if not np.isfinite(total):
        scores = np.where(np.isfinite(scores), scores, -np.inf)
        best, total = exp_sum(scores)
    if best == -np.inf:
        return Shares(scores, 0.0, 1.0)
    return Shares(scores, best, total)


def shares_of_coarse(look: CoarseScores) -> Shares:
    """Take the softmax of scores as they are at a first look."""
    shares = shares_of(look.values)
    return shares if look.missing is None else replace(shares, look=look)


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
    scores: np.ndarray,
    allows: Callable[[np.ndarray], np.ndarray],
    count: int,
    floor: float | None = None,
    look: CoarseScores | None = None,
) -> np.ndarray:
    """Give the `count` allowed rows with the highest scores, best first; of equals, the lower row first.

    Exact: rows are judged from a floor up that enough of them reach, and from a lower one when too few were allowed.
    Args: allows: marks the allowed ones of rows, [rows] bool. floor: where to begin, if somebody has looked already.
        look: where the scores may be off, what they are off by.
    Shapes: scores [items], -inf where there is none; gives at most [count].
    """
    known = [] if floor is None else [floor]
    for least in chain(known, _floors(scores, count)):
        rows = _allowed_from(scores, least, allows)
        if len(rows) >= count:
            break
    if look is None or not len(rows):
        return rows[_order(-scores[rows])[:count]]
    rows = _near_best(scores, rows, least, allows, count, look.slack)
    return rows[_order(-look.exact(rows))[:count]]


def _allowed_from(scores: np.ndarray, least: float, allows: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    rows = np.flatnonzero(scores >= least) if least > -np.inf else np.flatnonzero(scores > least)
    return rows[allows(rows)]


def _near_best(
    scores: np.ndarray,
    rows: np.ndarray,
    least: float,
    allows: Callable[[np.ndarray], np.ndarray],
    count: int,
    slack: float,
) -> np.ndarray:
    """Give the allowed rows that may be among the `count` best when each score is off by `slack` at most, ascending.

    `count` rows have the k-th best score or more, and exactly the k-th less the slack at least; who is exactly as good
    as that has at least the k-th less twice the slack here.
    Args: rows: the allowed ones with a score of `least` or more, all of them where they are fewer than `count`.
    """
    if len(rows) < count or not count:
        return rows
    kth = len(rows) - count
    lowest = float(np.partition(scores[rows], kth)[kth]) - 2.0 * slack
    if lowest >= least:
        return rows[scores[rows] >= lowest]
    return _allowed_from(scores, lowest, allows)


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
    best = best_rows(
        shares.scores, lambda rows: allowed.of(model.catalogue_row[rows]), count, shares.floor, shares.look
    )
    rows, scores = model.catalogue_row[best].tolist(), shares.of(best).round(SCORE_DECIMALS).tolist()
    ranked = [_ranked((row, score, None, None, 1.0)) for row, score in zip(rows, scores, strict=True)]
    if len(ranked) < count:
        ranked.extend(Ranked(int(row)) for row in _newcomers(model, items, shares, allowed)[: count - len(ranked)])
    return ranked


def _newcomers(model: ServedModel, items: Catalogue, shares: Shares, allowed: Allowed) -> np.ndarray:
    """Give the allowed catalogue rows without a score, newest first; of equals, the one that came last."""
    unscored = allowed.everywhere.copy()
    unscored[model.catalogue_row[shares.scores > -np.inf]] = False
    rows = np.flatnonzero(unscored)[::-1]
    return rows[np.argsort(-items.created_epoch_s(rows), kind="stable")]
