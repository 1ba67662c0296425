"""The actions of a dataset group in memory, and what every user did with them; kept up like the items."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from personalize_local.runtime.catalogue import Catalogue, catalogue_of
from personalize_local.runtime.histories import Histories
from personalize_local.store.resources import Resource
from personalize_local.store.tables import InteractionTable, empty_interactions
from personalize_local.store.workspace import Workspace
from personalize_local.training.artifact import Artifact
from personalize_spec.limits import FILTER_RECENT_ACTION_INTERACTIONS
from personalize_spec.outcomes import outcome_of
from personalize_spec.schemas import DatasetSchema

ACTIONS, ACTION_INTERACTIONS = "ACTIONS", "ACTION_INTERACTIONS"
MODEL_LIMIT = 8


class ActionData:
    """Actions, their histories, and the models that score them. Whoever uses it holds the group's lock."""

    def __init__(self, workspace: Workspace, arn_of: Mapping[str, str], schemas: Mapping[str, DatasetSchema]) -> None:
        self._workspace = workspace
        self._arn_of = arn_of
        self._put_seq = workspace.records.last_seq()
        self._event_seq = 0
        self._models: OrderedDict[tuple[str, int], tuple[Artifact, np.ndarray]] = OrderedDict()
        actions = schemas.get(ACTIONS)
        table = workspace.datasets.read_actions(arn_of[ACTIONS], actions) if actions else None
        self.actions: Catalogue = catalogue_of(actions, table)
        self.listed: set[str] = set(self.actions.ids)  # those with a record; others are known from interactions only
        recent = FILTER_RECENT_ACTION_INTERACTIONS
        self.histories = Histories(self._interactions(schemas), self.actions, recent_limit=recent)
        self.catch_up()

    def catch_up(self) -> None:
        """Take in the actions and interactions that came since the last time."""
        if arn := self._arn_of.get(ACTION_INTERACTIONS):
            events = self._workspace.events.scan(arn, self._event_seq)
            self.histories.add(events)
            self._event_seq = events[-1].seq if events else self._event_seq
        if arn := self._arn_of.get(ACTIONS):
            for record in self._workspace.records.scan(arn, self._put_seq):
                self.actions.put(record.record_id, record.columns)
                self.listed.add(record.record_id)
                self._put_seq = record.seq

    def has_model(self, version: Resource) -> bool:
        """Tell whether a solution version's model has been read."""
        return (version.arn, version.seq) in self._models

    def model(self, version: Resource, load: Callable[[], Artifact]) -> tuple[Artifact, np.ndarray]:
        """Give a solution version's model, and the catalogue's row of each of its actions."""
        key = (version.arn, version.seq)
        if key not in self._models:
            artifact = load()
            self._models[key] = (artifact, self.actions.ensure(artifact.item_ids))
        self._models.move_to_end(key)
        if len(self._models) > MODEL_LIMIT:
            self._models.popitem(last=False)
        return self._models[key]

    def _interactions(self, schemas: Mapping[str, DatasetSchema]) -> InteractionTable:
        schema = schemas.get(ACTION_INTERACTIONS)
        if schema is None:
            return empty_interactions()
        arn = self._arn_of[ACTION_INTERACTIONS]
        table = self._workspace.datasets.read_action_interactions(arn, schema, streamed=False)
        return replace(table, event_types=tuple(outcome_of(name) or name for name in table.event_types))
