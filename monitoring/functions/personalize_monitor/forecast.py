"""What a server will need: a forecast by hour from the last fortnight; pure.

Rule 1: hours without requests are zero, not missing.
Rule 2: never below what was used: each hour of the day is forecast at the busiest it was.
Rule 3: where nearly every day of the last week was busier than its twin a week before, the growth goes on.
"""

from __future__ import annotations

import math
from datetime import timedelta

from personalize_monitor.usage import Usage

GROWING_DAYS = 6
GROWTH_MAX = 1.5
WEEK = timedelta(days=7)
TINY = 1e-9


def forecast_by_hour(usage: Usage) -> list[float]:
    """Give the TPS that each of the 24 hours of a day will need, UTC."""
    growth = weekly_growth(usage)
    recent = usage.end - WEEK
    forecast = [0.0] * 24
    for at, tps in usage.hourly_peaks():
        forecast[at.hour] = max(forecast[at.hour], tps * growth if at >= recent else tps)
    return forecast


def weekly_growth(usage: Usage) -> float:
    """Give how much busier the last week was than the one before: 1 unless the growth is steady.

    A busier day alone says nothing: six of seven must have been busier than the same day of the week before.
    """
    if usage.end - usage.start < 2 * WEEK:
        return 1.0
    days = [0.0] * 14  # [day], the newest first
    for at, requests in usage.requests.items():
        day = (usage.end - at) // timedelta(days=1)
        if 0 <= day < 14:
            days[day] += requests
    busier = sum(new > 1.05 * old for new, old in zip(days[:7], days[7:], strict=True))
    before = sum(days[7:])
    if busier < GROWING_DAYS or not before:
        return 1.0
    return min(GROWTH_MAX, sum(days[:7]) / before)


def needed_tps(usage: Usage) -> int:
    """Give the smallest whole minimum that the forecast's busiest hour stays within; Personalize takes 1 at least."""
    return max(1, math.ceil(max(forecast_by_hour(usage)) - TINY))
