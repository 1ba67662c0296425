"""Returns: how likely readers are to turn back to what they turned to, by how long ago and how often that was.

Counted in steps of the reader: after each step, every item of the history had its chance to be the next one. The counts
of different readers add up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from personalize_local.models.query import Query
from personalize_local.models.sequences import Sequences

GAPS = np.array([1, 2, 3, 5, 9, 17, 33, 65])  # the first of each stretch of steps since the last time
TIMES = np.array([1, 2, 3, 5])  # the first of each stretch of times that an item was turned to
WINDOW = 128
PRIOR_COUNT = 20.0


@dataclass(frozen=True)
class Returns:
    """The log of how many times as likely as an equal share an item of the history is to come next.

    Shapes: log_rate [gaps, times] float32.
    """

    log_rate: np.ndarray
    item_count: int

    def lifts(self, query: Query) -> np.ndarray:
        """Give the lift of each item: [items] float32, 0 for those not in the newest 128 events of the history."""
        found = np.zeros(self.item_count, dtype=np.float32)
        rows, lifts = self.sparse_lifts(query)
        found[rows] = lifts
        return found

    def sparse_lifts(self, query: Query) -> tuple[np.ndarray, np.ndarray]:
        """Give the same for those in the history only: rows and lifts [rows] float32."""
        newest = query.history_rows[-WINDOW:][::-1]
        rows, last, times = np.unique(newest, return_index=True, return_counts=True)
        return rows, self.log_rate[_stretch(GAPS, last + 1), _stretch(TIMES, times)]

    def scores(self, query: Query) -> np.ndarray:
        """Give the same; a ranking by it alone is by what readers turn back to."""
        return self.lifts(query)


def fit_returns(sequences: Sequences) -> Returns:
    """Count how often items were the next step, of all the times they could have been; shrunk to the mean by 20."""
    gap, chances, times = _spans(sequences)
    shape = (len(GAPS), len(TIMES))
    returned = np.isfinite(gap) & (gap <= WINDOW)
    hits = np.zeros(shape)
    np.add.at(hits, (_stretch(GAPS, gap[returned]), _stretch(TIMES, times[returned])), 1.0)
    offered = np.zeros(shape)
    ends = [*GAPS[1:].tolist(), WINDOW + 1]
    for place, (low, high) in enumerate(zip(GAPS.tolist(), ends, strict=True)):
        within = np.clip(chances - (low - 1), 0, high - low)
        offered[place] = np.bincount(_stretch(TIMES, times), within, len(TIMES))
    mean = hits.sum() / max(offered.sum(), 1.0)
    rate = (hits + PRIOR_COUNT * mean) / (offered + PRIOR_COUNT)
    log_rate = np.log(np.maximum(rate * sequences.item_count, 1e-3)).astype(np.float32)
    return Returns(log_rate, sequences.item_count)


def return_share(sequences: Sequences) -> float:
    """Give the share of events that turn back to an item of the same user's newest 128 events."""
    gap, _, _ = _spans(sequences)
    return float(np.count_nonzero(gap <= WINDOW)) / max(len(gap), 1)


def _spans(sequences: Sequences) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give, for each event, by user, item and time: the steps until its item came again, infinite for never; how many
    steps it could have come in; how often it had come: three of [events].
    """
    user, place = sequences.user_of_event(), sequences.place_of_event()
    order = np.lexsort((place, sequences.item_row, user))
    user, item, place = user[order], sequences.item_row[order], place[order]
    goes_on = np.zeros(len(order), dtype=bool)
    goes_on[:-1] = (user[1:] == user[:-1]) & (item[1:] == item[:-1])
    gap = np.full(len(order), np.inf)
    gap[goes_on] = np.diff(place)[goes_on[:-1]]
    left = sequences.lengths()[user] - 1 - place
    first = np.flatnonzero(~np.concatenate([[False], goes_on[:-1]]))  # of each user's item
    times = np.arange(len(order)) - np.repeat(first, np.diff([*first, len(order)])) + 1
    return gap, np.minimum(gap, left), times


def _stretch(firsts: np.ndarray, values: np.ndarray) -> np.ndarray:
    return np.searchsorted(firsts, values, side="right") - 1
