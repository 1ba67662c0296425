"""A user's record as words, those that enough users share: values of categories, and ranges of numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

MIN_USERS = 5
MAX_WORDS = 5000
RANGES = 8


@dataclass(frozen=True)
class ReaderWords:
    """The words that training knew.

    words: "COLUMN=value", and "COLUMN#range" for numbers; a word's code is its place. number_columns, and edges
    [columns, ranges - 1] between the ranges of each.
    """

    words: tuple[str, ...]
    number_columns: tuple[str, ...]
    edges: np.ndarray

    def codes(self, record: Mapping[str, object]) -> np.ndarray:
        """Give the codes of a record's known words: [words] int64, ascending; values joined by "|" are several."""
        found = {self._code_of.get(word) for word in _words(record, self._edges_of)}
        return np.array(sorted(code for code in found if code is not None), dtype=np.int64)

    @cached_property
    def _code_of(self) -> dict[str, int]:
        return {word: code for code, word in enumerate(self.words)}

    @cached_property
    def _edges_of(self) -> dict[str, np.ndarray]:
        return dict(zip(self.number_columns, self.edges, strict=True))


NO_WORDS = ReaderWords((), (), np.empty((0, RANGES - 1)))


def reader_words(records: Sequence[Mapping[str, object]]) -> ReaderWords:
    """Choose the words of users' records: at most 5,000, the most frequent, each of 5 users or more."""
    numbers: dict[str, list[float]] = {}
    for record in records:
        for column, value in record.items():
            if _is_number(value):
                numbers.setdefault(column, []).append(float(value))  # type: ignore[arg-type]
    columns = tuple(sorted(numbers))
    cuts = np.linspace(0.0, 1.0, RANGES + 1)[1:-1]
    edges = np.array([np.quantile(numbers[column], cuts) for column in columns]).reshape(len(columns), RANGES - 1)
    edges_of = dict(zip(columns, edges, strict=True))
    counts = Counter(word for record in records for word in set(_words(record, edges_of)))
    ranked = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return ReaderWords(tuple(word for word, count in ranked[:MAX_WORDS] if count >= MIN_USERS), columns, edges)


def _words(record: Mapping[str, object], edges_of: Mapping[str, np.ndarray]) -> list[str]:
    words = []
    for column, value in record.items():
        if isinstance(value, str):
            words += [f"{column}={part.strip()}" for part in value.split("|") if part.strip()]
        elif column in edges_of and _is_number(value):
            words.append(f"{column}#{np.searchsorted(edges_of[column], float(value), side='right')}")  # type: ignore[arg-type]
    return words


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool) and np.isfinite(float(value))
