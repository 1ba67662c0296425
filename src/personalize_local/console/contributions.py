"""What a model's parts say of an article in a list, in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

SHOWN = 5
HARDLY = 0.05  # of a logarithm: less than a twentieth more or less likely
PLACE = "place"
# By the part's name: why an article is higher in the list, why lower.
WORDS: Mapping[str, tuple[str, str]] = {
    "last read": ("goes with what was read last", "does not go with what was read last"),
    "read after": ("read by others after the same articles", "not read by others after the same articles"),
    "read again": ("often read again by then", "seldom read again by then"),
    "similar visits": ("read in visits like this one", "not read in visits like this one"),
    "sequence": ("fits the order of everything read", "does not fit the order of everything read"),
    "popularity": ("read by many", "read by few"),
    "live": ("read by many since the training", "read by few since the training"),
    "content": ("like in content to what was read", "unlike in content to what was read"),
    "similar items": ("known from articles of like content", "what articles of like content say"),
    "taste": ("the reader’s long-standing taste", "not the reader’s long-standing taste"),
    "age": ("new", "old"),
    "context": ("suits the device, the place, the kind of reader", "suits others than this kind of reader"),
    "people alike": ("turned to by people with a record like this", "turned to by others than people like this"),
    "objective": ("serves the solution’s objective", "serves the solution’s objective less"),
    "seen before": ("read before, which speaks for it", "read before, which speaks against it"),
}


def in_words(told: Mapping[str, float]) -> list[dict[str, Any]]:
    """Give the parts that matter, the strongest first. Units: share in percent of the strongest."""
    parts = [(name, value) for name, value in told.items() if name != PLACE and abs(value) > HARDLY]
    parts.sort(key=lambda part: -abs(part[1]))
    top = abs(parts[0][1]) if parts else 1.0
    return [
        {"part": name, "says": _words(name, value), "value": value, "share": 100 * abs(value) / top}
        for name, value in parts[:SHOWN]
    ]


def _words(name: str, value: float) -> str:
    higher, lower = WORDS.get(name, (name, name))
    return higher if value > 0 else lower


def moved_up(places: Sequence[float | None]) -> list[bool]:
    """Tell which articles of a list stand higher than their scores alone would put them: explored, or promoted.

    A filter leaves articles out but does not turn two around; so one with a worse place than one after it was moved.
    """
    best_after = float("inf")
    moved = []
    for place in reversed(places):
        moved.append(place is not None and place > best_after)
        best_after = min(best_after, float("inf") if place is None else place)
    return moved[::-1]
