"""Sparse matrices as three plain arrays, cut to the strongest entries of each row."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse


@dataclass(frozen=True)
class SparseRows:
    """A matrix [rows, columns] in compressed rows.

    Shapes: start [rows + 1]; column and value [entries], of row r at start[r]:start[r + 1].
    """

    start: np.ndarray  # [rows + 1] int64
    column: np.ndarray  # [entries] int32
    value: np.ndarray  # [entries] float32
    column_count: int

    def row(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Give the columns and values of one row."""
        here = slice(int(self.start[number]), int(self.start[number + 1]))
        return self.column[here], self.value[here]

    def combine(self, rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Add up rows by weight: [columns] float32."""
        columns, values = self._weighted(rows, weights)
        return np.bincount(columns, values, self.column_count).astype(np.float32)

    def combine_sparse(self, rows: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Do the same for the columns of these rows' entries only: the columns, ascending, and their sums float32."""
        columns, values = self._weighted(rows, weights)
        if not len(columns):
            return columns, values
        order = np.argsort(columns)
        columns = columns[order]
        firsts = np.flatnonzero(np.diff(columns, prepend=-1))
        return columns[firsts], np.add.reduceat(values[order], firsts, dtype=np.float64).astype(np.float32)

    def combine_at(self, rows: np.ndarray, weights: np.ndarray, columns: np.ndarray) -> tuple[float, np.ndarray]:
        """Add up rows by weight: the sum of all columns, and those of some, ascending: [columns] float64."""
        found, values = self._weighted(rows, weights)
        place = np.minimum(np.searchsorted(columns, found), len(columns) - 1)
        wanted = columns[place] == found
        return float(values.sum()), np.bincount(place[wanted], values[wanted], len(columns))

    def _weighted(self, rows: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give the entries of rows, times the rows' weights: columns and values [entries]."""
        begin, length = self.start[rows], self.start[rows + 1] - self.start[rows]
        ends = np.cumsum(length)
        entries = np.arange(ends[-1] if len(ends) else 0) + np.repeat(begin - (ends - length), length)
        return self.column[entries], self.value[entries] * np.repeat(weights, length)

    def dot(self, vector: np.ndarray) -> np.ndarray:
        """Multiply by a vector [columns]: [rows] float32."""
        return self._matrix @ vector

    def matrix(self) -> scipy.sparse.csr_matrix:
        """Give the same as a scipy matrix."""
        return self._matrix

    @cached_property
    def _matrix(self) -> scipy.sparse.csr_matrix:
        shape = (len(self.start) - 1, self.column_count)
        return scipy.sparse.csr_matrix((self.value, self.column, self.start), shape=shape)


def unit_rows(matrix: scipy.sparse.csr_matrix) -> scipy.sparse.csr_matrix:
    """Give rows length 1; empty ones stay so."""
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return (scipy.sparse.diags(1.0 / np.maximum(length, 1e-9)) @ matrix).tocsr().astype(np.float32)


def sparse_rows(matrix: scipy.sparse.csr_matrix, keep: int | None = None) -> SparseRows:
    """Copy a scipy matrix, with the `keep` largest entries of each row only; ties go to the lower column."""
    matrix = matrix.tocsr()
    matrix.sort_indices()
    column, value = matrix.indices.astype(np.int32), matrix.data.astype(np.float32)
    start = matrix.indptr.astype(np.int64)
    if keep is not None:
        kept = np.concatenate([np.empty(0, np.int64), *_strongest(start, value, keep)])
        column, value = column[kept], value[kept]
        start = np.concatenate([[0], np.cumsum(np.minimum(np.diff(start), keep))]).astype(np.int64)
    return SparseRows(start, column, value, matrix.shape[1])


def _strongest(start: np.ndarray, value: np.ndarray, keep: int) -> Iterator[np.ndarray]:
    """Give each row's places of its `keep` largest values, in order of place."""
    for begin, end in itertools.pairwise(start):
        if end - begin <= keep:
            yield np.arange(begin, end)
        else:
            here = value[begin:end]
            least = np.partition(here, len(here) - keep)[len(here) - keep]
            chosen = here > least
            chosen[np.flatnonzero(here == least)[: keep - np.count_nonzero(chosen)]] = True
            yield begin + np.flatnonzero(chosen)
