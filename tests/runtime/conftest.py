"""A small newsroom: a service with data in it, and models whose scores can be told in advance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from personalize_local.jobs.context import JobContext
from personalize_local.models.query import Query
from personalize_local.runtime import group_slot
from personalize_local.runtime.engine import Engine
from personalize_local.runtime.get_personalized_ranking import get_personalized_ranking
from personalize_local.runtime.get_recommendations import get_recommendations
from personalize_local.store.csv_import import convert_csv
from personalize_local.store.datasets import FULL, BulkFile
from personalize_local.store.jobs import RUNNING, Job
from personalize_local.training.artifact import Artifact
from personalize_spec.recipes import RECIPES
from personalize_spec.schemas import DatasetSchema, parse_schema
from tests.room import NOW, SCOPE, Room

DAY_S = 86_400
NOW_EPOCH_S = int(NOW.timestamp())

FIELDS: Mapping[str, list[dict[str, Any]]] = {
    "INTERACTIONS": [
        {"name": "USER_ID", "type": "string"},
        {"name": "ITEM_ID", "type": "string"},
        {"name": "TIMESTAMP", "type": "long"},
        {"name": "EVENT_TYPE", "type": "string"},
        {"name": "EVENT_VALUE", "type": ["null", "float"]},
        {"name": "DEVICE", "type": ["null", "string"], "categorical": True},
        {"name": "IMPRESSION", "type": ["null", "string"]},
    ],
    "ITEMS": [
        {"name": "ITEM_ID", "type": "string"},
        {"name": "CATEGORY", "type": ["null", "string"], "categorical": True},
        {"name": "WORDS", "type": ["null", "int"]},
        {"name": "PRICE", "type": ["null", "float"]},
        {"name": "CREATION_TIMESTAMP", "type": "long"},
    ],
    "USERS": [
        {"name": "USER_ID", "type": "string"},
        {"name": "AGE", "type": ["null", "int"]},
        {"name": "PLAN", "type": ["null", "string"], "categorical": True},
    ],
}

ITEM_IDS = [f"i{number}" for number in range(10)]
CATEGORIES = ["news|world", "news", "sport", "sport|world", "arts"]
ITEMS_CSV = "ITEM_ID,CATEGORY,WORDS,PRICE,CREATION_TIMESTAMP\n" + "".join(
    f"{item_id},{CATEGORIES[place % 5]},{place * 100},{place / 2},{NOW_EPOCH_S - 100 * DAY_S}\n"
    for place, item_id in enumerate(ITEM_IDS)
)
USERS_CSV = "USER_ID,AGE,PLAN\nann,30,gold\nbob,15,\n"
INTERACTIONS_CSV = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\n" + "".join(
    f"{user_id},{item_id},{NOW_EPOCH_S - 1000 + 10 * place},{kind}\n"
    for place, (user_id, item_id, kind) in enumerate(
        [("ann", "i1", "view"), ("ann", "i2", "Read"), ("bob", "i1", "view"), ("bob", "i5", "view")]
    )
)


@dataclass
class LadderModel:
    """Scores fall from the first item to the last; the item after the last one read comes first.

    For an item, those next to it come first; for an unknown item the ladder. `queries` remembers what was asked.
    """

    item_count: int
    queries: list[Query] = field(default_factory=list)

    def scores(self, query: Query) -> np.ndarray:
        self.queries.append(query)
        scores = -0.1 * np.arange(self.item_count, dtype=np.float32)
        if query.item_row is not None:
            return (-np.abs(np.arange(self.item_count) - query.item_row)).astype(np.float32)
        if len(query.history_rows):
            scores[(query.history_rows[-1] + 1) % self.item_count] += 5
        return scores


class Newsroom(Room):
    """A dataset group with data, and short ways to add what a test is about."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir, FIELDS)
        self.models: dict[Path, tuple[LadderModel, list[str]]] = {}
        self.engine = Engine(self.service, np.random.default_rng(7), self._load)
        self.tracker_arn = self.add_tracker()
        for dataset_type in FIELDS:
            self.add_dataset(dataset_type)
        self.import_csv("ITEMS", ITEMS_CSV)
        self.import_csv("USERS", USERS_CSV)
        self.import_csv("INTERACTIONS", INTERACTIONS_CSV)

    def add_group(self, name: str) -> str:
        """Add a dataset group without datasets."""
        return self.add("dataset-group", name, None, {})

    def import_csv(self, dataset_type: str, text: str, mode: str = FULL) -> None:
        """Import as a job does."""
        datasets, arn = self.workspace.datasets, self.dataset_arn(dataset_type)
        put_seq = datasets.put_seq()
        folder = datasets.stage(arn, f"job{datasets.generation(arn)}")
        (folder / "in.csv").write_text(text, encoding="utf-8")
        schema = self.schema(dataset_type)
        converted = convert_csv(folder / "in.csv", folder / "0.parquet", schema, datasets.spill_folder)
        file = BulkFile(folder / "0.parquet", converted.imported_count, converted.columns, put_seq)
        with self.workspace.database.transaction() as connection:
            datasets.publish(connection, arn, [file], mode)

    def schema(self, dataset_type: str) -> DatasetSchema:
        dataset = self.workspace.resources.get(self.dataset_arn(dataset_type))
        assert dataset is not None
        schema = self.workspace.resources.get(dataset.body["schema_arn"])
        assert schema is not None
        return parse_schema(schema.body["schema"])

    def add_campaign(
        self,
        recipe: str = "aws-user-personalization",
        *,
        name: str = "front",
        item_ids: list[str] | None = None,
        config: Mapping[str, Any] | None = None,
        status: str = "ACTIVE",
        **solution: Any,
    ) -> str:
        """Deploy a ladder model; without a configuration of its own it does not explore."""
        known = ITEM_IDS if item_ids is None else item_ids
        version_arn = SCOPE.solution_version_arn(f"{name}-solution", "0123abcd")
        body = {"recipe_arn": RECIPES[recipe].arn, "dataset_group_arn": self.group_arn, **solution}
        self.add("solution-version", "0123abcd", None, body, arn=version_arn)
        self.models[self.workspace.artifacts.folder(version_arn)] = (LadderModel(len(known)), known)
        quiet = {"item_exploration_config": {"explorationWeight": "0"}}
        campaign = {"solution_version_arn": version_arn, "campaign_config": quiet if config is None else config}
        return self.add("campaign", name, None, campaign, status=status)

    def add_filter(self, expression: str, *, name: str = "filter", status: str = "ACTIVE", group: str = "") -> str:
        return self.add("filter", name, group or self.group_arn, {"filter_expression": expression}, status=status)

    def model(self) -> LadderModel:
        """Give the only model."""
        ((model, _),) = self.models.values()
        return model

    def recommend(self, **request: Any) -> list[dict[str, Any]]:
        return get_recommendations(self.engine, SCOPE, request)["item_list"]

    def recommended_ids(self, **request: Any) -> list[str]:
        return [item["item_id"] for item in self.recommend(**request)]

    def rank(self, **request: Any) -> list[dict[str, Any]]:
        return get_personalized_ranking(self.engine, SCOPE, request)["personalized_ranking"]

    def batch_context(self, kind: str, version_arn: str, **members: Any) -> JobContext:
        """Give the context of a batch job `kind`, such as "batch-inference", on a solution version."""
        name = f"{kind}-job"
        arn = self.add(name, "j", None, {"solution_version_arn": version_arn, **members})
        payload = {"account_id": "1", "region": "r", "now_epoch_s": int(self.clock.now().timestamp())}
        job = Job("job-1", kind, arn, payload, RUNNING, 1, self.clock.now())
        return JobContext(self.workspace, job, payload, lambda text, fraction: None)

    def _load(self, folder: Path) -> Artifact:
        model, item_ids = self.models[folder]
        return Artifact(np.array(item_ids, dtype=object), {each: row for row, each in enumerate(item_ids)}, model)


@pytest.fixture
def newsroom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Newsroom]:
    """A newsroom of ten stories, two users, four events; changed data shows in the next answer on any machine."""
    monkeypatch.setattr(group_slot, "REFRESH_WAIT_S", 60.0)
    room = Newsroom(tmp_path / "data")
    yield room
    room.workspace.close()
