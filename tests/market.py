"""A domain dataset group with data, and recommenders trained in this process: for tests of all rooms.

Sixty users in four circles, each of which keeps to ten of the forty items: user n to the items of circle n % 4. What
they view (watch) and what they purchase (click) are different items.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from personalize_local.jobs import recommender
from personalize_local.jobs.context import JobContext, JobFailedError
from personalize_local.jobs.outcome import Failed, Succeeded, write_outcome
from personalize_local.store.csv_import import convert_csv
from personalize_local.store.datasets import FULL, BulkFile
from personalize_local.store.jobs import RUNNING
from personalize_spec.recipes import RECIPES
from personalize_spec.schemas import parse_schema

ECOMMERCE, VIDEO_ON_DEMAND = "ECOMMERCE", "VIDEO_ON_DEMAND"
EVENT_TYPES = {ECOMMERCE: ("View", "Purchase"), VIDEO_ON_DEMAND: ("Watch", "Click")}
CIRCLES, ITEM_COUNT, USER_COUNT, STEPS = 4, 40, 60, 40
FIRST_S = 1_767_200_000  # some hours before the time where tests' clocks stand
ITEM_FIELDS: Mapping[str, list[dict[str, Any]]] = {
    ECOMMERCE: [
        {"name": "ITEM_ID", "type": "string"},
        {"name": "PRICE", "type": "float"},
        {"name": "CATEGORY_L1", "type": "string", "categorical": True},
        {"name": "CATEGORY_L2", "type": "string", "categorical": True},
    ],
    VIDEO_ON_DEMAND: [
        {"name": "ITEM_ID", "type": "string"},
        {"name": "CREATION_TIMESTAMP", "type": "long"},
        {"name": "GENRES", "type": "string", "categorical": True},
    ],
}
INTERACTION_FIELDS = [
    {"name": "USER_ID", "type": "string"},
    {"name": "ITEM_ID", "type": "string"},
    {"name": "EVENT_TYPE", "type": "string"},
    {"name": "TIMESTAMP", "type": "long"},
]


def item_of(user: int, step: int) -> int:
    """Give the item that a user takes in a step: with even steps others than with odd ones."""
    return CIRCLES * ((step * step + 2 * (user // CIRCLES)) % (ITEM_COUNT // CIRCLES)) + user % CIRCLES


def interactions_csv(domain: str, users: int = USER_COUNT, steps: int = STEPS) -> str:
    """Write what the users did: half of it views (watches), half purchases (clicks)."""
    kinds = EVENT_TYPES[domain]
    return "USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP\n" + "".join(
        f"u{user},i{item_of(user, step)},{kinds[step % 2]},{FIRST_S + 60 * step + user}\n"
        for user in range(users)
        for step in range(steps)
    )


def items_csv(domain: str) -> str:
    """Write the items: their category is their circle."""
    header = "ITEM_ID,PRICE,CATEGORY_L1,CATEGORY_L2\n" if domain == ECOMMERCE else "ITEM_ID,CREATION_TIMESTAMP,GENRES\n"
    second = f",{FIRST_S}," if domain == VIDEO_ON_DEMAND else ",1.5,"
    last = ",x" if domain == ECOMMERCE else ""
    return header + "".join(f"i{item}{second}c{item % CIRCLES}{last}\n" for item in range(ITEM_COUNT))


class Market:
    """A dataset group of a domain in a world, and short ways to make recommenders in it."""

    def __init__(self, world: Any, domain: str = ECOMMERCE, name: str = "market") -> None:
        self.world, self.domain, self.name = world, domain, name
        self.personalize = world.personalize
        self.group = self.personalize.create_dataset_group(name=name, domain=domain)["datasetGroupArn"]
        world.settle()

    def fill(self, *, users: int = USER_COUNT, steps: int = STEPS, items: bool = True) -> Market:
        """Create the datasets and put data into them, as an import does."""
        self.import_csv(self.create_dataset("Interactions"), interactions_csv(self.domain, users, steps))
        if items:
            self.import_csv(self.create_dataset("Items"), items_csv(self.domain))
        return self

    def create_dataset(self, dataset_type: str) -> str:
        fields = INTERACTION_FIELDS if dataset_type == "Interactions" else ITEM_FIELDS[self.domain]
        record = {"type": "record", "name": dataset_type, "fields": fields, "version": "1.0"}
        name = f"{self.name}-{dataset_type.lower()}"
        schema = self.personalize.create_schema(name=name, schema=json.dumps(record), domain=self.domain)["schemaArn"]
        arguments = {"name": name, "schemaArn": schema, "datasetGroupArn": self.group, "datasetType": dataset_type}
        arn = self.personalize.create_dataset(**arguments)["datasetArn"]
        self.world.settle()
        return arn

    def import_csv(self, dataset_arn: str, text: str) -> None:
        workspace = self.world.workspace
        schema = workspace.resources.get(workspace.resources.get(dataset_arn).body["schema_arn"]).body["schema"]
        folder = workspace.datasets.stage(dataset_arn, f"import{workspace.datasets.generation(dataset_arn)}")
        (folder / "in.csv").write_text(text, encoding="utf-8")
        target = folder / "0.parquet"
        converted = convert_csv(folder / "in.csv", target, parse_schema(schema), workspace.datasets.spill_folder)
        (folder / "in.csv").unlink()
        file = BulkFile(target, converted.imported_count, converted.columns, 0)
        with workspace.database.transaction() as connection:
            workspace.datasets.publish(connection, dataset_arn, [file], FULL)

    def create(self, recipe: str, name: str = "shop-window", **more: Any) -> str:
        arguments = {"name": name, "datasetGroupArn": self.group, "recipeArn": RECIPES[recipe].arn} | more
        return self.personalize.create_recommender(**arguments)["recommenderArn"]

    def train(self, arn: str) -> None:
        """Do the job of a recommender here, and have the queue settle it as after a restart."""
        workspace = self.world.workspace
        job = replace(workspace.jobs.of_resource(arn), state=RUNNING, attempt=1)
        try:
            outcome: Succeeded | Failed = Succeeded(
                recommender.run(JobContext(workspace, job, job.payload, lambda *_: None))
            )
        except JobFailedError as error:
            outcome = Failed(error.reason)
        write_outcome(workspace.job_folder(job.job_id), 1, outcome)
        with workspace.database.transaction() as connection:
            workspace.jobs.move(connection, job.job_id, RUNNING, 1, self.world.clock.now())
        self.world.service.queue.recover()

    def open(self, recipe: str, name: str = "shop-window", **more: Any) -> str:
        """Create a recommender and train it."""
        arn = self.create(recipe, name, **more)
        self.train(arn)
        assert self.describe(arn)["status"] == "ACTIVE", self.describe(arn)
        return arn

    def describe(self, arn: str) -> dict[str, Any]:
        return self.personalize.describe_recommender(recommenderArn=arn)["recommender"]

    def recommend(self, arn: str, **request: Any) -> list[dict[str, Any]]:
        return self.world.runtime.get_recommendations(recommenderArn=arn, **request)["itemList"]

    def recommended_ids(self, arn: str, **request: Any) -> list[str]:
        return [item["itemId"] for item in self.recommend(arn, **request)]
