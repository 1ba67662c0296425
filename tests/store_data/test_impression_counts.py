"""What imported events showed is counted by item: additively over files and users, and as the data is now."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from personalize_local.store.datasets import FULL, INCREMENTAL
from personalize_local.store.impression_counts import count_impressions
from personalize_local.store.workspace import Workspace
from personalize_spec.schemas import DatasetSchema, parse_schema
from tests.store_data.conftest import FIELDS, SCOPE, Shelf, schema_of
from tests.store_data.test_data_deletion_job import Deletion

HEADER = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,IMPRESSION\n"
GROUP_ROWS = 100_352  # a group of rows of the files is never smaller


@pytest.fixture
def schemas() -> dict[str, DatasetSchema]:
    """The schemas by kind, interactions with what was shown."""
    fields = [*FIELDS["Interactions"], {"name": "impression", "type": ["null", "string"]}]
    record = {"type": "record", "name": "Interactions", "namespace": "tests", "fields": fields, "version": "1.0"}
    return {kind: schema_of(kind) for kind in FIELDS} | {"Interactions": parse_schema(json.dumps(record))}


def counted(workspace: Workspace) -> dict[str, int]:
    found = workspace.datasets.count_impressions(SCOPE.dataset_arn("news", "Interactions"))
    return dict(zip(found.item_ids, found.counts, strict=True))


def test_each_item_of_an_impression_counts(shelf: Shelf) -> None:
    shelf.import_csv("Interactions", HEADER + "u1,a,1,view,a|b\nu2,b,1,,b|b|c d\nu3,a,1,view,\nu3,a,2,view,|x||\n")
    assert counted(shelf.workspace) == {"a": 1, "b": 3, "c d": 1, "x": 1}


def test_nothing_is_counted_without_the_column_or_without_data(shelf: Shelf) -> None:
    assert counted(shelf.workspace) == {}
    shelf.import_csv("Interactions", "USER_ID,ITEM_ID,TIMESTAMP\nu,a,1\n")
    assert counted(shelf.workspace) == {}
    shelf.import_csv("Interactions", HEADER + "u,a,1,view,a|b\n", INCREMENTAL)
    assert counted(shelf.workspace) == {"a": 1, "b": 1}


def test_files_written_before_the_schema_had_the_column_show_nothing(shelf: Shelf) -> None:
    shelf.schemas["Interactions"] = schema_of("Interactions")
    shelf.import_csv("Interactions", "USER_ID,ITEM_ID,TIMESTAMP\nu,a,1\n")
    assert counted(shelf.workspace) == {}


def test_an_increment_adds_and_identical_events_count_once(shelf: Shelf) -> None:
    # GIVEN a file, and an increment with two of its events again, one of them with another impression
    shelf.import_csv("Interactions", HEADER + "u1,a,1,view,a|b\nu1,a,1,view,a|b\nu2,b,5,,b|c\n")
    again = "u1,a,1,view,other\nu2,b,5,,b|c\nu1,a,1,click,a|b\nu1,a,2,view,a\n"
    shelf.import_csv("Interactions", HEADER + again, INCREMENTAL)

    # THEN what is new is added, and of what is there the first counts
    assert counted(shelf.workspace) == {"a": 3, "b": 3, "c": 1}


def test_a_full_import_replaces_the_counts_and_a_staged_one_does_not(shelf: Shelf) -> None:
    shelf.import_csv("Interactions", HEADER + "u1,a,1,view,a|b\n")
    folder = shelf.workspace.datasets.stage(shelf.arn("Interactions"), "interrupted")
    (folder / "0.parquet").write_bytes(b"half a file")
    assert counted(shelf.workspace) == {"a": 1, "b": 1}
    shelf.import_csv("Interactions", HEADER + "u1,a,1,view,c\n", FULL)
    assert counted(shelf.workspace) == {"c": 1}


def test_what_deleted_users_saw_is_gone_also_after_a_restart(shelf: Shelf, tmp_path: Path) -> None:
    # GIVEN the same item shown to two users
    shelf.import_csv("Interactions", HEADER + "u1,a,1,view,a|b\nu2,b,1,view,b|c\n")
    shelf.s3.put("data", "users.csv", "USER_ID\nu1\n")

    # WHEN one of them is deleted, and the data is opened again as a kill leaves it
    assert Deletion(shelf).run() == 1
    shutil.copytree(shelf.workspace.data_dir, tmp_path / "killed")
    reopened = Workspace(tmp_path / "killed")
    reopened.datasets.clean()

    # THEN what the other saw is left
    assert counted(reopened) == counted(shelf.workspace) == {"b": 1, "c": 1}
    reopened.close()


def test_ranges_of_users_add_up(shelf: Shelf) -> None:
    # GIVEN more events than two groups of rows hold
    rows = [f"u{place % 997:03},i{place % 7},{place},view,i{place % 11}|i{place % 5}\n" for place in range(250_000)]
    shelf.import_csv("Interactions", HEADER + "".join(rows))
    datasets = shelf.workspace.datasets
    files, spill_folder = datasets.files(shelf.arn("Interactions")), datasets.spill_folder

    # THEN range by range the counts are those of all at once
    parts = count_impressions(files, spill_folder, partition_events=GROUP_ROWS)
    expected = Counter(f"i{place % number}" for place in range(250_000) for number in (11, 5))
    assert dict(zip(parts.item_ids, parts.counts, strict=True)) == expected
    whole = count_impressions(files, spill_folder, partition_events=10**9)
    np.testing.assert_array_equal(whole.counts, parts.counts)


EVENTS = st.lists(
    st.tuples(st.sampled_from("uv"), st.sampled_from("ab"), st.integers(1, 3), st.lists(st.sampled_from("abc"))),
    min_size=1,
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(EVENTS, min_size=1, max_size=3))
def test_counts_are_those_of_reading_line_by_line(
    shelf: Shelf, imports: list[list[tuple[str, str, int, list[str]]]]
) -> None:
    taken: set[tuple[str, str, int]] = set()
    expected: Counter[str] = Counter()
    for place, events in enumerate(imports):
        rows = [f"{user},{item},{moment},view,{'|'.join(shown)}\n" for user, item, moment, shown in events]
        shelf.import_csv("Interactions", HEADER + "".join(rows), INCREMENTAL if place else FULL)
        for *event, shown in events:
            if shown and tuple(event) not in taken:
                taken.add(tuple(event))
                expected.update(shown)
    assert counted(shelf.workspace) == expected
