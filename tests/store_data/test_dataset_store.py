from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from personalize_local.store.csv_import import convert_csv
from personalize_local.store.datasets import FULL, INCREMENTAL, BulkFile
from personalize_local.store.events import StreamedEvent
from personalize_local.store.interaction_reader import distinct_events
from personalize_local.store.workspace import Workspace
from personalize_spec.schemas import DatasetSchema
from tests.behaviours import EXACT, behaviour

ARN = "arn:aws:personalize:us-east-1:123456789012:dataset/news/INTERACTIONS"
ITEMS_ARN = "arn:aws:personalize:us-east-1:123456789012:dataset/news/ITEMS"
USERS_ARN = "arn:aws:personalize:us-east-1:123456789012:dataset/news/USERS"


def stage_csv(workspace: Workspace, arn: str, schema: DatasetSchema, text: str, job_id: str = "job") -> BulkFile:
    """Convert CSV text into a staged file, as an import job does."""
    put_seq = workspace.datasets.put_seq()
    folder = workspace.datasets.stage(arn, job_id)
    source = folder / "in.csv"
    source.write_text(text, encoding="utf-8")
    converted = convert_csv(source, folder / "0.parquet", schema, workspace.datasets.spill_folder)
    source.unlink()
    return BulkFile(folder / "0.parquet", converted.imported_count, converted.columns, put_seq)


def publish(workspace: Workspace, arn: str, file: BulkFile, mode: str = FULL) -> None:
    with workspace.database.transaction() as connection:
        workspace.datasets.publish(connection, arn, [file], mode)


def import_csv(
    workspace: Workspace, arn: str, schema: DatasetSchema, text: str, *, mode: str = FULL, job_id: str = "job"
) -> None:
    publish(workspace, arn, stage_csv(workspace, arn, schema, text, job_id), mode)


def test_interactions_are_encoded_and_sorted(workspace: Workspace, schemas: dict[str, DatasetSchema]) -> None:
    # GIVEN a bulk file out of order, with an event twice
    text = (
        "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE,DEVICE\n"
        "u2,b,30,click,,phone\n"
        "u1,c,20,,2.5,\n"
        "u1,a,10,click,1,web\n"
        "u1,a,10,click,7,web\n"
        "u1,a,10,view,1,web\n"
    )
    import_csv(workspace, ARN, schemas["Interactions"], text)

    # WHEN it is read
    table = workspace.datasets.read_interactions(ARN, schemas["Interactions"], ["DEVICE"])

    # THEN users and times are in order, and identical events are one, the first
    assert list(table.user_ids) == ["u1", "u2"]
    assert list(table.item_ids) == ["a", "b", "c"]
    assert table.event_types == ("click", "view")
    assert table.user_row.tolist() == [0, 0, 0, 1]
    assert [table.item_ids[row] for row in table.item_row] == ["a", "a", "c", "b"]
    assert table.timestamp_epoch_s.tolist() == [10, 10, 20, 30]
    assert table.event_type.tolist() == [0, 1, -1, 0]
    assert table.event_value is not None
    np.testing.assert_array_equal(table.event_value, np.array([1, 1, 2.5, math.nan], dtype=np.float32))
    assert table.columns["DEVICE"].tolist() == ["web", "web", None, "phone"]


def test_streamed_events_join_the_bulk(workspace: Workspace, schemas: dict[str, DatasetSchema]) -> None:
    # GIVEN a bulk event, the same event streamed, and a session that a user appears in later
    import_csv(workspace, ARN, schemas["Interactions"], "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\nu1,a,10,click\n")
    workspace.events.append(
        ARN,
        [
            StreamedEvent("s1", "click", 10, user_id="u1", item_id="a"),
            StreamedEvent("s2", "click", 11, item_id="b"),
            StreamedEvent("s2", "click", 12, user_id="u1", item_id="c", properties={"DEVICE": "tv"}),
            StreamedEvent("s3", "click", 13, item_id="never-linked"),
            StreamedEvent("s1", "search", 14, user_id="u1"),
        ],
    )

    # WHEN everything is read
    table = workspace.datasets.read_interactions(ARN, schemas["Interactions"], ["DEVICE"])

    # THEN the twin is one, the session's events are the user's, and the rest is left out
    assert list(table.user_ids) == ["u1"]
    assert [table.item_ids[row] for row in table.item_row] == ["a", "b", "c"]
    assert table.columns["DEVICE"].tolist() == [None, None, "tv"]
    bulk = workspace.datasets.read_interactions(ARN, schemas["Interactions"], streamed=False)
    assert len(bulk) == 1


def test_an_empty_dataset_reads_as_empty(workspace: Workspace, schemas: dict[str, DatasetSchema]) -> None:
    assert len(workspace.datasets.read_interactions(ARN, schemas["Interactions"])) == 0
    items = workspace.datasets.read_items(ITEMS_ARN, schemas["Items"])
    assert len(items) == 0
    assert items.columns["YEAR"].dtype == np.float64


@behaviour(
    "CreateDatasetImportJob",
    "FULL replaces the bulk data, INCREMENTAL adds to it",
    EXACT,
    source="documented, contract §9.18",
)
def test_full_replaces_and_incremental_adds(workspace: Workspace, schemas: dict[str, DatasetSchema]) -> None:
    header = "USER_ID,ITEM_ID,TIMESTAMP\n"
    schema = schemas["Interactions"]
    import_csv(workspace, ARN, schema, header + "u,a,1\n", job_id="first")
    import_csv(workspace, ARN, schema, header + "u,b,2\n", mode=INCREMENTAL, job_id="second")
    assert list(workspace.datasets.read_interactions(ARN, schema).item_ids) == ["a", "b"]
    import_csv(workspace, ARN, schema, header + "u,c,3\n", job_id="third")
    assert list(workspace.datasets.read_interactions(ARN, schema).item_ids) == ["c"]
    assert workspace.datasets.generation(ARN) == 3


def test_replaced_files_go_when_collected(workspace: Workspace, schemas: dict[str, DatasetSchema]) -> None:
    # GIVEN a file that a later import replaced, and one staged by an import that still runs
    schema = schemas["Users"]
    import_csv(workspace, USERS_ARN, schema, "USER_ID,AGE\nu,1\n", job_id="old")
    import_csv(workspace, USERS_ARN, schema, "USER_ID,AGE\nu,2\n", job_id="new")
    running = stage_csv(workspace, USERS_ARN, schema, "USER_ID,AGE\nu,3\n", "running")

    # WHEN the store collects
    workspace.datasets.collect()

    # THEN only the replaced one is gone
    (counting,) = workspace.datasets.files(USERS_ARN)
    assert parquet_files(workspace) == {counting.path, running.path}


def test_a_start_removes_what_no_import_finished(workspace: Workspace, schemas: dict[str, DatasetSchema]) -> None:
    schema = schemas["Users"]
    import_csv(workspace, USERS_ARN, schema, "USER_ID,AGE\nu,1\n", job_id="done")
    stage_csv(workspace, USERS_ARN, schema, "USER_ID,AGE\nu,9\n", "crashed")
    workspace.datasets.clean()
    assert parquet_files(workspace) == {workspace.datasets.files(USERS_ARN)[0].path}


def test_a_rolled_back_publication_changes_nothing(workspace: Workspace, schemas: dict[str, DatasetSchema]) -> None:
    schema = schemas["Users"]
    import_csv(workspace, USERS_ARN, schema, "USER_ID,AGE\nu,1\n", job_id="done")
    staged = stage_csv(workspace, USERS_ARN, schema, "USER_ID,AGE\nu,2\n", "late")
    with pytest.raises(RuntimeError), workspace.database.transaction() as connection:
        workspace.datasets.publish(connection, USERS_ARN, [staged], FULL)
        raise RuntimeError
    workspace.datasets.collect()
    assert workspace.datasets.read_users(USERS_ARN, schema).columns["AGE"].tolist() == [1]
    assert workspace.datasets.generation(USERS_ARN) == 1


def test_columns_of_a_newer_schema_are_null_in_older_files(
    workspace: Workspace, schemas: dict[str, DatasetSchema]
) -> None:
    old = DatasetSchema("Items", schemas["Items"].fields[:3], "")
    import_csv(workspace, ITEMS_ARN, old, "ITEM_ID,GENRES,YEAR\na,Drama,1999\n")
    table = workspace.datasets.read_items(ITEMS_ARN, schemas["Items"])
    assert table.columns["GENRES"].tolist() == ["Drama"]
    assert math.isnan(table.columns["PRICE"][0])
    assert table.columns["PLOT"].tolist() == [None]


def test_values_keep_their_kind(workspace: Workspace, schemas: dict[str, DatasetSchema]) -> None:
    import_csv(workspace, ITEMS_ARN, schemas["Items"], "ITEM_ID,YEAR,FREE\na,1999,True\nb,2000,\n")
    workspace.records.put(ITEMS_ARN, [("c", {"YEAR": 2001, "PRICE": 1.5, "FREE": False, "GENRES": "Crime|Drama"})])
    table = workspace.datasets.read_items(ITEMS_ARN, schemas["Items"])
    assert table.ids.tolist() == ["a", "b", "c"]
    assert table.columns["YEAR"].tolist() == [1999, 2000, 2001]
    assert table.columns["FREE"].tolist() == ["true", None, "false"]
    assert table.columns["GENRES"].tolist() == [None, None, "Crime|Drama"]


def test_what_is_put_while_an_import_runs_is_newer(workspace: Workspace, schemas: dict[str, DatasetSchema]) -> None:
    # GIVEN an import that has read its files, and a put before it ends
    schema = schemas["Users"]
    workspace.records.put(USERS_ARN, [("before", {"AGE": 1}), ("during", {"AGE": 1})])
    staged = stage_csv(workspace, USERS_ARN, schema, "USER_ID,AGE\nbefore,50\nduring,50\n")
    workspace.records.put(USERS_ARN, [("during", {"AGE": 99})])

    # WHEN the import ends
    publish(workspace, USERS_ARN, staged)

    # THEN it wins over the older record only
    table = workspace.datasets.read_users(USERS_ARN, schema)
    assert dict(zip(table.ids, table.columns["AGE"], strict=True)) == {"before": 50, "during": 99}


def test_a_removed_dataset_is_empty(workspace: Workspace, schemas: dict[str, DatasetSchema]) -> None:
    schema = schemas["Users"]
    import_csv(workspace, USERS_ARN, schema, "USER_ID,AGE\nu,1\n")
    workspace.records.put(USERS_ARN, [("v", {"AGE": 2})])
    with workspace.database.transaction() as connection:
        workspace.datasets.remove(connection, USERS_ARN)
    workspace.datasets.collect()
    assert len(workspace.datasets.read_users(USERS_ARN, schema)) == 0
    assert parquet_files(workspace) == set()


STEP = st.tuples(
    st.sampled_from(["full", "incremental", "put"]),
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 99)), min_size=1, max_size=4),
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, max_size=6))
def test_the_newest_record_counts(
    tmp_path_factory: pytest.TempPathFactory, schemas: dict[str, DatasetSchema], steps: list
) -> None:
    """Compare the store with dictionaries: what a FULL import leaves is its own rows and what was put."""
    workspace = Workspace(tmp_path_factory.mktemp("data"))
    expected: dict[str, tuple[str, int]] = {}  # id → (where it came from, value)
    put: dict[str, int] = {}
    for number, (action, rows) in enumerate(steps):
        if action == "put":
            workspace.records.put(USERS_ARN, [(user_id, {"AGE": age}) for user_id, age in rows])
            put |= dict(rows)
            expected |= {user_id: ("put", age) for user_id, age in dict(rows).items()}
            continue
        if action == "full":
            expected = {user_id: ("put", age) for user_id, age in put.items()}
        expected |= {user_id: ("bulk", age) for user_id, age in dict(rows).items()}
        text = "USER_ID,AGE\n" + "".join(f"{user_id},{age}\n" for user_id, age in rows)
        mode = FULL if action == "full" else INCREMENTAL
        import_csv(workspace, USERS_ARN, schemas["Users"], text, mode=mode, job_id=f"job{number}")
    table = workspace.datasets.read_users(USERS_ARN, schemas["Users"])
    workspace.close()
    found = dict(zip(table.ids, table.columns["AGE"], strict=True))
    assert found == {user_id: age for user_id, (_, age) in sorted(expected.items())}


EVENT = st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 2), st.integers(-1, 1))


@behaviour(
    "CreateDatasetImportJob",
    "Events that are equal in user, item, time and type are one",
    EXACT,
    source="documented, contract §3.5",
)
@given(st.lists(EVENT, max_size=12))
def test_distinct_events_keeps_the_first_of_each(events: list[tuple[int, int, int, int]]) -> None:
    ordered = sorted(events, key=lambda event: event[:2])
    columns = [np.array([event[place] for event in ordered], dtype=np.int64) for place in range(4)]
    first = [ordered.index(event) == place for place, event in enumerate(ordered)]
    assert distinct_events(*columns).tolist() == first


def parquet_files(workspace: Workspace) -> set[Path]:
    return set((workspace.root / "datasets").rglob("*.parquet"))
