"""What servers cost by the hour; pure.

Source: contract §8.4: campaigns are charged for the larger of the minimum and the use, in windows of five minutes.
Campaigns of every recipe are priced by TPS-hours here; the v2 recipes' own price is unverified. How many users a
recommender's group has is not asked: the first 100,000 are assumed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from personalize_monitor.resources import CAMPAIGN, Server
from personalize_spec.prices import PriceTable, tiered_cost

HOURS_PER_MONTH = 730


@dataclass(frozen=True)
class Cost:
    """Dollars per hour: what is charged, for the minimum alone, for what was used, and what was charged for nothing.

    `saved` is what the guard's setting spares against the one that it found.
    """

    charged: float = 0.0
    provisioned: float = 0.0
    used: float = 0.0
    wasted: float = 0.0
    saved: float = 0.0

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.charged + other.charged,
            self.provisioned + other.provisioned,
            self.used + other.used,
            self.wasted + other.wasted,
            self.saved + other.saved,
        )


def cost_of(server: Server, used_tps: float, prices: PriceTable, found_min_tps: int | None = None) -> Cost:
    """Give what a server costs while it is used so much; `found_min_tps` is the minimum before the guard changed it."""
    price = _campaign_hour if server.kind == CAMPAIGN else _recommender_hour
    charged = price(max(server.min_tps, used_tps), prices)
    used = price(used_tps, prices) if used_tps > 0 else 0.0
    before = charged if found_min_tps is None else price(max(found_min_tps, used_tps), prices)
    return Cost(charged, price(server.min_tps, prices), used, charged - used, before - charged)


def total_cost(costs: Iterable[Cost]) -> Cost:
    """Add costs up."""
    return sum(costs, Cost())


def monthly(dollars_per_hour: float) -> float:
    """Give a month's dollars at this rate."""
    return dollars_per_hour * HOURS_PER_MONTH


def _campaign_hour(tps: float, prices: PriceTable) -> float:
    """One campaign's own tiers: that the account's campaigns share them makes the whole a little cheaper."""
    return tiered_cost(prices.tps_hour, tps * HOURS_PER_MONTH) / HOURS_PER_MONTH


def _recommender_hour(tps: float, prices: PriceTable) -> float:
    extra = max(0.0, tps * 3600 - prices.recommender_free_per_hour)
    return prices.recommender_hour + extra / 1000 * prices.recommender_per_1000
