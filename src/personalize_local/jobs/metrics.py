"""What CloudWatch is to be told about calls and jobs, gathered in memory: a number of values per minute and subject.

A subject is what a metric is about as the call names it: an ARN, or an event tracker's tracking id. Its dimensions are
found when the values are sent, away from any request's path (see metric_dimensions.py).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from personalize_spec.arns import Scope

MINUTE_S = 60
SERIES_LIMIT = 4096
COUNT, SECONDS, MILLISECONDS, BYTES = "Count", "Seconds", "Milliseconds", "Bytes"


@dataclass(frozen=True)
class Series:
    """A metric of a subject in one minute. Units: minute_epoch_s is the minute's first second."""

    scope: Scope
    name: str
    unit: str
    subject: str
    minute_epoch_s: int


@dataclass
class Statistics:
    """Values as CloudWatch takes many at once."""

    count: int = 0
    total: float = 0.0
    minimum: float = float("inf")
    maximum: float = float("-inf")

    def merge(self, other: Statistics) -> None:
        """Take in the values of another."""
        self.count += other.count
        self.total += other.total
        self.minimum = min(self.minimum, other.minimum)
        self.maximum = max(self.maximum, other.maximum)


class MetricBuffer:
    """Values that wait to be sent, of a limited number of series; what is beyond the limit is dropped and counted.

    Nothing is kept until `open()`: without anybody to send it to, there is nothing to gather.
    """

    def __init__(self, now: Callable[[], datetime], limit: int = SERIES_LIMIT) -> None:
        self._now = now
        self._limit = limit
        self._lock = threading.Lock()
        self._series: dict[Series, Statistics] = {}
        self.is_open = False
        self.dropped_count = 0

    def open(self) -> None:
        """Begin to gather."""
        self.is_open = True

    def add(self, scope: Scope, name: str, unit: str, subject: str, value: float = 1.0) -> None:
        """Note one value of now."""
        if self.is_open:
            epoch_s = int(self._now().timestamp())
            series = Series(scope, name, unit, subject, epoch_s - epoch_s % MINUTE_S)
            self._merge({series: Statistics(1, value, value, value)})

    def take(self) -> dict[Series, Statistics]:
        """Give what was gathered since the last time."""
        with self._lock:
            taken, self._series = self._series, {}
            return taken

    def put_back(self, unsent: Mapping[Series, Statistics]) -> None:
        """Keep what could not be sent for the next time."""
        self._merge(unsent)

    def _merge(self, more: Mapping[Series, Statistics]) -> None:
        with self._lock:
            for series, statistics in more.items():
                known = self._series.get(series)
                if known is not None:
                    known.merge(statistics)
                elif len(self._series) < self._limit:
                    self._series[series] = statistics
                else:
                    self.dropped_count += 1
