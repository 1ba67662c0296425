"""The ways to divide data: leave one out, by time, Amazon Personalize's, and by items.

Rule 1: events of one user at one time keep the order of the file; the later row is the later event.
Rule 2: nothing a question asks for is in the training; divided by time, nothing from the split's moment on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from personalize_local.evaluation.data import Data, take_events
from personalize_local.evaluation.errors import EvaluationError
from personalize_local.evaluation.split import Split, ask
from personalize_local.models.popularity import DAY_S
from personalize_local.store.tables import InteractionTable
from personalize_local.training.split import held_out_users, history_length
from personalize_local.training.training_data import to_sequences

PROTOCOLS = ("leave-one-out", "temporal", "personalize", "new-items")
TARGETS = ("period", "next")
MAX_NEXT = 10  # questions about one user's next events in one window: a few readers must not speak for all


@dataclass(frozen=True)
class Protocol:
    """How to divide.

    temporal: the newest test_days, or the newest test_share of the events, are foretold; `windows` equal stretches of
    time, one after the other, each with a training of its own on everything before it. targets "period": one question
    per user, at the window's begin, about all that follows in it; "next": one question per event, up to 10 a user and
    window, with all that the user did before.
    personalize: `newest`, where given, is how many of the newest events are asked for in place of a tenth.
    new-items: test_share of the items lose all their events; those are asked for.
    """

    name: str = "leave-one-out"
    test_share: float = 0.1
    test_days: float | None = None
    targets: str = "period"
    windows: int = 1
    newest: int | None = None

    def __post_init__(self) -> None:
        if self.name not in PROTOCOLS:
            raise EvaluationError(f"There is no protocol {self.name!r}: use one of {', '.join(PROTOCOLS)}.")
        if self.targets not in TARGETS:
            raise EvaluationError(f"There are no targets {self.targets!r}: use one of {', '.join(TARGETS)}.")
        if not 0.0 < self.test_share < 1.0:
            raise EvaluationError(f"The share of the test is {self.test_share}: use a number between 0 and 1.")
        if self.windows < 1 or (self.test_days is not None and self.test_days <= 0):
            raise EvaluationError("Test on at least one window and on more than 0 days.")

    @property
    def splits_by_seed(self) -> bool:
        """Tell whether another seed divides the data in another way."""
        return self.name in ("personalize", "new-items")

    def splits(self, data: Data, seeds: int) -> list[Split]:
        """Divide the data: once for each seed where the seed divides, else once for each window."""
        if self.name == "personalize":
            return [_personalize(data, seed, self.newest) for seed in range(1, seeds + 1)]
        if self.name == "new-items":
            return [_new_items(data, seed, self.test_share) for seed in range(1, seeds + 1)]
        if self.name == "temporal":
            return _windows(data, self)
        return [_leave_one_out(data)]


def _rows(data: Data) -> tuple[np.ndarray, int]:
    """Map the table's items to the catalogue: [table items] rows, and the size of the catalogue."""
    ids = data.item_ids()
    row_of = {item: row for row, item in enumerate(ids)}
    return np.array([row_of[str(item)] for item in data.interactions.item_ids], dtype=np.int64), len(ids)


def _starts(table: InteractionTable) -> np.ndarray:
    """Give where each user's events begin: [users + 1]."""
    return np.searchsorted(table.user_row, np.arange(len(table.user_ids) + 1))


def _leave_one_out(data: Data) -> Split:
    table, (item_row, item_count) = data.interactions, _rows(data)
    start = _starts(table)
    users = np.flatnonzero(np.diff(start) >= 2)
    last = start[users + 1] - 1
    training = np.ones(len(table), dtype=bool)
    training[last] = False
    asked = ask(
        users,
        start[users],
        last,
        table.timestamp_epoch_s[last],
        [item_row[table.item_row[place : place + 1]] for place in last],
        data.contexts(last),
    )
    description = "leave-one-out: each user's last event is asked for, everything before it is training"
    return Split("leave-one-out", description, take_events(table, training), table, asked, item_row, item_count, seed=0)


def _windows(data: Data, protocol: Protocol) -> list[Split]:
    """Divide by time, into one training and one test for each window."""
    times = data.interactions.timestamp_epoch_s
    newest = int(times.max(initial=0))
    if protocol.test_days is not None:
        first = newest + 1 - int(protocol.test_days * DAY_S)
    else:
        first = int(np.quantile(times, 1.0 - protocol.test_share, method="higher"))
    edges = np.linspace(first, newest + 1, protocol.windows + 1).astype(np.int64)
    if not (times < first).any():
        raise EvaluationError("The test covers all of the data: test on fewer days (--test-days) or a smaller share.")
    return [_window(data, protocol.targets, *edges[place : place + 2]) for place in range(protocol.windows)]


def _window(data: Data, targets: str, begin_epoch_s: int, end_epoch_s: int) -> Split:
    table, (item_row, item_count) = data.interactions, _rows(data)
    times, start = table.timestamp_epoch_s, _starts(table)
    place = np.arange(len(table))
    tested = (times >= begin_epoch_s) & (times < end_epoch_s)
    old = np.bincount(table.user_row[times < begin_epoch_s], minlength=len(table.user_ids))
    new = np.bincount(table.user_row[tested], minlength=len(table.user_ids))
    if targets == "period":
        users = np.flatnonzero((old > 0) & (new > 0))
        cut = start[users] + old[users]
        ends = [item_row[table.item_row[each : each + new[user]]] for user, each in zip(users, cut, strict=True)]
        asked = ask(users, start[users], cut, np.full(len(users), begin_epoch_s), ends)
    else:
        number = place - start[table.user_row] - old[table.user_row]  # of a test event among its user's
        events = np.flatnonzero(tested & (number < MAX_NEXT) & (place > start[table.user_row]))
        users = table.user_row[events]
        rows = [item_row[table.item_row[event : event + 1]] for event in events]
        asked = ask(users, start[users], events, times[events], rows, data.contexts(events))
    what = "all that a user does in it" if targets == "period" else f"each of a user's first {MAX_NEXT} events in it"
    moment = f"{datetime.fromtimestamp(int(begin_epoch_s), UTC):%Y-%m-%d %H:%M} UTC"
    days = (end_epoch_s - begin_epoch_s) / DAY_S
    description = f"temporal: training before {moment}, {what} asked for, {days:.1f} days"
    training = take_events(table, times < begin_epoch_s)
    return Split("temporal", description, training, table, asked, item_row, item_count, seed=0)


def _personalize(data: Data, seed: int, newest: int | None) -> Split:
    """Hold out a tenth of the users, and ask for the newest tenth of their events. Source: contract §5.1."""
    table, (item_row, item_count) = data.interactions, _rows(data)
    tested = held_out_users(to_sequences(table, data.item_ids(), ()), seed)
    start, users = _starts(table), np.flatnonzero(tested)
    lengths = (start[users + 1] - start[users]).tolist()
    seen = [history_length(each) if newest is None else max(each - newest, 1) for each in lengths]
    cut = start[users] + np.array(seen, dtype=np.int64)
    relevant = [item_row[table.item_row[each : start[user + 1]]] for user, each in zip(users, cut, strict=True)]
    asked = ask(users, start[users], cut, table.timestamp_epoch_s[np.maximum(cut - 1, 0)], relevant)
    training = take_events(table, ~tested[table.user_row])
    what = "tenth" if newest is None else str(newest)
    description = (
        f"personalize: nine tenths of the users are training, the newest {what} of the others' events asked for"
    )
    return Split("personalize", description, training, table, asked, item_row, item_count, seed)


def _new_items(data: Data, seed: int, share: float) -> Split:
    """Take all events from some items, and ask for those, as if they had come out just then."""
    table, (item_row, item_count) = data.interactions, _rows(data)
    chosen = np.random.default_rng(seed).permutation(len(table.item_ids))[: max(1, round(share * len(table.item_ids)))]
    is_new = np.isin(table.item_row, chosen)
    training = take_events(table, ~is_new)
    start = _starts(training)
    number = _number_within(table.user_row[is_new])
    events = np.flatnonzero(is_new)[number < MAX_NEXT]
    users = table.user_row[events]
    older = np.concatenate([[0], np.cumsum(~is_new)])[events]  # training events before each of them
    asked = ask(
        users,
        start[users],
        older,
        table.timestamp_epoch_s[events],
        [item_row[table.item_row[event : event + 1]] for event in events],
        data.contexts(events),
    )
    description = f"new-items: {len(chosen)} items by chance without any event in training; events on them asked for"
    with_history = asked.take(asked.end > asked.begin)
    return Split("new-items", description, training, training, with_history, item_row, item_count, seed)


def _number_within(sorted_rows: np.ndarray) -> np.ndarray:
    """Number equal neighbours from 0: [rows]."""
    return np.arange(len(sorted_rows)) - np.searchsorted(sorted_rows, sorted_rows)
