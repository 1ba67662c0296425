"""The dot product of every row of a large matrix with one vector, as fast as memory gives the rows.

NumPy's own product wakes all threads of its library for any matrix of more than some hundred rows, and they wait for
each other spinning: 4 to 13 ms for 10,000 rows on cores that others use too, instead of 0.1 (measured). In blocks that
the library takes for small, each product is one thread's work. Large matrices are worked off in pieces by one thread on
each core, which sleeps when it waits: a core that does something else takes fewer pieces. Threads that may run anywhere
were often kept on one core by the system, where they took turns for the 10 ms that it lasted (measured). Who asks while
others are at work waits for the next pass, with all who came meanwhile.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache

import numpy as np

BLOCK_SIZE = 8192  # elements; the library's limit for one thread is 9216
SHARED_FROM_SIZE = 1 << 22  # elements: 16 MiB
PIECE_SIZE = 1 << 19  # elements: 2 MiB, most of which a core's own cache keeps for the next vector
TOGETHER = 8  # vectors in one pass: 52 ms for a million items, alone 11 each (measured)


def row_products(matrix: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """Multiply a matrix [rows, dimension] by a vector [dimension]: [rows] of the matrix's type."""
    matrix = np.asarray(matrix)  # a mapped file's array is slow to slice
    products = np.empty(len(matrix), dtype=matrix.dtype)
    if matrix.size < SHARED_FROM_SIZE:
        _multiply(matrix, vector, products)
    else:
        _wait(_join_pass(matrix, vector, products))
    return products


def waited_s() -> float:
    """Give how long this thread has waited until now for other threads' products."""
    return getattr(_waited, "total_s", 0.0)


class _Pass:
    """One pass over a matrix for all who asked before it began: the memory gives each piece once."""

    def __init__(self, matrix: np.ndarray) -> None:
        height = max(1, PIECE_SIZE // matrix.shape[1])
        self._matrix = matrix
        self._pieces = iter([slice(start, start + height) for start in range(0, len(matrix), height)])
        self.wanted: list[tuple[np.ndarray, np.ndarray]] = []  # vectors, and where their products go
        self.working: list[Future[None]] = []

    def is_of(self, matrix: np.ndarray) -> bool:
        """Tell whether this pass is over a matrix."""
        return self._matrix.ctypes.data == matrix.ctypes.data and self._matrix.shape == matrix.shape

    def work_off(self) -> None:
        """Take pieces until there are none; a list's iterator gives each to one thread only."""
        with _lock:
            if self in _waiting:
                _waiting.remove(self)
        for piece in self._pieces:
            for vector, products in self.wanted:
                _multiply(self._matrix[piece], vector, products[piece])


_waited = threading.local()
_lock = threading.Lock()
_waiting: list[_Pass] = []  # passes that nobody has begun with


def _join_pass(matrix: np.ndarray, vector: np.ndarray, products: np.ndarray) -> list[Future[None]]:
    """Have a product taken in a pass that waits, or in a new one; give what is to be waited for."""
    with _lock:
        joined = next((each for each in _waiting if each.is_of(matrix) and len(each.wanted) < TOGETHER), None)
        if joined is None:
            joined = _Pass(matrix)
            _waiting.append(joined)
            joined.working = [worker.submit(joined.work_off) for worker in _workers()]
        joined.wanted.append((vector, products))
        return joined.working


def _wait(working: list[Future[None]]) -> None:
    started_s = time.perf_counter()
    for each in working:
        each.result()
    _waited.total_s = waited_s() + time.perf_counter() - started_s


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


os.register_at_fork(after_in_child=lambda: _workers.cache_clear())  # threads stay behind


def _stay_on(core: int) -> None:
    """Keep the calling thread on a core, unless the core was taken away from this process meanwhile."""
    with contextlib.suppress(OSError):
        os.sched_setaffinity(0, {core})
