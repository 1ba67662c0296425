"""The dot product of every row of a large matrix with one vector, as fast as memory gives the rows.

NumPy's own product wakes all threads of its library for any matrix of more than some hundred rows, and they wait for
each other spinning: 4 to 13 ms for 10,000 rows on cores that others use too, instead of 0.1 (measured). In blocks that
the library takes for small, each product is one thread's work; large matrices are shared out to as many as there are
cores, by threads that sleep when they wait.
"""

from __future__ import annotations

import itertools
import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np

BLOCK_SIZE = 8192  # elements; the library's limit for one thread is 9216
SHARED_FROM_SIZE = 1 << 24  # elements: 64 MiB


def row_products(matrix: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """Multiply a matrix [rows, dimension] by a vector [dimension]: [rows] of the matrix's type."""
    matrix = np.asarray(matrix)  # a mapped file's array is slow to slice
    products = np.empty(len(matrix), dtype=matrix.dtype)
    if matrix.size < SHARED_FROM_SIZE:
        _multiply(matrix, vector, products)
        return products
    cuts = np.linspace(0, len(matrix), _core_count() + 1).astype(int)
    parts = [slice(start, end) for start, end in itertools.pairwise(cuts)]
    list(_threads().map(lambda part: _multiply(matrix[part], vector, products[part]), parts))
    return products


def _multiply(matrix: np.ndarray, vector: np.ndarray, products: np.ndarray) -> None:
    """Multiply block by block in one thread, without Python's lock."""
    height = max(1, BLOCK_SIZE // max(matrix.shape[1], 1))
    whole = len(matrix) // height * height
    blocks = matrix[:whole].reshape(-1, height, matrix.shape[1])  # [blocks, height, dimension]
    np.matmul(blocks, vector, out=products[:whole].reshape(-1, height))
    np.matmul(matrix[whole:], vector, out=products[whole:])


@cache
def _threads() -> ThreadPoolExecutor:
    """Give the threads that share out large matrices, made when first needed."""
    return ThreadPoolExecutor(_core_count(), thread_name_prefix="row-products")


@cache
def _core_count() -> int:
    return len(os.sched_getaffinity(0))
