"""Sums over arrays of a number for each item, a block at a time, so that what is in between stays in a core's cache."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

BLOCK_ITEMS = 1 << 15  # 128 KiB of float32


def blocks(count: int, size: int = BLOCK_ITEMS) -> Iterator[slice]:
    """Cut so many items into blocks; the last one may be smaller."""
    return (slice(begin, min(begin + size, count)) for begin in range(0, count, size))


def exp_sum(values: np.ndarray) -> tuple[float, float]:
    """Give the largest of values [items] float, and the sum of exp(value - largest), in one pass.

    -inf counts for nothing; of values with NaN or inf among them there is no sum: NaN.
    """
    room = np.empty(min(BLOCK_ITEMS, len(values)), dtype=values.dtype)
    top, total = -math.inf, 0.0
    for here in blocks(len(values)):
        block = values[here]
        largest = float(block.max())
        if largest == -math.inf:
            continue
        if not math.isfinite(largest):
            return largest, math.nan
        if largest > top:  # what was added up so far was too large by this
            top, total = largest, total * math.exp(top - largest)
        raised = np.subtract(block, top, out=room[: len(block)], dtype=values.dtype)
        total += float(np.exp(raised, out=raised).sum())
    return top, total


def log_exp_sum(values: np.ndarray) -> float:
    """Give the logarithm of the sum of exp(value), of values [items] float32, at least one."""
    top, total = exp_sum(values)
    return top + math.log(total)


def add_times(base: np.ndarray, values: np.ndarray, weight: float, out: np.ndarray) -> None:
    """Put base + weight × value in `out`, which may be the base: all [items], out and values float32."""
    room = np.empty(min(BLOCK_ITEMS, len(values)), dtype=np.float32)
    for here in blocks(len(values)):
        scaled = np.multiply(values[here], np.float32(weight), out=room[: here.stop - here.start])
        np.add(base[here], scaled, out=out[here], casting="same_kind")
