"""The data of one dataset group in memory, kept up with the store.

Bulk data is read once per change; streamed events and put records are caught up with before every answer.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from personalize_local.models.coarse import make_ready
from personalize_local.runtime.action_data import ActionData
from personalize_local.runtime.catalogue import Catalogue, catalogue_of
from personalize_local.runtime.filter_masks import FilterMasks
from personalize_local.runtime.histories import Histories
from personalize_local.runtime.impressions import Impressions
from personalize_local.runtime.masks import CompiledFilter, Elements, FilterQuestion
from personalize_local.runtime.served_model import ServedModel
from personalize_local.store.events import StreamedEvent
from personalize_local.store.impression_counts import IMPRESSION
from personalize_local.store.resources import Resource
from personalize_local.store.tables import empty_interactions
from personalize_local.store.workspace import Workspace
from personalize_local.training.artifact import Artifact
from personalize_spec.schemas import DatasetSchema, parse_schema

ModelKey = tuple[str, int]  # ARN and place of creation of a solution version
INTERACTIONS, ITEMS, USERS = "INTERACTIONS", "ITEMS", "USERS"
CHUNK = 1000


@dataclass(frozen=True)
class Signature:
    """What a dataset's bulk data in memory depends on; another signature means reading it again."""

    dataset_arn: str
    seq: int
    schema_arn: str
    generation: int


class GroupData:
    """Catalogue, users and histories of a dataset group, and the models that answer from them.

    Whoever reads or changes them holds `lock`.
    """

    def __init__(self, workspace: Workspace, datasets: Sequence[Resource]) -> None:
        self.lock = threading.RLock()
        self.models: OrderedDict[ModelKey, ServedModel] = OrderedDict()
        self.reading_models = threading.Lock()  # taken before `lock`, never after
        self.streamed_count = 0  # how much had been streamed when it last caught up
        self._workspace = workspace
        self._arn_of = {dataset.body["dataset_type"]: dataset.arn for dataset in datasets}
        self.schemas: Mapping[str, DatasetSchema] = {
            dataset.body["dataset_type"]: _schema(workspace, dataset) for dataset in datasets
        }
        put_seq = workspace.records.last_seq()
        self._put_seq = {ITEMS: put_seq, USERS: put_seq}
        self._event_seq = 0
        self.put_count = 0  # how many records of items have come
        self._actions: ActionData | None = None
        self.items, self.users = self._read_items(), self._read_users()
        self.histories = self._read_histories()
        self.impressions = self._read_impressions()
        self._filter_masks = FilterMasks()
        self.catch_up()

    def __getstate__(self) -> dict[str, Any]:
        """Give what travels to another machine: all but locks, the store and the models; a copy stays as it is."""
        left = {"lock", "reading_models", "models", "_workspace", "_actions", "_filter_masks"}
        return {name: value for name, value in vars(self).items() if name not in left}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        vars(self).update(state)
        self.lock, self.reading_models, self.models = threading.RLock(), threading.Lock(), OrderedDict()
        self._filter_masks = FilterMasks()

    def catch_up(self) -> None:
        """Take in the events and records that came since the last time; models learn from them.

        An item that comes with an event only is in the catalogue from then on, with nothing known of it.
        """
        changed = self._put(ITEMS, self.items)
        self.put_count += len(changed)
        self._put(USERS, self.users)
        if arn := self._arn_of.get(INTERACTIONS):
            self._take(self._workspace.events.scan(arn, self._event_seq))
        for model in self.models.values():
            model.notice(self.items, changed)
        if self._actions is not None:
            self._actions.catch_up()

    @property
    def actions(self) -> ActionData:
        """The group's actions, read when they are asked for first."""
        if self._actions is None:
            self._actions = ActionData(self._workspace, self._arn_of, self.schemas)
        return self._actions

    def mask_of(self, compiled: CompiledFilter, values: Mapping[str, Elements]) -> np.ndarray | None:
        """Give what a filter lets pass: [catalogue] bool; None where that has to be judged for each reader.

        Errors: InvalidInputException for values that are missing or not of the column's type.
        """
        state = (len(self.items), self.put_count)
        return self._filter_masks.mask(compiled, values, state, lambda: self._judged(compiled, values))

    def _judged(self, compiled: CompiledFilter, values: Mapping[str, Elements]) -> np.ndarray:
        return compiled.mask(FilterQuestion(self.items, self.users, self.histories.of(None), values=values))

    def user_record(self, user_id: str | None) -> Mapping[str, object]:
        """Give what is known of a user; an empty record for somebody unknown."""
        row = self.users.row_of.get(user_id) if user_id is not None else None
        return {} if row is None else self.users.record(row)

    def has_action_model(self, version: Resource) -> bool:
        """Tell whether the actions, and a solution version's model of them, have been read."""
        return self._actions is not None and self._actions.has_model(version)

    def find_model(self, key: ModelKey) -> ServedModel | None:
        """Give a model that is there; it counts as used."""
        with self.lock:
            if key in self.models:
                self.models.move_to_end(key)
            return self.models.get(key)

    def add_model(self, key: ModelKey, artifact: Artifact, solution: Mapping[str, Any], limit: int) -> ServedModel:
        """Tie a model's items to the rows of the catalogue; the model used longest ago goes when there are too many."""
        model = self.serve(artifact, solution)
        with self.lock:
            self._teach(model)  # what came in the meantime
            self.models[key] = model
            while len(self.models) > limit:
                self.models.popitem(last=False)
        return model

    def serve(self, artifact: Artifact, solution: Mapping[str, Any]) -> ServedModel:
        """Tie a model's items to the rows of the catalogue, and let it learn from the events since its training."""
        make_ready(artifact.model)
        known = self.items.rows(artifact.item_ids)  # most of the work, and rows stay what they are: without the lock
        with self.lock:
            model = ServedModel(artifact, self.items, solution, known)
        self._teach(model)
        return model

    def _teach(self, model: ServedModel) -> None:
        """Let a model count the events that it has not counted yet."""
        arn = self._arn_of.get(INTERACTIONS)
        events = self._workspace.events.scan(arn, model.event_seq) if arn is not None and model.is_live else []
        for begin in range(0, len(events), CHUNK):  # others may answer meanwhile
            with self.lock:
                model.notice(self.items)
                model.count(events[begin : begin + CHUNK], self.items, self.histories)

    def served_models(self) -> list[tuple[ModelKey, ServedModel]]:
        """Give the models with their keys, the one used last at the end."""
        with self.lock:
            return list(self.models.items())

    def drop_models(self, arn: str) -> None:
        """Let go of a solution version's model."""
        with self.lock:
            for key in [key for key in self.models if key[0] == arn]:
                del self.models[key]

    def _take(self, events: Sequence[StreamedEvent]) -> None:
        """Take events in: first the items that came with them, then the models, which ask for what was before."""
        self.items.ensure(list(dict.fromkeys(event.item_id for event in events if event.item_id is not None)))
        for model in self.models.values():
            model.notice(self.items)
            model.count(events, self.items, self.histories)
        self.histories.add(events)
        for event in events:
            self.impressions.add(event)
        self._event_seq = events[-1].seq if events else self._event_seq

    def _put(self, dataset_type: str, catalogue: Catalogue) -> list[int]:
        """Take records in; give the rows whose record is new."""
        changed = []
        if arn := self._arn_of.get(dataset_type):
            for record in self._workspace.records.scan(arn, self._put_seq[dataset_type]):
                catalogue.put(record.record_id, record.columns)
                changed.append(catalogue.row_of[record.record_id])
                self._put_seq[dataset_type] = record.seq
        return changed

    def _read_items(self) -> Catalogue:
        schema = self.schemas.get(ITEMS)
        table = self._workspace.datasets.read_items(self._arn_of[ITEMS], schema) if schema else None
        return catalogue_of(schema, table)

    def _read_users(self) -> Catalogue:
        schema = self.schemas.get(USERS)
        table = self._workspace.datasets.read_users(self._arn_of[USERS], schema) if schema else None
        return catalogue_of(schema, table)

    def _read_histories(self) -> Histories:
        schema = self.schemas.get(INTERACTIONS)
        if schema is None:
            return Histories(empty_interactions(), self.items)
        arn = self._arn_of[INTERACTIONS]
        return Histories(self._workspace.datasets.read_interactions(arn, schema, streamed=False), self.items)

    def _read_impressions(self) -> Impressions:
        schema = self.schemas.get(INTERACTIONS)
        if schema is None or schema.field(IMPRESSION) is None:
            return Impressions(self.items)
        return Impressions(self.items, self._workspace.datasets.count_impressions(self._arn_of[INTERACTIONS]))


def signatures(workspace: Workspace, datasets: Sequence[Resource]) -> tuple[Signature, ...]:
    """Give what the bulk data of the datasets is at now."""
    return tuple(
        Signature(dataset.arn, dataset.seq, dataset.body["schema_arn"], workspace.datasets.generation(dataset.arn))
        for dataset in datasets
    )


def _schema(workspace: Workspace, dataset: Resource) -> DatasetSchema:
    schema = workspace.resources.get(dataset.body["schema_arn"])
    assert schema is not None  # a schema in use cannot be deleted
    return parse_schema(schema.body["schema"])
