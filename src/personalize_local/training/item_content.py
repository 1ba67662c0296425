"""Describe items by their categories and texts: rows of words, weighted by how rare they are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import numpy as np
import scipy.sparse

from personalize_local.models.content import ItemContent
from personalize_local.models.sparse_rows import sparse_rows
from personalize_local.store.tables import MetadataTable

CREATION_TIMESTAMP = "CREATION_TIMESTAMP"
MAX_WORDS = 50_000
MAX_TEXT_CHARACTERS = 20_000
WORD = re.compile(r"\w{3,}")


def item_content(
    items: MetadataTable, item_ids: np.ndarray, categorical: tuple[str, ...], textual: tuple[str, ...]
) -> ItemContent:
    """Turn item records into features over the rows of the catalogue; items without a record have none.

    A word is a value of a categorical column, or a lower-case word of a textual one; each counts by the logarithm of
    how rare it is, and rows have length 1. Numeric columns are not used. Approximated: AWS embeds text and numbers.
    """
    row_of = {str(item): row for row, item in enumerate(item_ids)}
    rows = np.array([row_of[str(item)] for item in items.ids], dtype=np.int64)
    record, words = _occurrences(items, categorical, textual)
    vocabulary = _vocabulary(words)
    known = np.array([word in vocabulary for word in words], dtype=bool)
    column = np.array([vocabulary[word] for word in words if word in vocabulary], dtype=np.int64)
    shape = (len(item_ids), max(len(vocabulary), 1))
    pairs = (rows[np.array(record, dtype=np.int64)[known]], column) if len(column) else ([], [])
    counts = scipy.sparse.csr_matrix((np.ones(len(column), dtype=np.float32), pairs), shape=shape)
    created = np.full(len(item_ids), np.nan)
    if CREATION_TIMESTAMP in items.columns:
        created[rows] = items.columns[CREATION_TIMESTAMP].astype(np.float64)
    return ItemContent(sparse_rows(_weigh(counts)), created)


def _occurrences(
    items: MetadataTable, categorical: tuple[str, ...], textual: tuple[str, ...]
) -> tuple[list[int], list[str]]:
    """Give the record and the word of every occurrence."""
    record, words = [], []
    for column in (*categorical, *textual):
        split = _text_words if column in textual else _category_words
        for place, value in enumerate(items.columns.get(column, ())):
            for word in split(column, value):
                record.append(place)
                words.append(word)
    return record, words


def _category_words(column: str, value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from (f"{column}={part.strip()}" for part in value.split("|") if part.strip())


def _text_words(column: str, value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from set(WORD.findall(value[:MAX_TEXT_CHARACTERS].casefold()))


def _vocabulary(words: list[str]) -> dict[str, int]:
    """Number the 50,000 most frequent words; ties go to the alphabet."""
    ranked = sorted(Counter(words).items(), key=lambda entry: (-entry[1], entry[0]))[:MAX_WORDS]
    return {word: place for place, (word, _) in enumerate(ranked)}


def _weigh(counts: scipy.sparse.csr_matrix) -> scipy.sparse.csr_matrix:
    """Weigh words by rarity and give rows length 1."""
    counts.sum_duplicates()
    counts.data[:] = 1.0
    spread = np.bincount(counts.indices, minlength=counts.shape[1])
    rarity = np.log((1.0 + counts.shape[0]) / (1.0 + spread)) + 1.0
    weighted = counts @ scipy.sparse.diags(rarity.astype(np.float32))
    length = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    return (scipy.sparse.diags(1.0 / np.maximum(length, 1e-9)) @ weighted).tocsr().astype(np.float32)
