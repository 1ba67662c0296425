"""What the sequence layer knows beside the items: types of events, the reader's record, the request's context."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from personalize_local.models.reader_words import ReaderWords


@dataclass(frozen=True)
class Situation:
    """A vector for each value that was known in training; what is unknown adds nothing.

    event_names: the types of events by code.
    Shapes: reader [width], the token before the first event; reader_words [words, width]; event_types [types, width];
    context [values of all columns, width], the columns one after the other.
    """

    reader: np.ndarray
    words: ReaderWords
    reader_words: np.ndarray
    event_names: tuple[str, ...]
    event_types: np.ndarray
    columns: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    context: np.ndarray

    def of_reader(self, record: Mapping[str, object]) -> np.ndarray:
        """Give the token at the head of a history: [width]."""
        return self.reader + self.reader_words[self.words.codes(record)].sum(axis=0)

    def of_events(self, codes: np.ndarray | None, count: int) -> np.ndarray:
        """Give what the types of events add to them: [events, width]; codes [events], -1 and None unknown."""
        added = np.zeros((count, len(self.reader)), dtype=np.float32)
        if codes is not None and len(self.event_types):
            known = codes >= 0
            added[known] = self.event_types[codes[known]]
        return added

    def of_request(self, context: Mapping[str, str]) -> np.ndarray:
        """Give what the context adds to the answer: [width]; names of columns in any letter case."""
        given = {name.casefold(): value for name, value in context.items()}
        added = np.zeros(len(self.reader), dtype=np.float32)
        begin = 0
        for column, values in zip(self.columns, self.values, strict=True):
            value = given.get(column.casefold())
            if value in values:
                added += self.context[begin + values.index(value)]
            begin += len(values)
        return added
