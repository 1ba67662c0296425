"""Promotions: a share of the places for items that satisfy a filter of their own.

Source: contract §6.1. That half a place is rounded up is inferred.
"""

from __future__ import annotations

import numpy as np

from personalize_local.runtime.ranking import Ranked


def promoted_count(count: int, percent: int) -> int:
    """Give how many of `count` places are promoted."""
    return (count * percent + 50) // 100


def mix(promoted: list[Ranked], ordinary: list[Ranked], count: int, rng: np.random.Generator) -> list[Ranked]:
    """Put promoted items at random places among the others; each group keeps its own order.

    An item in both groups counts as promoted.
    """
    taken = {each.row for each in promoted}
    rest = [each for each in ordinary if each.row not in taken][: count - len(promoted)]
    size = len(promoted) + len(rest)
    places = set(rng.choice(size, len(promoted), replace=False).tolist()) if promoted else set()
    from_promoted, from_rest = iter(promoted), iter(rest)
    return [next(from_promoted if place in places else from_rest) for place in range(size)]
