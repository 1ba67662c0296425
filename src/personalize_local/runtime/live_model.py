"""A blend as it goes on learning while it is served: live counts, live pairs, arrivals.

event ─▶ add ─▶ counts, pairs          record ─▶ notice ─▶ arrivals
request ─▶ view (under the group's lock) ─▶ scores (without it)

What is live is not kept: events are durable, and at the next start those newer than the training are counted again. An
event with an earlier time than the newest one of the training counts from the next training on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from personalize_local.models.blend import Blend
from personalize_local.runtime.arrivals import MAX_ARRIVALS, Describer, Ties, describer_of, no_ties
from personalize_local.runtime.live_counts import LiveCounts
from personalize_local.runtime.live_pairs import LivePairs
from personalize_local.runtime.live_view import Followers, LiveView, followers_of
from personalize_local.training.artifact import Artifact

Past = Callable[[], Sequence[int]]


class LiveModel:
    """The live side of one model. Whoever uses it holds the lock of the group's data.

    Rows are the model's, and go on with those of the arrivals, in the order in which they came.
    """

    def __init__(self, artifact: Artifact) -> None:
        blend: Blend = artifact.model
        self.item_count = len(blend.prior)
        self._counts = LiveCounts(blend)
        self._pairs = LivePairs()
        self._describer: Describer | None = describer_of(artifact.content, blend)
        self._ties: Ties = no_ties(0)
        self._waiting: dict[int, Mapping[str, object]] = {}  # place of an arrival → its record, not yet looked at
        self._view: LiveView | None = None

    @property
    def arrival_count(self) -> int:
        """How many arrivals there are."""
        return len(self._ties)

    def is_newer(self, epoch_s: int) -> bool:
        """Tell whether an event of this time is newer than the training."""
        return epoch_s > self._counts.trained_until_epoch_s

    def add_event(self, reader_id: str, row: int, weight: float, epoch_s: int, past: Past) -> None:
        """Count an event newer than the training, unless it repeats the reader's last one.

        Args: past: gives what the reader turned to before, oldest first.
        """
        if not self._pairs.knows(reader_id):
            self._pairs.begin(reader_id, past())
        if self._pairs.is_echo(reader_id, row):
            return
        self._counts.add(row, weight, epoch_s)
        self._pairs.add(reader_id, row, weight)
        self._view = None

    def add_arrivals(self, records: Sequence[Mapping[str, object]]) -> int:
        """Take items in that the model does not know; those beyond 20,000 have no score. Gives how many it took."""
        taken = records[: MAX_ARRIVALS - self.arrival_count]
        begin = self.arrival_count
        if taken:
            self._ties = self._tied(taken) if not begin else self._ties.plus(self._tied(taken))
            self._view = None
        return len(taken)

    def describe(self, row: int, record: Mapping[str, object]) -> None:
        """Take in that an arrival's record has changed."""
        self._waiting[row - self.item_count] = record
        self._view = None

    def view(self) -> LiveView:
        """Give the model as it is now; what was given before stays as it was."""
        if self._view is None:
            for place, record in self._waiting.items():
                self._ties = self._ties.replaced(place, self._tied([record]))
            self._waiting = {}
            shares = self._counts.shares()
            events = self._counts.count_of(self.item_count + np.arange(self.arrival_count))
            self._view = LiveView(self._counts.blend, shares, self._ties, events, self._counts.floor())
        return self._view

    def followers(self, rows: np.ndarray, item_row: int | None = None) -> Followers | None:
        """Give what came after a history's items lately: rows [events], oldest first, without echoes."""
        return followers_of(self._pairs, rows, self._counts.blend, self._counts.count_of)

    def _tied(self, records: Sequence[Mapping[str, object]]) -> Ties:
        return self._describer.ties(records) if self._describer is not None else no_ties(len(records))
