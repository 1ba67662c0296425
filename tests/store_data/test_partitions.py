"""Partitions together are the dataset: the same events, each user in one of them."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from personalize_local.store.datasets import FULL, INCREMENTAL
from personalize_local.store.events import StreamedEvent
from personalize_local.store.interaction_merge import read_interactions
from personalize_local.store.partitions import DatasetChangedError
from personalize_local.store.tables import InteractionTable
from tests.store_data.conftest import Shelf

HEADER = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\n"
GROUP_ROWS = 100_352  # a group of rows of the files is never smaller


def events_of(table: InteractionTable) -> set[tuple[str, str, int, int]]:
    columns = (table.user_ids[table.user_row], table.item_ids[table.item_row], table.timestamp_epoch_s)
    return set(zip(*columns, table.event_type, strict=True))


@pytest.fixture(scope="module")
def rows() -> list[str]:
    """More rows than three groups hold, of 1,000 users, in no order."""
    places = np.random.default_rng(0).permutation(3 * GROUP_ROWS + 50)
    return [f"u{place % 1000:03},i{place % 77},{place % 100_000},view\n" for place in places]


def test_partitions_are_the_dataset(shelf: Shelf, rows: list[str]) -> None:
    # GIVEN a large file, a small one and streamed events
    datasets, arn, schema = shelf.workspace.datasets, shelf.arn("Interactions"), shelf.schemas["Interactions"]
    shelf.import_csv("Interactions", HEADER + "".join(rows), FULL)
    shelf.import_csv("Interactions", HEADER + "u000,i1,5,view\nu999,new,6,view\n", INCREMENTAL)
    link = StreamedEvent("s", "view", 7, user_id="u500", item_id="i2")
    shelf.workspace.events.append(arn, [StreamedEvent("s", "view", 8, item_id="i3"), link])

    # WHEN it is read by partitions of one group of rows, as another process would
    listed = pickle.loads(pickle.dumps(datasets.partitions(arn, GROUP_ROWS)))
    parts = [datasets.read_partition(each, schema) for each in listed]

    # THEN no user is in two of them, and together they are what is read at once
    whole = datasets.read_interactions(arn, schema)
    assert len(listed) >= 3
    assert [user for part in parts for user in part.user_ids] == list(whole.user_ids)
    assert set().union(*map(events_of, parts)) == events_of(whole)
    assert sum(map(len, parts)) == len(whole)
    assert "i3" in parts[1].item_ids or "i3" in parts[2].item_ids


def test_many_partitions_read_as_one(shelf: Shelf, rows: list[str]) -> None:
    schema = shelf.schemas["Interactions"]
    shelf.import_csv("Interactions", HEADER + "".join(rows))
    files = shelf.workspace.datasets.files(shelf.arn("Interactions"))
    spill_folder = shelf.workspace.datasets.spill_folder
    one, many = (read_interactions(files, [], schema, (), spill_folder, partition_events=count) for count in (10**9, 1))
    for name in ("user_ids", "item_ids", "user_row", "item_row", "timestamp_epoch_s", "event_type"):
        np.testing.assert_array_equal(getattr(one, name), getattr(many, name))
    assert one.event_types == many.event_types


def test_simultaneous_events_stay_in_the_order_of_the_file(shelf: Shelf) -> None:
    text = HEADER + "".join(f"u{place % 3},i{9 - place},5,view\n" for place in range(9))
    shelf.import_csv("Interactions", text)
    table = shelf.workspace.datasets.read_interactions(shelf.arn("Interactions"), shelf.schemas["Interactions"])
    found = [table.item_ids[row] for row in table.item_row]
    assert found == ["i9", "i6", "i3", "i8", "i5", "i2", "i7", "i4", "i1"]


def test_a_replaced_file_is_noticed(shelf: Shelf) -> None:
    datasets, arn = shelf.workspace.datasets, shelf.arn("Interactions")
    shelf.import_csv("Interactions", HEADER + "u,a,1,view\n")
    (listed,) = datasets.partitions(arn)
    shelf.import_csv("Interactions", HEADER + "u,b,1,view\n")
    datasets.collect()
    with pytest.raises(DatasetChangedError, match="was replaced"):
        datasets.read_partition(listed, shelf.schemas["Interactions"])


def test_events_after_the_listing_wait_for_the_next(shelf: Shelf) -> None:
    datasets, arn, schema = shelf.workspace.datasets, shelf.arn("Interactions"), shelf.schemas["Interactions"]
    shelf.workspace.events.append(arn, [StreamedEvent("s", "view", 1, user_id="u", item_id="a")])
    (listed,) = datasets.partitions(arn)
    shelf.workspace.events.append(arn, [StreamedEvent("s", "view", 2, user_id="u", item_id="b")])
    assert datasets.read_partition(listed, schema).item_ids.tolist() == ["a"]


def test_large_arrays_are_mapped(shelf: Shelf, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("personalize_local.store.interaction_merge.MAPPED_BYTES", 0)
    shelf.import_csv("Interactions", HEADER + "u,a,1,view\nv,b,2,\n")
    table = shelf.workspace.datasets.read_interactions(shelf.arn("Interactions"), shelf.schemas["Interactions"])
    assert isinstance(table.item_row, np.memmap)
    assert table.item_row.tolist() == [0, 1]
    assert table.event_type.tolist() == [0, -1]
