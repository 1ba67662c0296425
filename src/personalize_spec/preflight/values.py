"""Check the values of one column: nulls, types, lengths, and times that are no times.

Source: contract §3.4, §3.5. That the local service leaves out rows it cannot read, and AWS may refuse the file, is why
a few of them are a warning and more are an error; the share at which they become one is ours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from personalize_spec.limits import CATEGORICAL_VALUE_MAX_LENGTH, ID_MAX_LENGTH
from personalize_spec.parameters.finding import ERROR, WARNING
from personalize_spec.parameters.shapes import number_of
from personalize_spec.schemas import Field

BAD_SHARE = 0.001
MILLISECONDS_FROM = 100_000_000_000  # in seconds this is the year 5138
OLDEST_EPOCH_S = 631_152_000  # 1990; dates written as 20260504 count as 1970
DAY_S = 86_400
TIMES = ("TIMESTAMP", "CREATION_TIMESTAMP")
_IDS = ("USER_ID", "ITEM_ID", "ACTION_ID")
_BOOLEANS = ("true", "false", "0", "1", "t", "f", "yes", "no", "y", "n")

_CURES = {
    "null": "is empty, and the schema does not allow null: fill it in, or leave these rows out",
    "type": "is not of type {kind}: write it as one",
    "long": "has more than {length:,} characters: shorten it",
    "milliseconds": "is in milliseconds: divide it by 1,000, as Personalize counts seconds",
    "future": "lies in the future: correct the clock or the unit (seconds since 1970)",
    "bounds": "is not from {low:g} to {high:g}: correct it",
    "ancient": "lies before 1990, so it is no time in seconds since 1970: write it as such",
}
_ALWAYS_ERRORS = ("long", "milliseconds")


@dataclass
class ColumnCheck:
    """Counts what is wrong with the values of one column, with the first example of each."""

    field: Field
    now_epoch_s: float
    bounds: tuple[float, float] | None = None
    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Choose the check once, not for every value."""
        self._problem: Callable[[str], str | None] = _checker(self.field, self.now_epoch_s, self.bounds)

    def take(self, value: str, place: str) -> bool:
        """Check one value; `place` names its file. Tell whether it is good."""
        problem = self._problem(value)
        if problem is None:
            return True
        self.counts[problem] += 1
        self.examples.setdefault(problem, f"'{value[:60]}' in {place}" if value else f"in {place}")
        return False

    def problems(self, row_count: int) -> Iterator[tuple[str, str]]:
        """Yield severity and message for each thing that is wrong."""
        for problem, count in self.counts.items():
            low, high = self.bounds or (0, 0)
            length = _max_length(self.field)
            cure = _CURES[problem].format(kind=self.field.types[0], length=length, low=low, high=high)
            severity = ERROR if problem in _ALWAYS_ERRORS or count > BAD_SHARE * row_count else WARNING
            rows = "1 row" if count == 1 else f"{count:,} rows"
            yield severity, f"In {rows} {self.field.name} {cure} (first: {self.examples[problem]})."


def _max_length(column: Field) -> int:
    return ID_MAX_LENGTH if column.name.upper() in _IDS else CATEGORICAL_VALUE_MAX_LENGTH


def _checker(column: Field, now_epoch_s: float, bounds: tuple[float, float] | None) -> Callable[[str], str | None]:
    empty = None if column.nullable else "null"
    if column.is_string:
        longest = float("inf") if column.textual else _max_length(column)
        return lambda value: empty if not value else "long" if len(value) > longest else None
    if column.is_boolean:
        return lambda value: empty if not value else None if value.casefold() in _BOOLEANS else "type"
    is_whole, is_time = column.types[0] in ("int", "long"), column.name.upper() in TIMES
    newest = now_epoch_s + DAY_S

    def check_number(value: str) -> str | None:
        if not value:
            return empty
        number = number_of(value)
        if number is None or (is_whole and number != int(number)):
            return "type"
        if bounds is not None and not bounds[0] <= number <= bounds[1]:
            return "bounds"
        return _time_problem(number, newest) if is_time else None

    return check_number


def _time_problem(epoch_s: float, newest: float) -> str | None:
    if OLDEST_EPOCH_S <= epoch_s <= newest:
        return None
    if epoch_s >= MILLISECONDS_FROM:
        return "milliseconds"
    return "future" if epoch_s > newest else "ancient"
