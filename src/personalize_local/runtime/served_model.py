"""A trained model, with its items tied to the rows of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from personalize_local.models.query import Query
from personalize_local.runtime.catalogue import Catalogue
from personalize_local.runtime.cost import Cost
from personalize_local.runtime.histories import History
from personalize_local.training.artifact import Artifact

UNKNOWN = -1


class ServedModel:
    """Scores the items of a solution version for readers of the dataset group.

    Args: known: what the catalogue's `rows` gave for the artifact's items a moment ago, to save the time.
    Shapes: catalogue_row [items of the model], the catalogue's row of each.
    """

    def __init__(
        self,
        artifact: Artifact,
        catalogue: Catalogue,
        solution: Mapping[str, Any],
        known: np.ndarray | None = None,
    ) -> None:
        self.artifact = artifact
        self._events = trained_events(solution)
        self.catalogue_row = catalogue.ensure(artifact.item_ids, known)  # [model items]
        self._model_row = np.full(len(catalogue), UNKNOWN, dtype=np.int32)  # [catalogue]
        self._model_row[self.catalogue_row] = np.arange(len(self.catalogue_row), dtype=np.int32)
        self._unknown = np.empty(0, dtype=np.int64)
        self.cost = Cost()

    def model_rows(self, catalogue_rows: np.ndarray) -> np.ndarray:
        """Give the model's rows of catalogue rows, -1 for items it does not know."""
        known = (catalogue_rows >= 0) & (catalogue_rows < len(self._model_row))
        rows = np.full(len(catalogue_rows), UNKNOWN, dtype=np.int32)
        rows[known] = self._model_row[catalogue_rows[known]]
        return rows

    def unknown_rows(self, catalogue_size: int) -> np.ndarray:
        """Give the catalogue's rows that the model does not know: [rows], ascending."""
        if len(self._unknown) != catalogue_size - len(self.catalogue_row):
            known = np.zeros(catalogue_size, dtype=bool)
            known[self.catalogue_row] = True
            self._unknown = np.flatnonzero(~known)
        return self._unknown

    def scores(self, history: History, item_row: int, now_epoch_s: int) -> np.ndarray:
        """Score every item of the model: [model items] float32.

        Args: item_row: the catalogue's row of the request's item, -1 for none.
        """
        relevant = self._relevant(history)
        rows = self.model_rows(relevant.item_row)
        known = rows != UNKNOWN
        item = int(self.model_rows(np.array([item_row]))[0])
        query = Query(
            history_rows=rows[known],
            history_epoch_s=relevant.epoch_s[known],
            item_row=None if item == UNKNOWN else item,
            now_epoch_s=now_epoch_s,
        )
        return self.artifact.model.scores(query)

    def _relevant(self, history: History) -> History:
        """Give the events of the kinds the model was trained on (inferred: others mean nothing to it)."""
        if not self._events:
            return history
        keep = np.zeros(len(history), dtype=bool)
        for event_type, threshold in self._events.items():
            of_type = history.type_code == history.type_codes.get(event_type, len(history.type_codes))
            keep |= of_type if threshold is None else of_type & (history.value >= threshold)
        return history.where(keep)


def trained_events(solution: Mapping[str, Any]) -> dict[str, float | None]:
    """Give the event types, in lower case, that a solution trains on, with the least value of each; empty for all.

    Source: contract §4.3.
    """
    config = solution.get("solution_config", {})
    listed = config.get("events_config", {}).get("event_parameters_list", [])
    if listed:
        return {each["event_type"].lower(): each.get("event_value_threshold") for each in listed}
    if "event_type" not in solution:
        return {}
    threshold = config.get("event_value_threshold")
    return {solution["event_type"].lower(): None if threshold is None else float(threshold)}
