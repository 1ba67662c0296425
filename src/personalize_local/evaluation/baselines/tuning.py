"""Choose a baseline's settings on the newest events of the training, never on the test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from personalize_local.models.query import Query, Recommender
from personalize_local.models.sequences import Sequences

SHARE = 0.1
MAX_CASES = 500
CUT = 20

Setting = TypeVar("Setting")


@dataclass(frozen=True)
class Validation:
    """Older events, and questions about newer ones with the item that came: targets [questions]."""

    older: Sequences
    queries: tuple[Query, ...]
    targets: np.ndarray
    filter_seen: bool

    def best(self, settings: Sequence[Setting], fit: Callable[[Setting], Recommender]) -> Setting:
        """Give the setting whose model has the highest mean NDCG@20; the first of equals."""
        found = [self._quality(fit(setting)) for setting in settings]
        return settings[int(np.argmax(found))]

    def _quality(self, model: Recommender) -> float:
        gains = [self._gain(model, query, int(row)) for query, row in zip(self.queries, self.targets, strict=True)]
        return float(np.mean(gains)) if gains else 0.0

    def _gain(self, model: Recommender, query: Query, target: int) -> float:
        scores = np.array(model.scores(query), dtype=np.float64)
        if self.filter_seen:
            scores[query.history_rows] = -np.inf
        rank = int(np.count_nonzero(scores >= scores[target]))
        return float(1.0 / np.log2(1 + rank)) if np.isfinite(scores[target]) and rank <= CUT else 0.0


def make_validation(sequences: Sequences, filter_seen: bool, seed: int, newest_of_each: bool) -> Validation:
    """Take up to 500 questions from the newest tenth of the events, each about the event that came next.

    newest_of_each: the last event of each user instead, for tests that ask for that. The models to compare learn from
    everything before: the events before that tenth, or each user's but the last.
    """
    times, number = sequences.epoch_s, sequences.place_of_event()
    if newest_of_each:
        lengths = sequences.lengths()
        is_new = number == np.repeat(lengths - 1, lengths)
    else:
        is_new = times >= np.quantile(times, 1.0 - SHARE, method="higher") if len(times) else np.zeros(0, dtype=bool)
    events = np.flatnonzero(is_new & (number > 0))
    chosen = np.sort(np.random.default_rng(seed).permutation(events)[:MAX_CASES])
    user_start = sequences.user_start[sequences.user_of_event()[chosen]]
    cases = []
    for event, start in zip(chosen, user_start, strict=True):
        rows = sequences.item_row[start:event]
        if filter_seen and sequences.item_row[event] in rows:
            continue
        query = Query(rows, times[start:event], item_row=int(rows[-1]), now_epoch_s=int(times[event]))
        cases.append((query, int(sequences.item_row[event])))
    targets = np.array([target for _, target in cases], dtype=np.int64)
    return Validation(sequences.take_events(~is_new), tuple(query for query, _ in cases), targets, filter_seen)
