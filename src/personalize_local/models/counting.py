"""Counts over users' histories: taken at once, or of ranges of users in several places and added up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, Self, TypeVar

from personalize_local.models.sequences import Sequences
from personalize_local.spread.spread import Spread

RANGE_EVENTS = 4_000_000


class Counts(Protocol):
    """What adds up over users."""

    def add(self, sequences: Sequences) -> None:
        """Count some users, all events of each."""
        ...

    def merge(self, other: Self) -> None:
        """Add the counts of other users."""
        ...


Counted = TypeVar("Counted", bound=Counts)


class Counting(Protocol):
    """A way to count."""

    def __call__(self, begin: Callable[[], Counted], sequences: Sequences) -> Counted:
        """Count all users. Args: begin: gives counts of nobody."""
        ...


def at_once(begin: Callable[[], Counted], sequences: Sequences) -> Counted:
    """Count all users here, one after the other."""
    counts = begin()
    counts.add(sequences)
    return counts


@dataclass(frozen=True)
class ByRanges:
    """Counts ranges of users wherever work is spread to, and adds them up in their order.

    The result is the same for any number of places, and that of `at_once` but for rounding. Each place holds the counts
    of one range at a time.
    """

    spread: Spread
    range_events: int | None = None  # RANGE_EVENTS unless given

    def __call__(self, begin: Callable[[], Counted], sequences: Sequences) -> Counted:
        """Count all users."""
        counts = begin()
        work: Any = partial(_count, begin, sequences)
        for found in self.spread.map(work, sequences.ranges(self.range_events or RANGE_EVENTS)):
            counts.merge(found)
        return counts


def _count(begin: Callable[[], Counted], sequences: Sequences, place: int, users: tuple[int, int]) -> Counted:
    return at_once(begin, sequences.users(*users))
