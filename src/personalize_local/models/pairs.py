"""Pairs of an event and one shortly before it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from personalize_local.models.sequences import Sequences

PAIR_BUDGET = 100_000_000
MIN_WINDOW = 5


def affordable_window(window: int, event_count: int) -> int:
    """Give the window, shorter where there would be more than 100 million pairs, but 5 at least."""
    return min(window, max(MIN_WINDOW, PAIR_BUDGET // max(event_count, 1)))


def pairs_by_gap(sequences: Sequences, window: int) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Give, for each gap from 1 to `window`, the pairs of events of one user that are so far apart.

    Yields the gap, and two arrays [pairs]: the places of the earlier events, and of the later ones, ascending.
    """
    place = sequences.place_of_event()
    later = np.arange(len(place))
    for gap in range(1, window + 1):
        later = later[place[later] >= gap]
        if not len(later):
            return
        yield gap, later - gap, later


def later_sums(weight: np.ndarray, remaining: np.ndarray, decay: float) -> np.ndarray:
    """Add up the weights of each event's later events of its user: 1, decay, decay² … from the next one on.

    Shapes: weight and remaining [events], remaining the number of later events; gives [events + 1] float64, 0 at last.
    Source: the recursion S(b) = w(b + 1) + decay S(b + 1), as often as a float32 can tell.
    """
    rounds = int(np.ceil(np.log(1e-7) / np.log(decay)))
    sums = np.zeros(len(weight) + 1)
    following = np.append(np.where(remaining > 0, np.append(weight[1:], 0.0), 0.0), 0.0)
    factor = np.append(np.where(remaining > 0, decay, 0.0), 0.0)
    for _ in range(min(rounds, int(remaining.max(initial=0)))):
        sums[:-1] = following[:-1] + factor[:-1] * sums[1:]
    return sums
