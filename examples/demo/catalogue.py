"""The works that can be recommended, as a person would name them, and what readers read."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Work:
    """An article or a film. `thread` groups works that belong together: a story, or a blend of genres."""

    item_id: str
    title: str
    section: str
    categories: tuple[str, ...]
    thread: str
    published_epoch_s: int | None = None
    year: str = ""
    hidden: bool = False


@dataclass(frozen=True)
class Reading:
    """One interaction of a reader."""

    item_id: str
    epoch_s: int


@dataclass(frozen=True)
class Reader:
    """A reader with everything read, oldest first, each work once at its latest time."""

    user_id: str
    visitor_type: str
    readings: tuple[Reading, ...]

    @property
    def item_ids(self) -> frozenset[str]:
        return frozenset(reading.item_id for reading in self.readings)

    def latest(self, count: int) -> tuple[Reading, ...]:
        """Give the newest readings, newest first."""
        return self.readings[: -count - 1 : -1]


def load_readers(path: Path, event_type: str) -> list[Reader]:
    """Read everybody's interactions of one type from a Personalize CSV file."""
    latest: dict[str, dict[str, int]] = defaultdict(dict)
    kinds: dict[str, str] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["EVENT_TYPE"] == event_type:
                moments = latest[row["USER_ID"]]
                moments[row["ITEM_ID"]] = max(int(row["TIMESTAMP"]), moments.get(row["ITEM_ID"], 0))
                kinds[row["USER_ID"]] = row.get("visitor_type") or ""
    return [Reader(user_id, kinds[user_id], _in_order(moments)) for user_id, moments in latest.items()]


def count_readers(readers: Iterable[Reader]) -> dict[str, int]:
    """Count how many readers read each work."""
    counts: dict[str, int] = defaultdict(int)
    for reader in readers:
        for item_id in reader.item_ids:
            counts[item_id] += 1
    return dict(counts)


def category_count(reader: Reader, works: Mapping[str, Work], category: str) -> int:
    """Count the works of a category among what the reader read."""
    return sum(category in works[item_id].categories for item_id in reader.item_ids if item_id in works)


def _in_order(moments: Mapping[str, int]) -> tuple[Reading, ...]:
    return tuple(Reading(*entry) for entry in sorted(moments.items(), key=lambda entry: (entry[1], entry[0])))
