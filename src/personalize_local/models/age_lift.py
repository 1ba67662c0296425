"""Age: how much more, or less, items are turned to at an age than items are on the whole."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from personalize_local.models.query import Query
from personalize_local.models.sequences import Sequences

HOUR_S = 3600.0
EDGES_S = HOUR_S * np.array([1, 2, 4, 8, 16, 24, 36, 48, 72, 96, 168, 336, 720, 1440, 2880, 8760])
PRIOR_COUNT = 10.0


@dataclass(frozen=True)
class AgeLift:
    """The log of how many times as often items of an age are turned to as items of any age, while they are there.

    Shapes: born_epoch_s [items] float64, NaN unknown; log_rate [ages] float32, one more than edges_s [edges], the ages
    in seconds that part them.
    """

    born_epoch_s: np.ndarray
    edges_s: np.ndarray
    log_rate: np.ndarray

    def lifts(self, query: Query) -> np.ndarray:
        """Give the lift of each item's age: [items] float32, 0 where it is not known; what is to come counts as new."""
        _, born = self._by_birth
        return self._last.lifts(np.searchsorted(born, query.now_epoch_s - self.edges_s[::-1], side="right"))

    def of_ages(self, age_s: np.ndarray) -> np.ndarray:
        """Give the lift of ages [ages] in seconds, 0 where an age is NaN, as new where it is below 0."""
        lift = self.log_rate[np.searchsorted(self.edges_s, np.nan_to_num(age_s), side="right")]
        return np.where(np.isnan(age_s), np.float32(0.0), lift)

    def scores(self, query: Query) -> np.ndarray:
        """Give the same; a ranking by it alone is by age."""
        return self.lifts(query)

    @cached_property
    def _by_birth(self) -> tuple[np.ndarray, np.ndarray]:
        """Give the rows of the items whose age is known, the oldest first, and when they were born: two of [known]."""
        known = np.flatnonzero(~np.isnan(self.born_epoch_s))
        order = known[np.argsort(self.born_epoch_s[known], kind="stable")]
        return order, self.born_epoch_s[order]

    @cached_property
    def _last(self) -> _LastLifts:
        return _LastLifts(self._by_birth[0], self.log_rate[::-1], len(self.born_epoch_s))


class _LastLifts:
    """The lifts of the last moment somebody asked for: at the next, those that came of another age meanwhile change.

    To put a million lifts in the order of the items takes 5 to 8 ms, to copy them and change a few 0.4.
    Shapes: order [known] rows, the oldest first; rates [ages], those of the oldest first.
    """

    def __init__(self, order: np.ndarray, rates: np.ndarray, item_count: int) -> None:
        self._order = order
        self._rates = rates
        self._item_count = item_count
        nobody = np.zeros(len(rates) - 1, dtype=np.int64)
        self._last = nobody, self._spread(nobody)  # replaced together, never written to

    def lifts(self, older: np.ndarray) -> np.ndarray:
        """Give the lift of each item: [items]; older [ages - 1], how many items are older than each edge, ascending."""
        before, lifts = self._last
        moved_count = int(np.abs(older - before).sum())
        if moved_count:
            is_far = moved_count > len(self._order) // 4
            lifts = self._spread(older) if is_far else self._changed(lifts, _between(before, older), older)
            self._last = older, lifts
        return lifts.copy()

    def _spread(self, older: np.ndarray) -> np.ndarray:
        lifts = np.zeros(self._item_count, dtype=np.float32)
        lifts[self._order] = np.repeat(self._rates, np.diff(older, prepend=0, append=len(self._order)))
        return lifts

    def _changed(self, lifts: np.ndarray, places: np.ndarray, older: np.ndarray) -> np.ndarray:
        """Give the lifts with those at some places of the order as they are now."""
        lifts = lifts.copy()
        lifts[self._order[places]] = self._rates[np.searchsorted(older, places, side="right")]
        return lifts


def _between(begins: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Give the places from each begin to its end, or back, each once: [places]. Shapes: both [stretches], ascending."""
    low, high = np.minimum(begins, ends), np.maximum(begins, ends)
    low[1:] = np.maximum(low[1:], high[:-1])  # what the stretch before has is not given again
    lengths = high - low
    return np.arange(lengths.sum()) + np.repeat(low - (np.cumsum(lengths) - lengths), lengths)


def fit_age_lift(sequences: Sequences, created_epoch_s: np.ndarray) -> AgeLift:
    """Count events by the age of their item, and how long items were of that age while the events were recorded.

    An item is as old as its creation or its first event, whichever is earlier. Rates are shrunk to the mean by ten
    events. Shapes: created_epoch_s [items] float64, NaN unknown.
    """
    begin, end = float(sequences.epoch_s.min(initial=0)), float(sequences.newest_epoch_s)
    first = np.full(sequences.item_count, np.inf)
    np.minimum.at(first, sequences.item_row, sequences.epoch_s.astype(np.float64))
    born = np.fmin(created_epoch_s, first)
    born[~np.isfinite(born)] = np.nan
    age_s = sequences.epoch_s - born[sequences.item_row]
    events = np.bincount(np.searchsorted(EDGES_S, age_s, side="right"), sequences.weight, len(EDGES_S) + 1)
    there = born[born <= end]
    low, high = np.concatenate([[0.0], EDGES_S]), np.concatenate([EDGES_S, [np.inf]])
    until, since = (end - there)[:, None], np.maximum(begin - there, 0.0)[:, None]
    exposure_s = np.clip(np.minimum(high, until) - np.maximum(low, since), 0.0, None).sum(axis=0)
    expected = exposure_s * events.sum() / max(exposure_s.sum(), 1e-9)
    rate = np.log((events + PRIOR_COUNT) / (expected + PRIOR_COUNT))
    return AgeLift(born, EDGES_S, rate.astype(np.float32))
