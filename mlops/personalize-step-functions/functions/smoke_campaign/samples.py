"""Real readers, articles and column values to ask a campaign with, from the head of the imported files; pure.

The readers' ids go into requests only, never into a log or an answer of the function.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

VALUES_PER_COLUMN = 5
HEAD_BYTES = 512 * 1024
Values = dict[str, list[str]]  # column in upper case → different values, in the order of the file


@dataclass
class Samples:
    """Values by dataset (INTERACTIONS, ITEMS, USERS) and column, in upper case."""

    values: dict[str, Values] = field(default_factory=dict)

    def of(self, dataset: str, column: str) -> list[str]:
        """Give the values of a column; none when it is not known."""
        return self.values.get(dataset.upper(), {}).get(column.upper(), [])


def read_head(head: bytes, count: int) -> Values:
    """Give up to `count` different values of each column, from the beginning of a CSV file.

    The last line is left out, as it may be cut off. Values of several categories are taken apart.
    """
    text = head.decode("utf-8-sig", "ignore")
    whole = text[: text.rfind("\n") + 1] if "\n" in text else ""
    found: dict[str, dict[str, None]] = {}
    for row in csv.DictReader(io.StringIO(whole)):
        for column, value in _entries(row):
            seen = found.setdefault(column, {})
            if len(seen) < count:
                seen.setdefault(value)
    return {column: list(seen) for column, seen in found.items()}


def _entries(row: dict[str | None, str | list[str] | None]) -> Iterator[tuple[str, str]]:
    for column, value in row.items():
        if column and isinstance(value, str):
            yield from ((column.strip().upper(), each) for each in value.split("|") if each)
