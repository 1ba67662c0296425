"""The words that items are described by, and how rare each is: so that later items are described in the same way."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import scipy.sparse

from personalize_local.models.sparse_rows import SparseRows, sparse_rows, unit_rows
from personalize_local.models.text_meaning import SHARE, TextMeaning, text_of

MAX_WORDS = 50_000
STRETCHES = 16
MAX_TEXT_CHARACTERS = 20_000
WORD = re.compile(r"\w{3,}")


def no_edges() -> np.ndarray:
    """Give the edges of no columns."""
    return np.empty((0, STRETCHES - 1))


@dataclass(frozen=True)
class ItemWords:
    """The words that training knew; a word's place is its column.

    A word is a value of a categorical column, "COLUMN=value", a lower-case word of a textual one, or one of the two
    ranges that a number is in, "COLUMN#range". meaning: of the textual columns, where an embedder is at hand; its
    columns follow those of the words.
    Shapes: rarity [words] float32; edges [numeric columns, edges] float64.
    """

    words: tuple[str, ...]
    rarity: np.ndarray
    categorical: tuple[str, ...]
    textual: tuple[str, ...]
    numeric: tuple[str, ...] = ()
    edges: np.ndarray = field(default_factory=no_edges)
    meaning: TextMeaning | None = None

    @property
    def column_count(self) -> int:
        """The number of columns of the features."""
        return max(len(self.words), 1) + (0 if self.meaning is None else self.meaning.column_count)

    def features(self, records: Sequence[Mapping[str, object]]) -> SparseRows:
        """Describe records: [records, columns], each word once by its rarity; rows have length 1, or are empty."""
        found = [self._columns(record) for record in records]
        start = np.cumsum([0, *map(len, found)])
        column = np.array([each for columns in found for each in columns], dtype=np.int32)
        shape = (len(records), max(len(self.words), 1))
        marked = scipy.sparse.csr_matrix((np.ones(len(column), dtype=np.float32), column, start), shape=shape)
        words = weigh(marked, self.rarity)
        if self.meaning is None:
            return sparse_rows(words)
        return beside_words(words, self.meaning, [text_of(record, self.textual) for record in records])

    def _columns(self, record: Mapping[str, object]) -> list[int]:
        places = {self._place_of.get(word) for word in self._words(record)}
        return sorted(place for place in places if place is not None)

    def _words(self, record: Mapping[str, object]) -> Iterator[str]:
        """Give the words of one record; null and what is of another type have none."""
        for column in self.categorical:
            yield from category_words(column, record.get(column))
        for column in self.textual:
            yield from text_words(record.get(column))
        for column, edges in zip(self.numeric, self.edges, strict=True):
            yield from number_words(column, record.get(column), edges)

    @cached_property
    def _place_of(self) -> dict[str, int]:
        return {word: place for place, word in enumerate(self.words)}


def category_words(column: str, value: object) -> Iterator[str]:
    """Give the values of a category, joined by "|"."""
    if isinstance(value, str):
        yield from (f"{column}={part.strip()}" for part in value.split("|") if part.strip())


def text_words(value: object) -> Iterator[str]:
    """Give the different words of a text, of three letters or more."""
    if isinstance(value, str):
        yield from set(WORD.findall(value[:MAX_TEXT_CHARACTERS].casefold()))


def number_words(column: str, value: object, edges: np.ndarray) -> Iterator[str]:
    """Give two ranges, each of two neighbouring stretches between the edges: near numbers share one of them."""
    if isinstance(value, (int, float, np.number)) and np.isfinite(value):
        stretch = int(np.searchsorted(edges, float(value), side="right"))
        yield f"{column}#{stretch // 2}"
        yield f"{column}#{(stretch + 1) // 2}+"


def number_edges(values: np.ndarray) -> np.ndarray:
    """Cut the numbers of a column, NaN for none, into 16 stretches of about as many items: [edges] float64."""
    known = values[np.isfinite(values)]
    return np.quantile(known, np.linspace(0.0, 1.0, STRETCHES + 1)[1:-1]) if len(known) else np.zeros(STRETCHES - 1)


def most_frequent(words: Iterable[str]) -> tuple[str, ...]:
    """Give the 50,000 most frequent words, the most frequent first; ties go to the alphabet."""
    ranked = sorted(Counter(words).items(), key=lambda entry: (-entry[1], entry[0]))[:MAX_WORDS]
    return tuple(word for word, _ in ranked)


def rarity_of(marked: scipy.sparse.csr_matrix) -> np.ndarray:
    """Give the logarithm of how rare each word is: [words] float32; marked [items, words] has 1 where a word is."""
    spread = np.bincount(marked.indices, minlength=marked.shape[1])
    return (np.log((1.0 + marked.shape[0]) / (1.0 + spread)) + 1.0).astype(np.float32)


def weigh(marked: scipy.sparse.csr_matrix, rarity: np.ndarray) -> scipy.sparse.csr_matrix:
    """Weigh words by rarity and give rows length 1. Shapes: marked [items, words], rarity [words]."""
    weighted = marked @ scipy.sparse.diags(np.resize(rarity, marked.shape[1]).astype(np.float32))
    return unit_rows(weighted)


def beside_words(words: scipy.sparse.csr_matrix, meaning: TextMeaning, texts: Sequence[str]) -> SparseRows:
    """Put what texts mean beside their words, at 3 to 7 where there are both: rows of length 1, or empty."""
    parts = [words * np.float32(np.sqrt(1.0 - SHARE)), meaning.features(texts) * np.float32(np.sqrt(SHARE))]
    return sparse_rows(unit_rows(scipy.sparse.hstack(parts, format="csr")))
