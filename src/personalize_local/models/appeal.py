"""Appeal: how often items are turned to that are described so, whoever asks."""

from __future__ import annotations

import numpy as np
import scipy.sparse.linalg

from personalize_local.models.sparse_rows import SparseRows

DAMPING = 1.0
MAX_STEPS = 60
LEAST_ITEMS = 20


def fit_appeal(features: SparseRows, counts: np.ndarray) -> np.ndarray:
    """Fit what each word adds to the logarithm of an item's events, by ridge regression over items with events.

    Shapes: features [items, words], counts [items], gives [words] float32, 0 for all where there is little to go by.
    """
    known = np.flatnonzero((counts > 0) & (np.diff(features.start) > 0))
    if len(known) < LEAST_ITEMS:
        return np.zeros(features.column_count, dtype=np.float32)
    heard = np.log1p(counts[known].astype(np.float64))
    matrix = features.matrix()[known].astype(np.float64)
    found = scipy.sparse.linalg.lsqr(matrix, heard - heard.mean(), damp=DAMPING, iter_lim=MAX_STEPS)
    return found[0].astype(np.float32)
