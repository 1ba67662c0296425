"""A trained model, with its items tied to the rows of the catalogue, and what it learns while it is served."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from personalize_local.models.coarse import CoarseScores, coarse_scores_of
from personalize_local.models.query import Query, block_scores_of
from personalize_local.runtime.catalogue import Catalogue
from personalize_local.runtime.cost import Cost
from personalize_local.runtime.event_weights import event_weights_of
from personalize_local.runtime.histories import Histories, History
from personalize_local.store.events import StreamedEvent
from personalize_local.training.artifact import Artifact

if TYPE_CHECKING:
    from personalize_local.runtime.live_model import LiveModel
    from personalize_local.runtime.live_similarity import Companions, LiveSimilarity, SimilarityView
    from personalize_local.runtime.live_trending import LiveTrending, TrendingView
    from personalize_local.runtime.live_view import Followers, LiveView

UNKNOWN = -1
RECENT = 15


@dataclass(frozen=True)
class Asked:
    """A question to a model, with all that is needed from data that others change.

    Shapes: rows [events], the history with arrivals, oldest first.
    """

    query: Query
    rows: np.ndarray
    view: LiveView | TrendingView | SimilarityView | None = None
    followers: Followers | Companions | None = None


class ServedModel:
    """Scores the items of a solution version for readers of the dataset group.

    Whoever calls it, but for `scores`, holds the lock of the group's data.
    Args: known: what the catalogue's `rows` gave for the artifact's items a moment ago, to save the time.
    Shapes: catalogue_row [items of the model, then arrivals], the catalogue's row of each.
    """

    def __init__(
        self,
        artifact: Artifact,
        catalogue: Catalogue,
        solution: Mapping[str, Any],
        known: np.ndarray | None = None,
    ) -> None:
        self.artifact = artifact
        self._weights = event_weights_of(solution)
        self.catalogue_row = catalogue.ensure(artifact.item_ids, known)
        self.item_count = len(self.catalogue_row)
        self._model_row = np.full(len(catalogue), UNKNOWN, dtype=np.int32)  # [catalogue]
        self._model_row[self.catalogue_row] = np.arange(self.item_count, dtype=np.int32)
        self._unknown = np.empty(0, dtype=np.int64)
        self._event_codes: dict[int, np.ndarray] = {}
        self._live = _live_model(artifact)
        self._noticed = 0
        self.event_seq = 0  # the place in the log of the last event counted
        self.young: tuple[tuple[int, int, int, float], np.ndarray] | None = None  # see young_items.py
        self.cost = Cost()
        self.notice(catalogue)

    @property
    def is_live(self) -> bool:
        """Whether events change what it says to everybody."""
        return self._live is not None

    def model_rows(self, catalogue_rows: np.ndarray) -> np.ndarray:
        """Give the rows of catalogue rows, those of arrivals too; -1 for items it does not know."""
        known = (catalogue_rows >= 0) & (catalogue_rows < len(self._model_row))
        rows = np.full(len(catalogue_rows), UNKNOWN, dtype=np.int32)
        rows[known] = self._model_row[catalogue_rows[known]]
        return rows

    def unknown_rows(self, catalogue_size: int) -> np.ndarray:
        """Give the catalogue's rows that the training did not know: [rows], ascending."""
        if len(self._unknown) != catalogue_size - self.item_count:
            known = np.zeros(catalogue_size, dtype=bool)
            known[self.catalogue_row[: self.item_count]] = True
            self._unknown = np.flatnonzero(~known)
        return self._unknown

    def notice(self, catalogue: Catalogue, changed: Iterable[int] = ()) -> None:
        """Take in that the catalogue has grown, and that records of rows have changed."""
        if self._live is None:
            return
        for row in changed:
            if row < self._noticed and self._model_row[row] >= self.item_count:
                self._live.describe(int(self._model_row[row]), catalogue.record(row))
        if len(catalogue) > self._noticed:
            grown = np.full(len(catalogue), UNKNOWN, dtype=np.int32)
            grown[: len(self._model_row)] = self._model_row
            new = self._noticed + np.flatnonzero(grown[self._noticed :] == UNKNOWN)[::-1]  # the last ones first
            taken = new[: self._live.add_arrivals([catalogue.record(row) for row in new.tolist()])]
            grown[taken] = len(self.catalogue_row) + np.arange(len(taken), dtype=np.int32)
            self.catalogue_row = np.append(self.catalogue_row, taken.astype(self.catalogue_row.dtype))
            self._model_row, self._noticed = grown, len(catalogue)

    def count(self, events: Iterable[StreamedEvent], catalogue: Catalogue, histories: Histories) -> None:
        """Count events newer than the training, for everybody's answers; each once, however often it is given."""
        if self._live is None:
            return
        for event in events:
            if event.seq <= self.event_seq:
                continue
            self.event_seq = event.seq
            weight = self._weights.of(event.event_type, event.event_value)
            row = self._row_of(event.item_id, catalogue)
            if row != UNKNOWN and weight > 0 and self._live.is_newer(event.sent_at_epoch_s):
                reader_id = event.user_id or event.session_id
                self._live.add_event(
                    reader_id, row, weight, event.sent_at_epoch_s, lambda event=event: self._past(event, histories)
                )

    def asked(
        self,
        history: History,
        item_row: int,
        now_epoch_s: int,
        context: Mapping[str, str] | None = None,
        user: Mapping[str, object] | None = None,
    ) -> Asked:
        """Prepare a question.

        Args: item_row: the catalogue's row of the request's item, -1 for none. user: the user's record.
        """
        relevant = self._relevant(history)
        rows = self.model_rows(relevant.item_row)
        known = (rows != UNKNOWN) & (rows < self.item_count)
        item = UNKNOWN if item_row == UNKNOWN else int(self.model_rows(np.array([item_row]))[0])
        query = Query(
            history_rows=rows[known],
            history_epoch_s=relevant.epoch_s[known],
            item_row=None if item == UNKNOWN else item,
            now_epoch_s=now_epoch_s,
            history_event=self._codes(relevant)[known] if self.artifact.vocabulary.event_types else None,
            context=context or {},
            user=user or {},
        )
        rows = rows[rows != UNKNOWN]
        if self._live is None:
            return Asked(query, rows)
        return Asked(query, rows, self._live.view(), self._live.followers(without_echoes(rows), query.item_row))

    def scores(self, asked: Asked) -> np.ndarray:
        """Score every item of the model, and the arrivals there were when it was asked: [items + arrivals] float32."""
        if asked.view is None:
            return self.artifact.model.scores(asked.query)
        return asked.view.scores(asked.query, asked.rows, asked.followers)

    def coarse_scores(self, asked: Asked) -> CoarseScores:
        """Give the same at a first look, with what is needed for the exact scores of some items."""
        if asked.view is None:
            return coarse_scores_of(self.artifact.model, asked.query)
        return asked.view.coarse_scores(asked.query, asked.rows, asked.followers)

    def block_scores(self, asked: Sequence[Asked]) -> np.ndarray:
        """Give the scores of questions that were asked with no event between: [questions, items + arrivals] float32."""
        view = asked[0].view
        if view is None:
            return block_scores_of(self.artifact.model, [each.query for each in asked])
        scores = view.block_scores([each.query for each in asked])
        rows = zip(scores, asked, strict=True)
        return np.stack([view.with_live(row, each.query, each.rows, each.followers) for row, each in rows])

    def _row_of(self, item_id: str | None, catalogue: Catalogue) -> int:
        row = catalogue.row_of.get(item_id, UNKNOWN) if item_id is not None else UNKNOWN
        return int(self.model_rows(np.array([row]))[0])

    def _past(self, event: StreamedEvent, histories: Histories) -> list[int]:
        """Give what a reader turned to before an event, oldest first."""
        history = self._relevant(histories.of(event.user_id or event.session_id))
        before = history.item_row[history.epoch_s < event.sent_at_epoch_s][-RECENT:]
        rows = self.model_rows(before)
        return rows[rows != UNKNOWN].tolist()

    def _codes(self, history: History) -> np.ndarray:
        """Give the events' types in the words of the training: [events] int16."""
        codes = self._event_codes.get(len(history.type_codes))
        if codes is None:
            names = np.array([*history.type_codes, ""], dtype=object)  # the last one is what -1 finds
            codes = self._event_codes[len(history.type_codes)] = self.artifact.vocabulary.event_codes(names)
        return codes[history.type_code]

    def _relevant(self, history: History) -> History:
        """Give the events of the kinds the model was trained on (inferred: others mean nothing to it)."""
        if not self._weights.types:
            return history
        keep = np.zeros(len(history), dtype=bool)
        for event_type, (threshold, _) in self._weights.types.items():
            of_type = history.type_code == history.type_codes.get(event_type, len(history.type_codes))
            keep |= of_type if threshold is None else of_type & (history.value >= threshold)
        return history.where(keep)


def without_echoes(rows: np.ndarray) -> np.ndarray:
    """Keep the first of events on one item that follow each other: [events] rows."""
    return rows[np.flatnonzero(np.diff(rows, prepend=UNKNOWN - 1))] if len(rows) else rows


def _live_model(artifact: Artifact) -> LiveModel | LiveTrending | LiveSimilarity | None:
    """Give the live side of a blend, of what trends, or of similar items; other models stay as they were trained."""
    from personalize_local.models.blend import Blend  # late: SciPy comes with it
    from personalize_local.models.item_similarity import ItemSimilarity
    from personalize_local.models.trending import Trending
    from personalize_local.runtime.live_model import LiveModel
    from personalize_local.runtime.live_similarity import LiveSimilarity
    from personalize_local.runtime.live_trending import LiveTrending

    if isinstance(artifact.model, Trending):
        return LiveTrending(artifact.model)
    if isinstance(artifact.model, ItemSimilarity):
        return LiveSimilarity(artifact.model, artifact.content)
    return LiveModel(artifact) if isinstance(artifact.model, Blend) else None
