"""What texts mean, whatever their words: vectors that an embedder learnt on other texts, as features of items.

Features must not be negative, see content.py. So each axis of the embedding is two columns, one for each side of the
mean text; a text has its strongest 64 of these.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import scipy.sparse

from personalize_local.models.sparse_rows import sparse_rows, unit_rows

KEPT = 64
SHARE = 0.3
BLOCK_TEXTS = 4096
MAX_CHARACTERS = 4000


class TextEmbedder(Protocol):
    """Turns texts into vectors; the same text into the same vector everywhere. name: by which it is found again."""

    name: str
    width: int

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Give the vectors of texts: [texts, width] float32."""
        ...


@dataclass(frozen=True)
class TextMeaning:
    """An embedder, and what its vectors are measured from. Shape: centre [width] float32."""

    embedder: TextEmbedder
    centre: np.ndarray

    @property
    def column_count(self) -> int:
        """The number of columns of the features."""
        return 2 * self.embedder.width

    def features(self, texts: Sequence[str]) -> scipy.sparse.csr_matrix:
        """Describe texts: [texts, columns], rows of length 1, empty ones for empty texts."""
        blocks = [self._features(texts[begin : begin + BLOCK_TEXTS]) for begin in range(0, len(texts), BLOCK_TEXTS)]
        return scipy.sparse.vstack(blocks, format="csr") if blocks else scipy.sparse.csr_matrix((0, self.column_count))

    def _features(self, texts: Sequence[str]) -> scipy.sparse.csr_matrix:
        vectors = _embedded(self.embedder, texts)
        vectors[vectors.any(axis=1)] -= self.centre
        sides = np.hstack([np.maximum(vectors, 0.0), np.maximum(-vectors, 0.0)])
        return unit_rows(sparse_rows(scipy.sparse.csr_matrix(sides), KEPT).matrix())


def fit_text_meaning(embedder: TextEmbedder, texts: Sequence[str]) -> TextMeaning:
    """Measure from the mean of the texts that are not empty."""
    total, count = np.zeros(embedder.width), 0
    for begin in range(0, len(texts), BLOCK_TEXTS):
        vectors = _embedded(embedder, texts[begin : begin + BLOCK_TEXTS])
        total += vectors.sum(axis=0, dtype=np.float64)
        count += int(np.count_nonzero(vectors.any(axis=1)))
    return TextMeaning(embedder, (total / max(count, 1)).astype(np.float32))


def text_of(record: Mapping[str, object], columns: Iterable[str]) -> str:
    """Give a record's texts as one, empty where there is none."""
    found = (record.get(column) for column in columns)
    return " ".join(value.strip() for value in found if isinstance(value, str))[:MAX_CHARACTERS].strip()


def _embedded(embedder: TextEmbedder, texts: Sequence[str]) -> np.ndarray:
    """Give the vectors of texts at length 1, 0 for empty ones: [texts, width] float32."""
    vectors = np.zeros((len(texts), embedder.width), dtype=np.float32)
    told = [place for place, text in enumerate(texts) if text]
    if told:
        found = embedder.embed([texts[place] for place in told])
        vectors[told] = found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)
    return vectors
