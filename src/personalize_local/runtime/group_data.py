"""The data of one dataset group in memory, kept up with the store.

Bulk data is read once per change; streamed events and put records are caught up with before every answer.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from personalize_local.runtime.catalogue import Catalogue, catalogue_of
from personalize_local.runtime.histories import Histories
from personalize_local.runtime.served_model import ServedModel
from personalize_local.store.resources import Resource
from personalize_local.store.tables import empty_interactions
from personalize_local.store.workspace import Workspace
from personalize_spec.schemas import DatasetSchema, parse_schema

INTERACTIONS, ITEMS, USERS = "INTERACTIONS", "ITEMS", "USERS"


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
        self.models: OrderedDict[tuple[str, int], ServedModel] = OrderedDict()  # by ARN and place of creation
        self._workspace = workspace
        self._arn_of = {dataset.body["dataset_type"]: dataset.arn for dataset in datasets}
        self.schemas: Mapping[str, DatasetSchema] = {
            dataset.body["dataset_type"]: _schema(workspace, dataset) for dataset in datasets
        }
        put_seq = workspace.records.last_seq()
        self._put_seq = {ITEMS: put_seq, USERS: put_seq}
        self._event_seq = 0
        self.items, self.users = self._read_items(), self._read_users()
        self.histories = self._read_histories()
        self.catch_up()

    def catch_up(self) -> None:
        """Take in the events and records that came since the last time."""
        if arn := self._arn_of.get(INTERACTIONS):
            events = self._workspace.events.scan(arn, self._event_seq)
            self.histories.add(events)
            self._event_seq = events[-1].seq if events else self._event_seq
        self._put(ITEMS, self.items)
        self._put(USERS, self.users)

    def _put(self, dataset_type: str, catalogue: Catalogue) -> None:
        if arn := self._arn_of.get(dataset_type):
            for record in self._workspace.records.scan(arn, self._put_seq[dataset_type]):
                catalogue.put(record.record_id, record.columns)
                self._put_seq[dataset_type] = record.seq

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
