"""Level: where the new items stand in one reader's order, beside those that have a record.

What new items score differs from reader to reader by more than how much they turn to new items: for some, hundreds of
new items lead the order, for others none comes near, by how long their histories are among other things. So each
reader's are moved together, until the best new one is as far from the best of the others as it usually is.
"""

from __future__ import annotations

import numpy as np

LEAST_NEW = 50  # the best of fewer says little of how new items stand


def gap_of(scores: np.ndarray, new_rows: np.ndarray, seen_rows: np.ndarray) -> float | None:
    """Give how far the best new item is below the best of those with a record that the reader has not seen.

    None where there are too few to tell.
    Shapes: scores [items], as before afterwards; new_rows [new]; seen_rows [seen].
    """
    if len(new_rows) < LEAST_NEW:
        return None
    aside = np.concatenate([new_rows, seen_rows])
    kept = scores[aside]
    scores[aside] = -np.inf
    best = float(scores.max())
    scores[aside] = kept
    return best - float(kept[: len(new_rows)].max()) if np.isfinite(best) else None


def gaps_of(scores: np.ndarray, is_new: np.ndarray, is_seen: np.ndarray) -> np.ndarray:
    """Give the gap of each query, NaN where there is none: [queries].

    Shapes: scores, is_new and is_seen [queries, columns].
    """
    rows = zip(scores, is_new, is_seen, strict=True)
    found = (gap_of(row, np.flatnonzero(new), np.flatnonzero(seen)) for row, new, seen in rows)
    return np.array([np.nan if gap is None else gap for gap in found])


def usual_gap(gaps: np.ndarray) -> float | None:
    """Give the mean of the gaps that are known, None when none is."""
    known = gaps[np.isfinite(gaps)]
    return float(known.mean()) if len(known) else None
