"""Sums over arrays of a number for each item, a block at a time, so that what is in between stays in a core's cache."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

BLOCK_ITEMS = 1 << 15  # 128 KiB of float32


def blocks(count: int, size: int = BLOCK_ITEMS) -> Iterator[slice]:
    """Cut so many items into blocks; the last one may be smaller."""
    return (slice(begin, min(begin + size, count)) for begin in range(0, count, size))


def exp_sum(values: np.ndarray, top: float) -> float:
    """Add up exp(value - top) of values [items] float32."""
    room = np.empty(min(BLOCK_ITEMS, len(values)), dtype=values.dtype)
    total = 0.0
    for here in blocks(len(values)):
        block = values[here]
        raised = np.subtract(block, top, out=room[: len(block)], dtype=values.dtype)
        total += float(np.exp(raised, out=raised).sum())
    return total


def log_exp_sum(values: np.ndarray) -> float:
    """Give the logarithm of the sum of exp(value), of values [items] float32, at least one."""
    top = float(values.max())
    return top + float(np.log(exp_sum(values, top)))


def add_times(total: np.ndarray, values: np.ndarray, weight: float, constant: float) -> None:
    """Add weight × value + constant in place: total and values [items] float32."""
    room = np.empty(min(BLOCK_ITEMS, len(values)), dtype=np.float32)
    for here in blocks(len(values)):
        block = values[here]
        scaled = np.multiply(block, np.float32(weight), out=room[: len(block)])
        scaled += np.float32(constant)
        total[here] += scaled
