"""Who is held out to measure a solution version, and which of their events are to be foretold.

Nine tenths of the users are for training with all they did; of the others the oldest nine tenths of their events are
what the model is given, and the newest tenth is relevant. Source: contract §5.1, documented.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from personalize_local.models.query import Query
from personalize_local.models.sequences import Sequences
from personalize_local.models.slices import Records

TEST_USERS = 0.1
TEST_EVENTS = 0.1
MAX_TEST_USERS = 2000  # more change the third decimal of a metric, and take minutes


@dataclass(frozen=True)
class HeldOut:
    """One test user: what the model is asked, and the items that count as hits.

    Shapes: relevant_rows [relevant], each item once; relevant_weight [relevant], the weight of its strongest event.
    """

    query: Query
    relevant_rows: np.ndarray
    relevant_weight: np.ndarray


def held_out_users(sequences: Sequences, seed: int) -> np.ndarray:
    """Choose a tenth of the users with events, at least one, of those with 2 or more: [users] bool."""
    lengths = sequences.lengths()
    eligible = np.flatnonzero(lengths >= 2)
    count = min(max(1, round(TEST_USERS * np.count_nonzero(lengths))), len(eligible))
    chosen = np.random.default_rng(seed).permutation(eligible)[:count]
    mask = np.zeros(len(lengths), dtype=bool)
    mask[chosen] = True
    return mask


def history_length(event_count: int) -> int:
    """Give how many of a test user's events the model sees: nine tenths, rounded down, leaving one on each side."""
    return min(max(int(event_count * (1.0 - TEST_EVENTS) + 1e-9), 1), event_count - 1)


def hold_out(sequences: Sequences, users: np.ndarray, records: Records = ()) -> list[HeldOut]:
    """Cut the events of the test users [users] bool, at most 2,000 of them, in two.

    Args: records: of all users, none where nothing is known of them; models are asked with them, as they are served.
    """
    rows = np.flatnonzero(users)[:MAX_TEST_USERS]
    return [_cut(sequences, int(user), records[user] if records else {}) for user in rows]


def _cut(sequences: Sequences, user: int, record: Mapping[str, object]) -> HeldOut:
    here = sequences.of(user)
    rows, epoch_s, weight = sequences.item_row[here], sequences.epoch_s[here], sequences.weight[here]
    seen = history_length(len(rows))
    relevant, place = np.unique(rows[seen:], return_inverse=True)
    strongest = np.zeros(len(relevant), dtype=np.float32)
    np.maximum.at(strongest, place, weight[seen:])
    last = seen - 1
    query = Query(rows[:seen], epoch_s[:seen], item_row=int(rows[last]), now_epoch_s=int(epoch_s[last]), user=record)
    return HeldOut(query, relevant, strongest)
