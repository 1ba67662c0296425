"""What answers stand on: data per dataset group, models per solution version, compiled filters.

request ─▶ group_data(arn) ── same signatures? ── yes ─▶ catch up with events and records, if there were any
                                              └── no ──▶ read the bulk data again, aside (see group_slot.py)
"""

from __future__ import annotations

import copy
import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np

from personalize_local.jobs.service import Service
from personalize_local.runtime.group_data import GroupData, signatures
from personalize_local.runtime.group_slot import GroupSlot
from personalize_local.runtime.masks import CompiledFilter, compile_filter
from personalize_local.runtime.policy_log import PolicyLog
from personalize_local.runtime.served_model import ServedModel
from personalize_local.store.resources import Resource
from personalize_local.training.artifact import Artifact, load_artifact
from personalize_spec.errors import ServiceUnavailable
from personalize_spec.filters import parse_filter

MODEL_LIMIT = 8
FILTER_LIMIT = 256
READER_THREADS = 4

logger = logging.getLogger(__name__)


class NotAtHandError(Exception):
    """The answer has to wait for something, and who asks has said not to wait."""


class CostlyAnswerError(NotAtHandError):
    """All that the answer stands on is there, but to compute it takes long."""


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
        self.policy_log = PolicyLog(service.workspace.data_dir / "policy-log", is_on=service.settings.policy_log)
        self.rng = rng if rng is not None else np.random.default_rng()
        self._may_wait = True
        self._lock = threading.Lock()
        self._slots: dict[str, GroupSlot] = {}
        self._streamed: Counter[str] = Counter()  # dataset ARN → how often something was streamed to it
        self._readers = ThreadPoolExecutor(READER_THREADS, thread_name_prefix="personalize-reader")
        self.compiled_filter = lru_cache(FILTER_LIMIT)(_compiled)
        service.workspace.events.subscribe(self._notice)
        service.workspace.records.subscribe(self._notice)
        service.workspace.resources.subscribe(self._forget)

    def at_hand(self) -> Engine:
        """Give this engine as one uses it who must not wait: what takes long raises NotAtHandError instead."""
        quick = copy.copy(self)  # with the same caches
        quick._may_wait = False
        return quick

    def check_may_wait(self) -> None:
        """Do nothing where one may wait.

        Errors: NotAtHandError.
        """
        if not self._may_wait:
            raise NotAtHandError

    def group_data(self, group_arn: str) -> GroupData:
        """Give the data of a dataset group as it is now, or as it was while much has changed and is being read.

        Errors: NotAtHandError.
        """
        workspace = self.service.workspace
        datasets = workspace.resources.list("dataset", parent_arn=group_arn)
        with self._lock:
            streamed = sum(self._streamed[dataset.arn] for dataset in datasets)
            slot = self._slots.setdefault(group_arn, GroupSlot())

        def read(old: GroupData | None) -> GroupData:
            return self._read(datasets, streamed, old)

        wanted = signatures(workspace, datasets)
        data = slot.at_hand(wanted)
        if data is None:
            self.check_may_wait()
            data = slot.current(wanted, read, self._readers)
        if data.streamed_count != streamed:
            with data.lock:
                data.catch_up()
                data.streamed_count = streamed
        return data

    def model(self, version: Resource, data: GroupData) -> ServedModel:
        """Give the model of a solution version, tied to the group's data; the last few used are kept.

        Only who needs a model that is not there yet waits for it.
        Errors: NotAtHandError; CostlyAnswerError for a model that takes long to ask.
        """
        key = (version.arn, version.seq)
        model = data.find_model(key)
        if model is not None:
            if model.cost.is_high and not self._may_wait:
                raise CostlyAnswerError
            return model
        self.check_may_wait()
        with data.reading_models:
            model = data.find_model(key)
            if model is None:
                model = data.add_model(key, self.artifact(version), version.body, MODEL_LIMIT)
            return model

    def artifact(self, version: Resource) -> Artifact:
        """Read the artifact of a solution version.

        Errors: ServiceUnavailable when another release wrote it: it is trained again (see jobs/unreadable_models.py).
        """
        from personalize_local.models.storage import UnreadableModelError  # late: SciPy comes with it

        try:
            return self._load(self.service.workspace.artifacts.folder(version.arn))
        except UnreadableModelError as error:
            logger.error("%s: %s", version.arn, error)
            raise ServiceUnavailable(
                f"The model of {version.arn} was written by another release and is trained again when the service "
                "starts; try again later. If the log says that the training failed, create a new one."
            ) from error

    def _read(self, datasets: Sequence[Resource], streamed: int, old: GroupData | None) -> GroupData:
        """Read a group's data, and tie to it the models that answered from the old."""
        workspace = self.service.workspace
        data = GroupData(workspace, datasets)
        data.streamed_count = streamed
        for (arn, seq), model in old.served_models() if old is not None else ():
            version = workspace.resources.get(arn)
            if version is not None and version.seq == seq:
                data.add_model((arn, seq), model.artifact, version.body, MODEL_LIMIT)
        workspace.datasets.collect()
        return data

    def _notice(self, dataset_arn: str) -> None:
        with self._lock:
            self._streamed[dataset_arn] += 1

    def _forget(self, arn: str) -> None:
        """Let go of the data of a dataset group that is gone, and of a solution version's model."""
        with self._lock:
            self._slots.pop(arn, None)
            self._streamed.pop(arn, None)
            held = [slot.data for slot in self._slots.values() if slot.data is not None]
        for data in held:
            data.drop_models(arn)


def _compiled(expression: str) -> CompiledFilter:
    return compile_filter(parse_filter(expression))
