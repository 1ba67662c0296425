"""The products of a large matrix's rows with a vector, from a copy of one byte an element, and how far off they can be.

A row v is kept as whole numbers q from -127 to 127 and a scale s of its own, v ≈ s · q; so is a vector, u ≈ w. Then,
by the inequality of Cauchy and Schwarz,

    |v · u - s q · w|  ≤  |v - s q| |u|  +  |s q| |u - w|

The copy is a quarter of the matrix, and made once: 1 to 2 s for a million rows of 64. Its products with a vector take
one core a third of the time that the matrix's take (docs/decisions/0009). NumPy has no quick product of small integers;
numkong has.
"""

from __future__ import annotations

import numkong
import numpy as np

from personalize_local.models.blockwise import blocks

LARGEST = 127
BLOCK_ROWS = 1 << 15  # their products, 128 KiB, stay in a core's cache
WIDEST = 500  # columns; the products of wider rows could leave 32 bits
LARGE_FROM = 1 << 22  # elements, 16 MiB: what is smaller is read as it is in less than 2 ms
ROUNDING = float(np.finfo(np.float32).eps)


def is_large(matrix: np.ndarray) -> bool:
    """Tell whether a copy pays."""
    return matrix.size >= LARGE_FROM and 0 < matrix.shape[1] <= WIDEST


class CompactRows:
    """A copy of a matrix [rows, columns] float32, which may be a mapped file."""

    def __init__(self, matrix: np.ndarray) -> None:
        self._matrix = np.asarray(matrix)
        self._scales = np.empty(len(matrix), dtype=np.float32)
        self._blocks: list[numkong.PackedMatrix] = []
        self._longest = self._farthest = 0.0  # of all rows: |v|, and |v - s q|
        for here in blocks(len(matrix), BLOCK_ROWS):
            self._take(np.asarray(self._matrix[here], dtype=np.float32), here)

    def __reduce__(self) -> tuple[type[CompactRows], tuple[np.ndarray]]:
        """Travel as the matrix alone."""
        return CompactRows, (self._matrix,)

    def products(self, vector: np.ndarray, base: np.ndarray | None = None) -> np.ndarray:
        """Multiply by a vector [columns], nearly, and add it to a base [rows], if there is one: [rows] float32."""
        found = np.empty(len(self._matrix), dtype=np.float32)
        codes, step = _coded(vector)
        for here, block in zip(blocks(len(found), BLOCK_ROWS), self._blocks, strict=True):
            products = found[here]  # float32 first: NumPy takes twice as long to multiply int32 by it
            products[:] = np.asarray(numkong.dots_packed(codes, block))[0]
            products *= self._scales[here]
            products *= np.float32(step)
            if base is not None:
                products += base[here]
        return found

    def slack(self, vector: np.ndarray) -> float:
        """Give how far off any product with a vector [columns] can be, rounding of float32 included."""
        codes, step = _coded(vector)
        left = vector.astype(np.float64) - codes[0] * step
        length = float(np.linalg.norm(vector))
        longest = self._longest + self._farthest
        rounded = ROUNDING * (len(vector) + 8) * longest * length
        return self._farthest * length + longest * float(np.linalg.norm(left)) + rounded

    def exact(self, rows: np.ndarray, vector: np.ndarray) -> np.ndarray:
        """Multiply some rows of the matrix itself: [rows] float32."""
        return self._matrix[rows] @ vector

    def _take(self, rows: np.ndarray, here: slice) -> None:
        scales = np.abs(rows).max(axis=1) / np.float32(LARGEST)
        codes = np.rint(rows / np.where(scales > 0, scales, 1)[:, None])
        self._scales[here] = scales
        self._farthest = max(self._farthest, _longest(rows - codes * scales[:, None]))
        self._longest = max(self._longest, _longest(rows))
        self._blocks.append(numkong.dots_pack(codes.astype(np.int8)))


def _longest(rows: np.ndarray) -> float:
    return float(np.sqrt(np.einsum("rc,rc->r", rows, rows, dtype=np.float64).max()))


def _coded(vector: np.ndarray) -> tuple[np.ndarray, float]:
    """Give a vector [columns] as whole numbers, [1, columns] int8, and their step."""
    step = float(np.abs(vector).max()) / LARGEST
    return np.rint(vector.astype(np.float64) / (step or 1.0)).astype(np.int8)[None], step
