"""Describe items by their categories, texts and numbers: rows of words, weighted by how rare they are."""

from __future__ import annotations

import numpy as np
import scipy.sparse

from personalize_local.models.content import ItemContent
from personalize_local.models.item_words import (
    ItemWords,
    beside_words,
    category_words,
    most_frequent,
    no_edges,
    number_edges,
    number_words,
    rarity_of,
    text_words,
    weigh,
)
from personalize_local.models.sparse_rows import sparse_rows
from personalize_local.models.text_meaning import TextEmbedder, fit_text_meaning, text_of
from personalize_local.store.tables import MetadataTable
from personalize_local.training.training_data import records_of

CREATION_TIMESTAMP = "CREATION_TIMESTAMP"


def item_content(
    items: MetadataTable,
    item_ids: np.ndarray,
    categorical: tuple[str, ...],
    textual: tuple[str, ...],
    numeric: tuple[str, ...] = (),
    embedder: TextEmbedder | None = None,
) -> ItemContent:
    """Turn item records into features over the rows of the catalogue; items without a record have none.

    A word is a value of a categorical column, a lower-case word of a textual one, or a range that a number is in; each
    counts by the logarithm of how rare it is, and rows have length 1. With an embedder, what texts mean has
    columns too. Approximated: AWS embeds text and numbers.
    """
    numeric = tuple(name for name in numeric if name in items.columns)
    edges = np.array([number_edges(items.columns[name].astype(np.float64)) for name in numeric])
    edges = edges.reshape(len(numeric), -1) if len(numeric) else no_edges()
    row_of = {str(item): row for row, item in enumerate(item_ids)}
    rows = np.array([row_of[str(item)] for item in items.ids], dtype=np.int64)
    record, words = _occurrences(items, categorical, textual, dict(zip(numeric, edges, strict=True)))
    vocabulary = most_frequent(words)
    place_of = {word: place for place, word in enumerate(vocabulary)}
    known = np.array([word in place_of for word in words], dtype=bool)
    column = np.array([place_of[word] for word in words if word in place_of], dtype=np.int64)
    shape = (len(item_ids), max(len(vocabulary), 1))
    pairs = (rows[np.array(record, dtype=np.int64)[known]], column) if len(column) else ([], [])
    marked = scipy.sparse.csr_matrix((np.ones(len(column), dtype=np.float32), pairs), shape=shape)
    marked.sum_duplicates()
    marked.data[:] = 1.0
    rarity = rarity_of(marked)
    created = np.full(len(item_ids), np.nan)
    if CREATION_TIMESTAMP in items.columns:
        created[rows] = items.columns[CREATION_TIMESTAMP].astype(np.float64)
    weighted = weigh(marked, rarity)
    features, meaning = sparse_rows(weighted), None
    if embedder is not None and textual:
        texts = [text_of(record, textual) for record in records_of(items, item_ids)]
        meaning = fit_text_meaning(embedder, texts)
        features = beside_words(weighted, meaning, texts)
    kept = ItemWords(vocabulary, rarity, tuple(categorical), tuple(textual), numeric, edges, meaning)
    return ItemContent(features, created, kept)


def _occurrences(
    items: MetadataTable, categorical: tuple[str, ...], textual: tuple[str, ...], edges_of: dict[str, np.ndarray]
) -> tuple[list[int], list[str]]:
    """Give the record and the word of every occurrence."""
    record, words = [], []
    for column in (*categorical, *textual):
        for place, value in enumerate(items.columns.get(column, ())):
            for word in text_words(value) if column in textual else category_words(column, value):
                record.append(place)
                words.append(word)
    for column, edges in edges_of.items():
        for place, value in enumerate(items.columns[column].tolist()):
            for word in number_words(column, value, edges):
                record.append(place)
                words.append(word)
    return record, words
