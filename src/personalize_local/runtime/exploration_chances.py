"""The chances of explored places: how many of them there are, and where the others come to stand.

With K explored places of n, all sets of K places alike, the chance that b of the first r places and not the next one
are explored is the sum over k of P(K = k) · C(r, b) · C(n - r - 1, k - b) / C(n, k).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import comb
from typing import NamedTuple

import numpy as np

KEPT_NUMBERS = 256
KEPT_CHANCES = 1 << 14


class Numbers(NamedTuple):
    """How many places there are, the weight, and how many are explored at least and at most."""

    places: int
    weight: float
    lowest: int
    highest: int


@dataclass(frozen=True)
class Counts:
    """How many places are explored: chances [counts], which sum to 1."""

    chances: np.ndarray

    @cached_property
    def mean(self) -> float:
        """How many places are explored on average."""
        return float(self.chances @ np.arange(len(self.chances)))

    def draw(self, rng: np.random.Generator) -> int:
        """Draw how many places are explored this time."""
        return min(bisect_right(self._cumulative, rng.random()), len(self.chances) - 1)

    @cached_property
    def _cumulative(self) -> list[float]:
        edges = np.cumsum(self.chances)
        return (edges / edges[-1]).tolist()


@lru_cache(KEPT_NUMBERS)
def counts_of(numbers: Numbers) -> Counts:
    """Give the chance of each count of explored places: binomial, kept between two limits: [highest + 1]."""
    places, weight, lowest, highest = numbers
    chances = np.zeros(highest + 1)
    for count in range(places + 1):
        chance = comb(places, count) * weight**count * (1.0 - weight) ** (places - count)
        chances[min(max(count, lowest), highest)] += chance
    return Counts(chances / chances.sum())


@lru_cache(KEPT_CHANCES)
def chance_of_place(numbers: Numbers, place: int, before: int) -> float:
    """Give `chance_of_other`; answers ask for the same ones again and again."""
    return chance_of_other(counts_of(numbers).chances, numbers.places, place, before)


@lru_cache(KEPT_NUMBERS)
def chances_unexplored(numbers: Numbers) -> list[float]:
    """Give the chances of all places of an answer in which none is explored: [places]."""
    return [chance_of_place(numbers, place, 0) for place in range(numbers.places)]


def chance_of_other(chances: np.ndarray, places: int, place: int, before: int) -> float:
    """Give the chance that a place, from 0, is not explored and just so many before it are: chances [counts]."""
    counts = np.arange(before, min(len(chances), before + places - place))  # the rest lies behind the place
    ways = _log_ways(place, before) + _log_ways(places - place - 1, counts - before) - _log_ways(places, counts)
    return float(np.exp(ways) @ chances[counts])


def _log_ways(places: int, chosen: int | np.ndarray) -> np.ndarray:
    """Give the logarithm of how many ways there are to choose so many of some places."""
    logs = _log_factorials(places)
    return logs[places] - logs[chosen] - logs[places - chosen]


@lru_cache(KEPT_NUMBERS)
def _log_factorials(largest: int) -> np.ndarray:
    """Give the logarithms of 0!, 1!, … largest!: [largest + 1]."""
    return np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, largest + 1)))])
