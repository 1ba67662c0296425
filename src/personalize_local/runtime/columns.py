"""Columns of items or users in memory: numbers as numbers, texts as codes of a dictionary; both grow.

A selection is None for all rows, or an array of row numbers in which -1 is a row that does not exist: all null.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import numpy as np

from personalize_spec.schemas import Field

Selection = np.ndarray | None  # [rows] int; None for all rows
NULL_CODE = -1


class GrowableArray:
    """An array with room at its end."""

    def __init__(self, values: np.ndarray) -> None:
        self._buffer = values
        self._length = len(values)

    def __len__(self) -> int:
        return self._length

    @property
    def view(self) -> np.ndarray:
        """The values, without the room behind them."""
        return self._buffer[: self._length]

    def append(self, values: Sequence[Any] | np.ndarray) -> None:
        """Put values at the end."""
        end = self._length + len(values)
        if end > len(self._buffer):
            grown = np.empty(max(end, 2 * len(self._buffer), 16), dtype=self._buffer.dtype)
            grown[: self._length] = self.view
            self._buffer = grown
        self._buffer[self._length : end] = values
        self._length = end


class NumericColumn:
    """Numbers, NaN for null. Whole ones are written without a point when the schema says they are whole."""

    def __init__(self, field: Field, values: np.ndarray) -> None:
        self._is_whole = field.types[0] in ("int", "long")
        self._values = GrowableArray(np.asarray(values, dtype=np.float64))

    def append(self, value: Any) -> None:
        """Add a row."""
        self._values.append([_number(value)])

    def replace(self, row: int, value: Any) -> None:
        """Give a row another value."""
        self._values.view[row] = _number(value)

    def numbers(self, rows: Selection) -> np.ndarray:
        """Give the numbers of the selection."""
        values = self._values.view
        return values if rows is None else _taken(values, rows, math.nan)

    def elements(self, row: int) -> list[float]:
        """Give the value of a row as a list: empty for null."""
        value = float(self.numbers(np.array([row]))[0])
        return [] if math.isnan(value) else [value]

    def value(self, row: int) -> float | None:
        """Give the value of a row; None for null."""
        value = float(self._values.view[row])
        return None if math.isnan(value) else value

    def text(self, row: int) -> str | None:
        """Give the value of a row as it is written in answers."""
        value = float(self._values.view[row])
        if math.isnan(value):
            return None
        return str(int(value)) if self._is_whole else repr(value)


class TextColumn:
    """Texts as codes into the distinct texts; each distinct text has its tokens in one flat array.

    The tokens of a categorical text are its parts between `|`; any other text is its own single token, and its code.
    Shapes: _codes [rows]; _token_codes [tokens of all distinct texts]; _starts [distinct texts], first token of each.
    """

    def __init__(self, field: Field, values: Iterable[str | None]) -> None:
        self._is_split = field.categorical
        self._texts: list[str] = []
        self._code_of: dict[str, int] = {}
        self._token_of: dict[str, int] = {} if self._is_split else self._code_of
        self._token_codes = GrowableArray(np.empty(0, dtype=np.int32))
        self._starts = GrowableArray(np.empty(0, dtype=np.int64))
        self._codes = GrowableArray(self._encode(values))

    def append(self, value: Any) -> None:
        """Add a row."""
        self._codes.append(self._encode([_text(value)]))

    def replace(self, row: int, value: Any) -> None:
        """Give a row another value."""
        self._codes.view[row] = self._encode([_text(value)])[0]

    def matches(self, wanted: Collection[str], rows: Selection) -> np.ndarray:
        """Mark the rows of the selection that have one of the wanted tokens."""
        codes = self._selected(rows)
        tokens = [self._token_of[each] for each in wanted if each in self._token_of]
        if not tokens:
            return np.zeros(len(codes), dtype=bool)
        is_wanted = np.zeros(len(self._token_of), dtype=bool)  # [distinct tokens]
        is_wanted[tokens] = True
        has_wanted = is_wanted  # [texts]
        if self._is_split:
            has_wanted = np.logical_or.reduceat(is_wanted[self._token_codes.view], self._starts.view)
        return np.append(has_wanted, False)[codes]  # the appended one is what NULL_CODE finds

    def is_null(self, rows: Selection) -> np.ndarray:
        """Mark the null rows of the selection."""
        return self._selected(rows) == NULL_CODE

    def elements(self, row: int) -> list[str]:
        """Give the tokens of a row: empty for null."""
        text = self.text(row) if row >= 0 else None
        return [] if text is None else self._tokens(text)

    def value(self, row: int) -> str | None:
        """Give the value of a row; None for null."""
        return self.text(row)

    def text(self, row: int) -> str | None:
        """Give the value of a row."""
        code = self._codes.view[row]
        return None if code == NULL_CODE else self._texts[code]

    def _selected(self, rows: Selection) -> np.ndarray:
        codes = self._codes.view
        return codes if rows is None else _taken(codes, rows, NULL_CODE)

    def _tokens(self, text: str) -> list[str]:
        return text.split("|") if self._is_split else [text]

    def _encode(self, texts: Iterable[str | None]) -> np.ndarray:
        """Give the code of each text, adding those that are new: [texts] int32."""
        starts: list[int] = []
        token_codes: list[int] = []
        codes = [self._code(text, starts, token_codes) for text in texts]
        self._starts.append(starts)
        self._token_codes.append(token_codes)
        return np.array(codes, dtype=np.int32)

    def _code(self, text: str | None, starts: list[int], token_codes: list[int]) -> int:
        """Give a text's code; where a new one's tokens start, and they themselves, go to the lists."""
        if text is None:
            return NULL_CODE
        code = self._code_of.get(text)
        if code is None:
            code = self._code_of[text] = len(self._texts)
            self._texts.append(text)
            if self._is_split:
                starts.append(len(self._token_codes) + len(token_codes))
                token_codes.extend(self._token_of.setdefault(each, len(self._token_of)) for each in text.split("|"))
        return code


Column = NumericColumn | TextColumn


def make_column(field: Field, values: np.ndarray) -> Column:
    """Make the column of a schema's field."""
    return NumericColumn(field, values) if field.is_numeric else TextColumn(field, values)


def _taken(values: np.ndarray, rows: np.ndarray, null: float) -> np.ndarray:
    if not len(values):
        return np.full(len(rows), null, dtype=values.dtype)
    taken = values.take(rows)  # a row that does not exist takes the last one's value first
    taken[rows < 0] = null
    return taken


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)
