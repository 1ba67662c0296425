"""What the arms of a traffic split achieved: click-through with its interval, and how long it takes to tell them apart.

A list shown is an exposure; a list of which at least one article was read, as its recommendationId came back with a
page view, is a conversion.

Source of the interval: Wilson (1927); of the comparison: the pooled two-proportion z test; of the number of exposures:
the normal approximation of that test, two-sided, for arms of unequal sizes (Fleiss, Levin and Paik 2003).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

Z_95 = 1.959964
Z_POWER = 0.841621  # 80 % of the tests find a difference that is there
EXPOSURES, CONVERSIONS = "Exposures", "Conversions"


@dataclass(frozen=True)
class ArmResult:
    """One arm's counts."""

    arm: str
    exposures: float
    conversions: float

    @property
    def click_through(self) -> float:
        """Conversions ÷ exposures; 0 without exposures."""
        return self.conversions / self.exposures if self.exposures else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Give the 95 % interval of the click-through: everything from 0 to 1 without exposures."""
        n = self.exposures
        if n <= 0:
            return 0.0, 1.0
        share = min(1.0, self.click_through)  # counts of two metrics may be of slightly different minutes
        spread = Z_95 * math.sqrt(share * (1 - share) / n + Z_95**2 / (4 * n * n))
        middle, scale = share + Z_95**2 / (2 * n), 1 + Z_95**2 / n
        return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def p_value(one: ArmResult, other: ArmResult) -> float:
    """Give how likely a difference as large as this is if the arms are equally good; 1 where nothing can be told."""
    n, m = one.exposures, other.exposures
    if not n or not m:
        return 1.0
    pooled = min(1.0, (one.conversions + other.conversions) / (n + m))
    error = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    return math.erfc(abs(one.click_through - other.click_through) / error / math.sqrt(2)) if error else 1.0


def results_of(counts: Mapping[str, Mapping[str, float]]) -> list[ArmResult]:
    """Give the results of counts, the arm with the most exposures first."""
    found = [ArmResult(arm, entry.get(EXPOSURES, 0), entry.get(CONVERSIONS, 0)) for arm, entry in counts.items()]
    return sorted(found, key=lambda result: (-result.exposures, result.arm))


def needed_exposures(base: float, other: float, ratio: float = 1.0) -> float | None:
    """Give how many exposures the first arm needs to tell two click-throughs apart; None for equal or impossible ones.

    With 80 % power at the 5 % level. Args: ratio: exposures of the other arm for each of the first.
    """
    if base == other or ratio <= 0 or not (0 <= base <= 1 and 0 <= other <= 1):
        return None
    pooled = (base + ratio * other) / (1 + ratio)
    under_null = Z_95 * math.sqrt(pooled * (1 - pooled) * (1 + 1 / ratio))
    under_difference = Z_POWER * math.sqrt(base * (1 - base) + other * (1 - other) / ratio)
    return ((under_null + under_difference) / (base - other)) ** 2
