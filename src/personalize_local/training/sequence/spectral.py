"""Vectors to begin from, in closed form: what goes together in histories, and what texts have in common.

A transformer spends its first epochs on finding out which items are alike; a factorisation of co-occurrence says so in
seconds. Source: pointwise mutual information, positive part, factored symmetrically, as word vectors are.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse

from personalize_local.models.pairs import pairs_by_gap
from personalize_local.models.sequences import Sequences
from personalize_local.models.sparse_rows import SparseRows

REACH = 20
MAX_EVENTS = 1_000_000
SPARE_COLUMNS = 16
ROUNDS = 6
MAX_FEATURES = 128
RIDGE = 1.0


def co_occurrence_vectors(sequences: Sequences, width: int, length: float, seed: int) -> np.ndarray:
    """Factor which items are near each other in histories: [items, width] float32, each of a length or 0."""
    together = _together(sequences.newest(MAX_EVENTS))
    rng = np.random.default_rng(seed)
    vectors = np.zeros((sequences.item_count, width), dtype=np.float32)
    seen = np.flatnonzero(np.diff(together.indptr))
    if len(seen) <= width + SPARE_COLUMNS:
        vectors[seen] = rng.standard_normal((len(seen), width))
    else:
        basis, values = _leading(_surprise(together[seen][:, seen]), width, rng)
        turn, _ = np.linalg.qr(rng.standard_normal((width, width)))  # so that heads share the strongest directions
        factors = basis * np.sqrt(values)
        vectors[seen] = (factors - factors.mean(axis=0)) @ turn
    return vectors * (length / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9))


def text_features(features: SparseRows, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Give dense features of items [items, k] float32 and the map from words [words, k].

    k is 128, or the count of words if that is less. Many words are reduced to the directions in which items differ
    most (LSA).
    """
    matrix = features.matrix()
    if features.column_count <= MAX_FEATURES:
        return matrix.toarray(), np.eye(features.column_count, dtype=np.float32)
    basis, _ = _leading(matrix.T @ matrix, MAX_FEATURES, np.random.default_rng(seed))
    return (matrix @ basis).astype(np.float32), basis.astype(np.float32)


def linear_map(features: np.ndarray, vectors: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Find the map from features [items, k] to vectors [items, width] that suits these rows best: [k, width]."""
    there = features[rows]
    gram = there.T @ there + RIDGE * np.eye(features.shape[1], dtype=np.float32)
    return np.linalg.solve(gram, there.T @ vectors[rows]).astype(np.float32)


def _together(sequences: Sequences) -> scipy.sparse.csr_matrix:
    """Count pairs of items near each other, by 1 / distance, both ways: [items, items]."""
    shape = (sequences.item_count, sequences.item_count)
    found = scipy.sparse.csr_matrix(shape, dtype=np.float32)
    for gap, earlier, later in pairs_by_gap(sequences, REACH):
        pairs = (sequences.item_row[earlier], sequences.item_row[later])
        found += scipy.sparse.csr_matrix((np.full(len(later), 1.0 / gap, np.float32), pairs), shape=shape)
    return (found + found.T).tocsr()


def _surprise(together: scipy.sparse.csr_matrix) -> scipy.sparse.csr_matrix:
    """Give the log of how much more often pairs occur than by chance, where more often."""
    often = np.asarray(together.sum(axis=1)).ravel()
    pairs = together.tocoo()
    lift = np.log(pairs.data * often.sum() / (often[pairs.row] * often[pairs.col]))
    return scipy.sparse.csr_matrix((np.maximum(lift, 0.0).astype(np.float32), (pairs.row, pairs.col)), pairs.shape)


def _leading(symmetric: scipy.sparse.csr_matrix, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Find the leading eigenvectors [rows, count] and eigenvalues, none below 0, by subspace iteration."""
    basis = rng.standard_normal((symmetric.shape[0], min(count + SPARE_COLUMNS, symmetric.shape[0])))
    basis = np.linalg.qr(basis.astype(np.float32))[0]
    for _ in range(ROUNDS):
        basis = np.linalg.qr(symmetric @ basis)[0]
    values, turn = np.linalg.eigh(basis.T @ (symmetric @ basis))
    chosen = np.argsort(-values)[:count]
    return basis @ turn[:, chosen], np.maximum(values[chosen], 0.0)
