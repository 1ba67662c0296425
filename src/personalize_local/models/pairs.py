"""Pairs of an event and one shortly before it, in blocks that fit in memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from personalize_local.models.sequences import Sequences

BLOCK_PAIRS = 8_000_000


def earlier_later(sequences: Sequences, window: int) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Give every pair of events of one user at most `window` apart, in blocks of about `BLOCK_PAIRS`.

    Yields three arrays [pairs]: the place of the earlier event, that of the later one, and the gap, 1 for neighbours.
    All pairs of one later event are in one block.
    """
    start_of_user = np.repeat(sequences.user_start[:-1], sequences.lengths())
    block = max(1, BLOCK_PAIRS // window)
    for begin in range(0, len(start_of_user), block):
        later = np.arange(begin, min(begin + block, len(start_of_user)))
        reach = np.minimum(later - start_of_user[later], window)  # [block] how many earlier events each has
        places = np.repeat(later, reach)
        gap = np.arange(len(places)) - np.repeat(np.cumsum(reach) - reach, reach) + 1
        yield places - gap, places, gap
