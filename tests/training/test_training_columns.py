"""Which columns train: what is named in the configuration, and what UpdateDataset added and when."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from personalize_local.jobs.recommender import columns_chosen_at_s
from personalize_local.jobs.solution_version import find_sources, item_fields, make_request
from personalize_local.jobs.training_columns import Source, trained_fields, trained_table
from personalize_local.store.tables import MetadataTable
from personalize_local.training.segment_training import attribute_masks
from personalize_spec.recipes import RECIPES
from personalize_spec.schemas import parse_schema
from tests.behaviours import EXACT, behaviour

FIELDS = [
    {"name": "ITEM_ID", "type": "string"},
    {"name": "CATEGORY", "type": ["null", "string"], "categorical": True},
    {"name": "YEAR", "type": ["null", "int"]},
    {"name": "CREATION_TIMESTAMP", "type": ["null", "long"]},
]


@pytest.fixture
def items() -> Source:
    """Items whose year was added at 100 s."""
    record = {"type": "record", "name": "Items", "namespace": "test", "version": "1.0", "fields": FIELDS}
    return Source("arn", parse_schema(json.dumps(record)), {"YEAR": 100.0})


def names(source: Source, config: dict[str, Any], chosen_at_epoch_s: float | None = None) -> list[str]:
    return [field.name for field in trained_fields("ITEMS", source, config, chosen_at_epoch_s)]


@behaviour(
    "CreateSolution, CreateRecommender",
    "trainingDataConfig names dataset types and columns in any letter case",
    EXACT,
    source="contract §1.5: documented for dataset types; columns: inferred",
)
@pytest.mark.parametrize("dataset_type", ["ITEMS", "Items", "items"])
def test_excluded_and_included_columns(items: Source, dataset_type: str) -> None:
    excluded = {"training_data_config": {"excluded_dataset_columns": {dataset_type: ["category"], "USERS": ["YEAR"]}}}
    assert names(items, excluded) == ["ITEM_ID", "YEAR", "CREATION_TIMESTAMP"]
    included = {"training_data_config": {"included_dataset_columns": {dataset_type: ["Category"]}}}
    assert names(items, included) == ["ITEM_ID", "CATEGORY", "CREATION_TIMESTAMP"]
    assert "CREATION_TIMESTAMP" in names(
        items, {"training_data_config": {"excluded_dataset_columns": {"ITEMS": ["CREATION_TIMESTAMP"]}}}
    )


@pytest.mark.parametrize(("chosen_at_s", "trains"), [(99.0, False), (100.0, False), (101.0, True), (None, True)])
def test_added_columns_wait_for_another_choice(items: Source, chosen_at_s: float | None, trains: bool) -> None:
    assert ("YEAR" in names(items, {}, chosen_at_s)) == trains


def test_excluded_numbers_tell_no_items_apart(items: Source) -> None:
    table = MetadataTable(np.array(["a", "b", "c"], dtype=object), {"YEAR": np.array([1.0, 1.0, 2.0])})
    excluded = {"training_data_config": {"excluded_dataset_columns": {"ITEMS": ["YEAR"]}}}
    for config, count in (({}, 1), (excluded, 0)):
        kept = trained_table(table, trained_fields("ITEMS", items, config, None))
        assert len(list(attribute_masks(kept, table.ids, ()))) == count


@behaviour(
    "UpdateDataset",
    "Columns it adds do not train in solutions and recommenders that there are already",
    EXACT,
    source="documented, contract §3.1",
)
def test_columns_of_an_updated_dataset_train_in_later_solutions(world: Any) -> None:
    # GIVEN a solution, a dataset that gets a column afterwards, and another solution
    group_arn = world.create_group()
    world.create_dataset(group_arn)
    dataset_arn = world.create_dataset(group_arn, "Items")
    before = world.create_solution(group_arn, name="before")
    world.clock.advance(10)
    dataset = world.personalize.describe_dataset(datasetArn=dataset_arn)["dataset"]
    text = world.personalize.describe_schema(schemaArn=dataset["schemaArn"])["schema"]["schema"]
    added = '{"name": "MOOD", "type": ["string", "null"], "categorical": true}'
    longer = text.replace('"fields": [', f'"fields": [{added}, ')
    schema_arn = world.personalize.create_schema(name="longer", schema=longer)["schemaArn"]
    world.personalize.update_dataset(datasetArn=dataset_arn, schemaArn=schema_arn)
    world.settle()
    world.clock.advance(10)
    after = world.create_solution(group_arn, name="after")

    # WHEN both are trained
    sources = find_sources(world.workspace, group_arn)
    columns = {}
    for arn in (before, after):
        created_at = world.workspace.resources.get(arn).created_at
        fields = item_fields(sources, {}, created_at.timestamp())
        columns[arn] = make_request(RECIPES["aws-user-personalization"], {}, fields).categorical_columns

    # THEN the column trains in the later one, and clients see nothing of the bookkeeping
    assert columns == {before: ("CATEGORY",), after: ("MOOD", "CATEGORY")}
    described = world.personalize.describe_dataset(datasetArn=dataset_arn)["dataset"]
    assert not {"addedColumns", "added_columns"} & (described.keys() | described["latestDatasetUpdate"].keys())


def test_a_recommenders_columns_are_chosen_at_its_creation_or_by_an_update(world: Any) -> None:
    group_arn = world.create_group()
    recommender = world.workspace.resources.get(group_arn)  # any resource has what is asked for
    assert columns_chosen_at_s(recommender, {}) == recommender.created_at.timestamp()
    recommender.body["columns_chosen_at_s"] = 5.0
    assert columns_chosen_at_s(recommender, {"for_update": False}) == 5.0
    recommender.body["latest_recommender_update"] = {"creation_date_time": 9.0}
    assert columns_chosen_at_s(recommender, {"for_update": True}) == 9.0
