"""The newest events, that a blend's weights are fitted on, and the older ones, that its parts are fitted on before.

Rule 1: a part never saw what it is asked.
Rule 2: where the catalogue turns over, as in news, older means before a moment: what was read of an article later says
    nothing about how it looked when it was new. Elsewhere older means all but the newest events of each user.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from personalize_local.models.blend_weights import TrainingQuery
from personalize_local.models.query import Query
from personalize_local.models.sequences import Sequences

NEWEST_SHARE = 0.1
MAX_TARGETS = 10
MAX_QUERIES = 1000
MAX_PER_USER = 10
NEW_AGE_SHARE = 0.25
TURNOVER = 0.45
CUTS = 3
MAX_EVENTS_FOR_CUTS = 300_000

Records = Sequence[Mapping[str, object]]


@dataclass(frozen=True)
class Slice:
    """Older sequences, the newer events, and what is asked of models fitted on the older ones."""

    older: Sequences
    newer: Sequences
    queries: list[TrainingQuery]
    is_by_time: bool

    def some(self, event_count: int, seed: int) -> Sequences:
        """Give about so many of the older events: the newest of all, or where time says little, some users' whole."""
        if self.is_by_time:
            return self.older.newest(event_count)
        return self.older.some_users(event_count, seed)


def newest_slices(steps: Sequences, seed: int, records: Records = ()) -> list[Slice]:
    """Cut by time where the catalogue turns over, several times if that takes moments; else by user, once.

    Args: records: of the users, none where nothing is known of them.
    """
    if turnover(steps) > TURNOVER:
        count = CUTS if len(steps.item_row) <= MAX_EVENTS_FOR_CUTS else 1
        edges = np.quantile(steps.epoch_s, np.linspace(1.0 - NEWEST_SHARE, 1.0, count + 1), method="higher")
        found = [
            _by_time(steps, *edges[place : place + 2], MAX_QUERIES // count, seed, records) for place in range(count)
        ]
        if all(each.queries for each in found):
            return found
    return [_by_user(steps, seed, records)]


def turnover(steps: Sequences) -> float:
    """Give the share of the newest tenth of events that are on items first seen in the newest quarter of the time."""
    if not len(steps.item_row):
        return 0.0
    first = np.full(steps.item_count, np.iinfo(np.int64).max)
    np.minimum.at(first, steps.item_row, steps.epoch_s)
    oldest, newest = int(steps.epoch_s.min()), steps.newest_epoch_s
    is_new = steps.epoch_s >= np.quantile(steps.epoch_s, 1.0 - NEWEST_SHARE)
    return float(np.mean(first[steps.item_row[is_new]] > newest - NEW_AGE_SHARE * (newest - oldest)))


def _by_time(
    steps: Sequences, begin_epoch_s: int, end_epoch_s: int, query_count: int, seed: int, records: Records
) -> Slice:
    """Ask for each user's first events between two moments, with all that the user did before each."""
    is_older, is_newer = steps.epoch_s < begin_epoch_s, steps.epoch_s >= begin_epoch_s
    user, place = steps.user_of_event(), steps.place_of_event()
    before = np.bincount(user[is_older], minlength=steps.user_count)
    is_asked = is_newer & (steps.epoch_s <= end_epoch_s) & (place > 0) & (place - before[user] < MAX_PER_USER)
    events = np.random.default_rng(seed).permutation(np.flatnonzero(is_asked))[:query_count]
    queries = [_query(steps, int(user[event]), int(place[event]), records) for event in np.sort(events)]
    return Slice(steps.take_events(is_older), steps.take_events(is_newer), queries, is_by_time=True)


def _by_user(steps: Sequences, seed: int, records: Records) -> Slice:
    """Ask for the newest tenth of some users' events, at most 10 of each, of users with at least 2."""
    lengths = steps.lengths()
    cut = np.clip(np.floor(lengths * (1.0 - NEWEST_SHARE)), 1, None).astype(np.int64)
    cut = np.where(lengths >= 2, np.clip(cut, lengths - MAX_TARGETS, lengths - 1), lengths)
    users = np.random.default_rng(seed).permutation(np.flatnonzero(lengths >= 2))[:MAX_QUERIES]
    is_newer = steps.place_of_event() >= np.repeat(cut, lengths)
    queries = [_query(steps, int(user), int(cut[user]), records) for user in users]
    return Slice(steps.take_events(~is_newer), steps.take_events(is_newer), queries, is_by_time=False)


def _query(steps: Sequences, user: int, cut: int, records: Records) -> TrainingQuery:
    """Ask for what a user did from the `cut`th event on."""
    here = steps.of(user)
    rows, epoch_s = steps.item_row[here], steps.epoch_s[here]
    event = None if steps.event_code is None else steps.event_code[here][:cut]
    context: dict[str, str] = {}
    if steps.context_code is not None:
        context = steps.vocabulary.context_of(steps.context_code[here][cut])
    record = records[user] if records else {}
    query = Query(rows[:cut], epoch_s[:cut], None, int(epoch_s[cut]), history_event=event, context=context, user=record)
    return TrainingQuery(query, rows[cut : cut + MAX_TARGETS])
