"""A history as weights of its items: the newest counts most."""

from __future__ import annotations

import numpy as np


def decayed(rows: np.ndarray, window: int, decay: float) -> tuple[np.ndarray, np.ndarray]:
    """Weigh the newest `window` events of a history [events]: 1, decay, decay² … from the newest back.

    Gives the rows, newest first, and their weights float32; an item twice in the history is there twice.
    """
    newest = rows[-window:][::-1]
    return newest, np.power(np.float32(decay), np.arange(len(newest), dtype=np.float32))


def weighted_rows(matrix: np.ndarray, rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Add up rows of a matrix [rows, columns] by weight: [columns]; touches those rows only."""
    return weights @ matrix[rows]
