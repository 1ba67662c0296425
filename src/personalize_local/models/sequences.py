"""Users' histories as three arrays, one user after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from personalize_local.models.vocabulary import Vocabulary

ECHO_S = 300
BLOCK_EVENTS = 250_000
BURST = 100


@dataclass(frozen=True)
class Sequences:
    """What every user did, in order.

    Shapes: user_start [users + 1] gives the slice of each user's events, oldest first; the other arrays are [events].
    Units: epoch_s in seconds; weight says how much an event counts, 1 for an ordinary one.
    event_code and context_code, where they are known, are the events' types and contexts as `vocabulary` numbers them,
    -1 for none.
    """

    user_start: np.ndarray  # [users + 1] int64
    item_row: np.ndarray  # [events] int32
    epoch_s: np.ndarray  # [events] int64
    weight: np.ndarray  # [events] float32
    item_count: int
    event_code: np.ndarray | None = None  # [events] int16
    context_code: np.ndarray | None = None  # [events, contexts] int32
    vocabulary: Vocabulary = field(default_factory=Vocabulary)

    @property
    def user_count(self) -> int:
        """How many users there are, those without events included."""
        return len(self.user_start) - 1

    @property
    def newest_epoch_s(self) -> int:
        """When the newest event happened; 0 without events."""
        return int(self.epoch_s.max(initial=0))

    def lengths(self) -> np.ndarray:
        """Count each user's events: [users]."""
        return np.diff(self.user_start)

    def user_of_event(self) -> np.ndarray:
        """Name each event's user: [events] int32."""
        return np.repeat(np.arange(self.user_count, dtype=np.int32), self.lengths())

    def place_of_event(self) -> np.ndarray:
        """Number each user's events from 0: [events]."""
        return np.arange(len(self.item_row)) - np.repeat(self.user_start[:-1], self.lengths())

    def of(self, user: int) -> slice:
        """Give the slice of one user's events."""
        return slice(int(self.user_start[user]), int(self.user_start[user + 1]))

    def take_events(self, mask: np.ndarray) -> Sequences:
        """Keep the events of `mask` [events] bool; users stay numbered as they are."""
        kept = np.concatenate([[0], np.cumsum(mask)])
        return replace(
            self,
            user_start=kept[self.user_start],
            item_row=self.item_row[mask],
            epoch_s=self.epoch_s[mask],
            weight=self.weight[mask],
            event_code=None if self.event_code is None else self.event_code[mask],
            context_code=None if self.context_code is None else self.context_code[mask],
        )

    def take_users(self, mask: np.ndarray) -> Sequences:
        """Keep the events of the users of `mask` [users] bool; users stay numbered as they are."""
        return self.take_events(np.repeat(mask, self.lengths()))

    def heads(self, lengths: np.ndarray) -> Sequences:
        """Keep the oldest `lengths` [users] events of each user."""
        return self.take_events(self.place_of_event() < np.repeat(lengths, self.lengths()))

    def blocks(self, event_count: int = BLOCK_EVENTS) -> Iterator[Sequences]:
        """Cut between users into parts of about `event_count` events, whose users are numbered from 0 in each.

        What is counted per user, or between a user's events, adds up over the parts.
        """
        return (self.users(*each) for each in self.ranges(event_count))

    def ranges(self, event_count: int) -> Iterator[tuple[int, int]]:
        """Give ranges of users with about `event_count` events each: the first, and the one after the last."""
        begin = 0
        while begin < self.user_count:
            limit = self.user_start[begin] + event_count
            end = max(int(np.searchsorted(self.user_start, limit, side="right")) - 1, begin + 1)
            yield begin, end
            begin = end

    def users(self, begin: int, end: int) -> Sequences:
        """Give a range of users, numbered from 0."""
        here = slice(int(self.user_start[begin]), int(self.user_start[end]))
        return replace(
            self,
            user_start=self.user_start[begin : end + 1] - self.user_start[begin],
            item_row=self.item_row[here],
            epoch_s=self.epoch_s[here],
            weight=self.weight[here],
            event_code=None if self.event_code is None else self.event_code[here],
            context_code=None if self.context_code is None else self.context_code[here],
        )

    def newest(self, count: int) -> Sequences:
        """Keep the newest `count` events of all, ties by place; everything when there are fewer."""
        if len(self.item_row) <= count:
            return self
        mask = np.zeros(len(self.item_row), dtype=bool)
        mask[np.argsort(self.epoch_s, kind="stable")[-count:]] = True
        return self.take_events(mask)

    def some_users(self, event_count: int, seed: int) -> Sequences:
        """Keep as many users, by chance, as have about `event_count` events; all when there are not more."""
        share = event_count / max(len(self.item_row), 1)
        if share >= 1.0:
            return self
        return self.take_users(np.random.default_rng(seed).random(self.user_count) < share)

    def item_counts(self) -> np.ndarray:
        """Add up each item's events by weight: [items] float32."""
        return np.bincount(self.item_row, self.weight, self.item_count).astype(np.float32)


def sequences_of(
    user_row: np.ndarray, item_row: np.ndarray, epoch_s: np.ndarray, item_count: int, user_count: int | None = None
) -> Sequences:
    """Arrange events [events], sorted by user and then by time, as sequences of weight 1."""
    users = int(user_row.max(initial=-1)) + 1 if user_count is None else user_count
    return Sequences(
        user_start=np.searchsorted(user_row, np.arange(users + 1)).astype(np.int64),
        item_row=item_row.astype(np.int32),
        epoch_s=epoch_s.astype(np.int64),
        weight=np.ones(len(item_row), dtype=np.float32),
        item_count=item_count,
    )


def without_echoes(sequences: Sequences) -> Sequences:
    """Make one event of several in a row by one user on one item, at the first's place, with the highest weight.

    An event is an echo when the user's last event on the same item was at most `ECHO_S` seconds before: a click and a
    watch that are logged together, a page view and a like, are one step of the reader. Left as several, they would
    teach every model here that the item just seen comes next.
    """
    echoes = _echoes(sequences) if len(sequences.weight) and np.ptp(sequences.weight) == 0 else None
    if echoes is not None:
        return sequences.take_events(~echoes) if echoes.any() else sequences
    order, is_new = _steps(sequences.user_of_event(), sequences.item_row, sequences.epoch_s)
    starts = np.flatnonzero(is_new)
    if len(starts) == len(order):
        return sequences
    weight = sequences.weight.copy()
    weight[order[starts]] = np.maximum.reduceat(sequences.weight[order], starts)
    mask = np.zeros(len(order), dtype=bool)
    mask[order[starts]] = True
    return replace(sequences, weight=weight).take_events(mask)


def _echoes(sequences: Sequences) -> np.ndarray | None:
    """Mark the echoes [events] bool without sorting; None where too much happens within `ECHO_S` for that."""
    place, epoch_s, item = sequences.place_of_event(), sequences.epoch_s, sequences.item_row
    echoes, later = np.zeros(len(item), dtype=bool), np.arange(len(item))
    for gap in range(1, BURST + 1):
        later = later[place[later] >= gap]
        later = later[epoch_s[later] - epoch_s[later - gap] <= ECHO_S]
        if not len(later):
            return echoes
        echoes[later[item[later] == item[later - gap]]] = True
    return None


def step_places(rows: np.ndarray, epoch_s: np.ndarray) -> np.ndarray:
    """Do the same to one history [events], oldest first: give the places of the events that are no echoes."""
    order, is_new = _steps(np.zeros(len(rows), dtype=np.int32), rows, epoch_s)
    return np.sort(order[is_new])


def _steps(user: np.ndarray, item: np.ndarray, epoch_s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Order events by user, item and time, ties as they came; tell which of them, in that order, begin a step."""
    order = np.lexsort((epoch_s, item, user))
    user, item, epoch_s = user[order], item[order], epoch_s[order]
    is_new = np.ones(len(order), dtype=bool)
    is_new[1:] = (user[1:] != user[:-1]) | (item[1:] != item[:-1]) | (np.diff(epoch_s) > ECHO_S)
    return order, is_new
