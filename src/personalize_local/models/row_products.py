"""The dot product of every row of a large matrix with one vector, as fast as memory gives the rows.

NumPy's own product wakes all threads of its library for any matrix of more than some hundred rows, and they wait for
each other spinning: 4 to 13 ms for 10,000 rows on cores that others use too, instead of 0.1 (measured). In blocks that
the library takes for small, each product is one thread's work. Large matrices are worked off in pieces by one thread on
each core, which sleeps when it waits: a core that does something else takes fewer pieces. Threads that may run anywhere
were often kept on one core by the system, where they took turns for the 10 ms that it lasted (measured).
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np

BLOCK_SIZE = 8192  # elements; the library's limit for one thread is 9216
SHARED_FROM_SIZE = 1 << 22  # elements: 16 MiB
PIECE_SIZE = 1 << 20  # elements: 4 MiB, about 0.3 ms


def row_products(matrix: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """Multiply a matrix [rows, dimension] by a vector [dimension]: [rows] of the matrix's type."""
    matrix = np.asarray(matrix)  # a mapped file's array is slow to slice
    products = np.empty(len(matrix), dtype=matrix.dtype)
    if matrix.size < SHARED_FROM_SIZE:
        _multiply(matrix, vector, products)
        return products
    height = max(1, PIECE_SIZE // matrix.shape[1])
    pieces = iter([slice(start, start + height) for start in range(0, len(matrix), height)])
    working = [worker.submit(_work_off, pieces, matrix, vector, products) for worker in _workers()]
    for each in working:
        each.result()
    return products


def _work_off(pieces: Iterator[slice], matrix: np.ndarray, vector: np.ndarray, products: np.ndarray) -> None:
    """Take pieces until there are none; a list's iterator gives each to one thread only."""
    for piece in pieces:
        _multiply(matrix[piece], vector, products[piece])


def _multiply(matrix: np.ndarray, vector: np.ndarray, products: np.ndarray) -> None:
    """Multiply block by block in one thread, without Python's lock."""
    height = max(1, BLOCK_SIZE // max(matrix.shape[1], 1))
    whole = len(matrix) // height * height
    blocks = matrix[:whole].reshape(-1, height, matrix.shape[1])  # [blocks, height, dimension]
    np.matmul(blocks, vector, out=products[:whole].reshape(-1, height))
    np.matmul(matrix[whole:], vector, out=products[whole:])


@cache
def _workers() -> list[ThreadPoolExecutor]:
    """Give one thread for each core, made when first needed."""
    cores = sorted(os.sched_getaffinity(0))
    return [ThreadPoolExecutor(1, f"row-products-{core}", _stay_on, (core,)) for core in cores]


def _stay_on(core: int) -> None:
    """Keep the calling thread on a core, unless the core was taken away from this process meanwhile."""
    with contextlib.suppress(OSError):
        os.sched_setaffinity(0, {core})
