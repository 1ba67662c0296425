"""How much a server was used: requests by windows of five minutes, where no datapoint is no request; pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW_S = 300  # Personalize charges by windows of five minutes: contract §8.4
WINDOW = timedelta(seconds=WINDOW_S)
HOUR = timedelta(hours=1)
DAYS = 14


@dataclass(frozen=True)
class Usage:
    """Requests of a time range [start, end), by the start of each window; windows that are not named had none."""

    start: datetime
    end: datetime
    requests: Mapping[datetime, float]

    @property
    def total(self) -> float:
        """All requests."""
        return sum(self.requests.values())

    def since(self, moment: datetime) -> Usage:
        """The same from a moment on; the window that holds the moment belongs to it."""
        start = max(self.start, moment)
        kept = {at: count for at, count in self.requests.items() if at + WINDOW > start}
        return Usage(start, self.end, kept)

    def hourly_peaks(self) -> list[tuple[datetime, float]]:
        """Each hour of the range, its busiest five minutes in TPS, and 0 for hours without requests."""
        first = self.start.replace(minute=0, second=0, microsecond=0)
        count = max(0, math.ceil((self.end - first) / HOUR))
        peaks = [0.0] * count
        for at, requests in self.requests.items():
            hour = int((at - first) // HOUR)
            if 0 <= hour < count:
                peaks[hour] = max(peaks[hour], requests / WINDOW_S)
        return [(first + hour * HOUR, tps) for hour, tps in enumerate(peaks)]

    @property
    def peak_tps(self) -> float:
        """The busiest five minutes, in transactions per second."""
        return max(self.requests.values(), default=0.0) / WINDOW_S


def last_window(now: datetime) -> datetime:
    """The start of the newest window that is over and counted: CloudWatch may take a minute or two."""
    seconds = int((now - timedelta(minutes=2)).timestamp())
    return datetime.fromtimestamp(seconds - seconds % WINDOW_S, now.tzinfo) - WINDOW
