"""What each reader did: bulk data as arrays, streamed events on top, live.

Rule 1: an event counts from the next request on, with or without a user.
Rule 2: events without a user belong to their session: to the requests that name the session as the user, and to the
    first user who appears in the session.

Source: contract §6.4. On AWS the link of Rule 2 waits for the next training; here it works at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from personalize_local.runtime.catalogue import Catalogue
from personalize_local.runtime.impressions import counted
from personalize_local.store.events import StreamedEvent
from personalize_local.store.interaction_reader import distinct_events
from personalize_local.store.tables import InteractionTable
from personalize_spec.limits import FILTER_RECENT_INTERACTIONS

NO_TYPE = -1


@dataclass(frozen=True)
class LiveEvent:
    """A streamed event, as little of it as requests need."""

    item_id: str
    epoch_s: int
    type_code: int
    value: float


@dataclass(frozen=True)
class History:
    """The events of one reader, oldest first, with items of the catalogue only.

    Shapes: all arrays [events]. type_code is an index into type_codes' values, -1 for no type.
    """

    item_row: np.ndarray  # [events] int32, catalogue rows
    epoch_s: np.ndarray  # [events] int64
    type_code: np.ndarray  # [events] int16
    value: np.ndarray  # [events] float32, NaN for none
    type_codes: dict[str, int]  # event type in lower case → code
    recent_limit: int = FILTER_RECENT_INTERACTIONS

    def __len__(self) -> int:
        return len(self.item_row)

    def touched(self, types: Collection[str] | None, *, negated: bool = False) -> np.ndarray:
        """Give the rows of items with an event of the types, None for any; negated, with one of another type.

        Only the last events of each type count, 100 of them for items, 300 for actions; letter case of types does not
        matter. Source: contract §6.6, §7.2.
        """
        recent = self._recent
        if types is not None:
            codes = [self.type_codes[each.lower()] for each in types if each.lower() in self.type_codes]
            of_types = np.isin(self.type_code[recent], codes)
            recent = recent[~of_types if negated else of_types]
        elif negated:
            recent = recent[:0]
        return np.unique(self.item_row[recent])

    def where(self, keep: np.ndarray) -> History:
        """Give the part of the history that is marked."""
        arrays = (self.item_row, self.epoch_s, self.type_code, self.value)
        return History(*(array[keep] for array in arrays), self.type_codes, self.recent_limit)

    @cached_property
    def _recent(self) -> np.ndarray:
        """The places of the last events of each type."""
        places = [np.flatnonzero(self.type_code == code)[-self.recent_limit :] for code in set(self.type_code)]
        return np.concatenate(places) if places else np.empty(0, dtype=np.int64)


class Histories:
    """The histories of all readers of a dataset group."""

    def __init__(
        self, table: InteractionTable, catalogue: Catalogue, *, recent_limit: int = FILTER_RECENT_INTERACTIONS
    ) -> None:
        self._recent_limit = recent_limit
        self._table = table
        self._catalogue = catalogue
        self._item_row = catalogue.ensure(table.item_ids)  # [items of the table] → catalogue rows
        self._type_codes: dict[str, int] = {}
        codes = [self._code(name) for name in table.event_types]
        self._type_code = np.array([*codes, NO_TYPE], dtype=np.int16)  # the last one is what -1 finds
        self._starts = np.searchsorted(table.user_row, np.arange(len(table.user_ids) + 1))  # [users + 1]
        self._by_user: defaultdict[str, list[LiveEvent]] = defaultdict(list)
        self._by_session: defaultdict[str, list[LiveEvent]] = defaultdict(list)
        self._user_of: dict[str, str] = {}
        self._sessions_of: defaultdict[str, list[str]] = defaultdict(list)
        self._live_first: dict[str, int] = {}  # item → time of its oldest streamed event
        self.newest_epoch_s = int(table.timestamp_epoch_s.max()) if len(table) else 0

    def add(self, events: Iterable[StreamedEvent]) -> None:
        """Take streamed events in, in their order of arrival."""
        for event in events:
            if event.user_id is not None and event.session_id not in self._user_of:
                self._user_of[event.session_id] = event.user_id
                self._sessions_of[event.user_id].append(event.session_id)
            if event.item_id is not None:
                self._owner(event).append(self._live(event))
                first = self._live_first.get(event.item_id, event.sent_at_epoch_s)
                self._live_first[event.item_id] = min(first, event.sent_at_epoch_s)
                self.newest_epoch_s = max(self.newest_epoch_s, event.sent_at_epoch_s)

    def bulk_counts(self, rows: np.ndarray) -> np.ndarray:
        """Count the events of items in the bulk data: rows of the catalogue [rows]; gives [rows]."""
        return counted(self._counts, rows)

    def first_epoch_s(self, rows: np.ndarray) -> np.ndarray:
        """Give the times of the oldest events of items, infinity for items without one: [rows] float64."""
        known = rows < len(self._first)
        found = np.where(known, self._first[np.where(known, rows, 0)], np.inf) if len(self._first) else rows + np.inf
        live = (self._live_first.get(self._catalogue.ids[row], np.inf) for row in rows.tolist())
        return np.minimum(found, np.fromiter(live, dtype=np.float64, count=len(rows)))

    @cached_property
    def _first(self) -> np.ndarray:
        first = np.full(int(self._item_row.max(initial=-1)) + 1, np.inf)
        np.minimum.at(first, self._item_row[self._table.item_row], self._table.timestamp_epoch_s)
        return first

    @cached_property
    def _counts(self) -> np.ndarray:
        return np.bincount(self._item_row[self._table.item_row])

    def of(self, reader_id: str | None) -> History:
        """Give the history of a user, or of a session; an empty one for somebody unknown."""
        if reader_id is None:
            return self._history(slice(0, 0), [])
        live = [*self._by_user.get(reader_id, ()), *self._by_session.get(reader_id, ())]
        for session_id in self._sessions_of.get(reader_id, ()):
            if session_id != reader_id:
                live.extend(self._by_session.get(session_id, ()))
        return self._history(self._bulk_slice(reader_id), live)

    def _owner(self, event: StreamedEvent) -> list[LiveEvent]:
        return self._by_session[event.session_id] if event.user_id is None else self._by_user[event.user_id]

    def _live(self, event: StreamedEvent) -> LiveEvent:
        value = np.nan if event.event_value is None else event.event_value
        return LiveEvent(event.item_id or "", event.sent_at_epoch_s, self._code(event.event_type), value)

    def _code(self, event_type: str) -> int:
        return self._type_codes.setdefault(event_type.lower(), len(self._type_codes))

    def _bulk_slice(self, user_id: str) -> slice:
        user_ids = self._table.user_ids
        row = int(np.searchsorted(user_ids, user_id)) if len(user_ids) else 0
        if row == len(user_ids) or user_ids[row] != user_id:
            return slice(0, 0)
        return slice(int(self._starts[row]), int(self._starts[row + 1]))

    def _history(self, bulk: slice, live: list[LiveEvent]) -> History:
        table = self._table
        values = table.event_value[bulk] if table.event_value is not None else np.full(bulk.stop - bulk.start, np.nan)
        history = History(
            self._item_row[table.item_row[bulk]],
            table.timestamp_epoch_s[bulk],
            self._type_code[table.event_type[bulk]],
            values,
            self._type_codes,
            self._recent_limit,
        )
        return self._with_live(history, live) if live else history

    def _with_live(self, history: History, live: list[LiveEvent]) -> History:
        """Put live events in their place by time; one that the bulk data has too counts once."""
        rows = np.append(history.item_row, self._catalogue.rows(event.item_id for event in live))
        epoch_s = np.append(history.epoch_s, np.array([event.epoch_s for event in live], dtype=np.int64))
        codes = np.append(history.type_code, np.array([event.type_code for event in live], dtype=np.int16))
        values = np.append(history.value, np.array([event.value for event in live], dtype=np.float32))
        order = np.argsort(epoch_s, kind="stable")
        order = order[rows[order] >= 0]
        rows, epoch_s, codes, values = (array[order] for array in (rows, epoch_s, codes, values))
        merged = History(rows, epoch_s, codes, values, self._type_codes, self._recent_limit)
        return merged.where(distinct_events(np.zeros_like(rows), epoch_s, rows, codes))
