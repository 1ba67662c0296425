"""What an update is trained on."""

from __future__ import annotations

import numpy as np

from personalize_local.models.testing import markov_sequences
from personalize_local.training.sequence.replay import with_replay


def test_new_events_and_as_many_old_ones() -> None:
    """Users with new events are all there, with their whole histories; others bring about as many events."""
    data = markov_sequences(user_count=100)
    since = int(np.sort(data.epoch_s)[-12])
    found = with_replay(data, since, seed=1)
    is_new = np.array([data.epoch_s[data.of(user)].max() > since for user in range(100)])
    kept = found.lengths()
    assert (kept[is_new] == 25).all()
    assert kept[~is_new].sum() == kept[is_new].sum()
    assert found.user_count == 100


def test_nothing_new_is_nothing_to_train_on() -> None:
    """Without new events nothing is repeated; when all is new, all is there."""
    data = markov_sequences(user_count=10)
    assert with_replay(data, data.newest_epoch_s, seed=1).lengths().sum() == 0
    assert with_replay(data, 0, seed=1).lengths().sum() == 250
