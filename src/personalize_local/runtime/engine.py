"""What answers stand on: data per dataset group, models per solution version, compiled filters.

request ─▶ group_data(arn) ── same signatures? ── yes ─▶ catch up with events and records, if there were any
                                              └── no ──▶ read the bulk data again
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np

from personalize_local.jobs.service import Service
from personalize_local.runtime.group_data import GroupData, Signature, signatures
from personalize_local.runtime.masks import CompiledFilter, compile_filter
from personalize_local.runtime.served_model import ServedModel
from personalize_local.store.resources import Resource
from personalize_local.training.artifact import Artifact, load_artifact
from personalize_spec.filters import parse_filter

MODEL_LIMIT = 8
FILTER_LIMIT = 256


class Engine:
    """Caches of the runtime. Imports, trainings, events and records show in the next answer.

    Args: rng: where exploration and promotions get their random positions; seed it for repeatable answers.
        load: how a solution version's artifact is read from its folder.
    """

    def __init__(
        self,
        service: Service,
        rng: np.random.Generator | None = None,
        load: Callable[[Path], Artifact] = load_artifact,
    ) -> None:
        self.service = service
        self._load = load
        self.rng = rng if rng is not None else np.random.default_rng()
        self._lock = threading.Lock()  # taken before any GroupData.lock, never after
        self._counting = threading.Lock()
        self._groups: dict[str, tuple[tuple[Signature, ...], GroupData]] = {}
        self._streamed: Counter[str] = Counter()  # dataset ARN → how often something was streamed to it
        self._caught_up: dict[str, int] = {}  # group ARN → the same, when its data was last caught up
        self.compiled_filter = lru_cache(FILTER_LIMIT)(_compiled)
        service.workspace.events.subscribe(self._notice)
        service.workspace.records.subscribe(self._notice)

    def group_data(self, group_arn: str) -> GroupData:
        """Give the data of a dataset group as it is now."""
        workspace = self.service.workspace
        datasets = workspace.resources.list("dataset", parent_arn=group_arn)
        with self._lock:
            streamed = sum(self._streamed[dataset.arn] for dataset in datasets)
            current = signatures(workspace, datasets)
            known = self._groups.get(group_arn)
            if known is not None and known[0] == current:
                data = known[1]
                if self._caught_up[group_arn] != streamed:
                    with data.lock:
                        data.catch_up()
            else:
                data = GroupData(workspace, datasets)
                self._groups[group_arn] = (current, data)
                workspace.datasets.collect()
            self._caught_up[group_arn] = streamed
            return data

    def model(self, version: Resource, data: GroupData) -> ServedModel:
        """Give the model of a solution version, tied to the group's data; the last few used are kept."""
        key = (version.arn, version.seq)
        with data.lock:
            if key not in data.models:
                artifact = self._load(self.service.workspace.artifacts.folder(version.arn))
                data.models[key] = ServedModel(artifact, data.items, version.body)
            data.models.move_to_end(key)
            if len(data.models) > MODEL_LIMIT:
                data.models.popitem(last=False)
            return data.models[key]

    def _notice(self, dataset_arn: str) -> None:
        with self._counting:
            self._streamed[dataset_arn] += 1


def _compiled(expression: str) -> CompiledFilter:
    return compile_filter(parse_filter(expression))
