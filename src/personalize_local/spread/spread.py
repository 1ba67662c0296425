"""The seam: what spreads work, and the way of doing it without."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

Part = TypeVar("Part")
Result = TypeVar("Result")
Work = Callable[[int, Part], Result]


class SpreadError(Exception):
    """Work cannot be spread as the settings say; the message says what to change."""


class Spread(Protocol):
    """Does work on parts, several at once.

    shares_memory: whether work sees what this process holds; if not, work, parts and results travel, and what they hold
    must allow it.
    """

    shares_memory: bool

    def map(self, work: Work[Part, Result], parts: Iterable[Part]) -> Iterator[Result]:
        """Give `work(place, part)` of each part in their order; parts are taken as they are needed, a few ahead.

        Work must depend on the place and the part only, not on where it is done.
        Errors: what `work` raises.
        """
        ...


class Here:
    """Does the work in this process, part by part."""

    shares_memory = True

    def map(self, work: Work[Part, Result], parts: Iterable[Part]) -> Iterator[Result]:
        """Give the result of each part."""
        return (work(place, part) for place, part in enumerate(parts))
