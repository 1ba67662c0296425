"""What an update trains on: the users with new events, and as much of the others, so that nothing is forgotten."""

from __future__ import annotations

import numpy as np

from personalize_local.models.sequences import Sequences


def with_replay(sequences: Sequences, since_epoch_s: int, seed: int) -> Sequences:
    """Keep the users with events after a moment, whole, and of the others as many at random as have as many events.

    Users stay numbered as they are. Units: since_epoch_s in seconds.
    """
    lengths = sequences.lengths()
    user = sequences.user_of_event()
    has_new = np.bincount(user, sequences.epoch_s > since_epoch_s, sequences.user_count) > 0
    others = np.random.default_rng(seed).permutation(np.flatnonzero(~has_new))
    enough = np.searchsorted(np.cumsum(lengths[others]), lengths[has_new].sum(), side="left")
    chosen = has_new.copy()
    chosen[others[: enough + 1 if has_new.any() else 0]] = True
    return sequences.take_users(chosen)
