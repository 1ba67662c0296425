"""The export job from the dataset to S3: what is in the file, by mode."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from personalize_local.jobs.context import JobContext, JobFailedError
from personalize_local.jobs.dataset_export import run_with
from personalize_local.store.datasets import INCREMENTAL
from personalize_local.store.events import StreamedEvent
from personalize_local.store.jobs import RUNNING, Job
from personalize_spec.arns import Scope
from tests.behaviours import APPROXIMATED, behaviour

SCOPE = Scope("us-east-1", "123456789012")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
Export = Callable[..., list[dict[str, str]]]


def export(shelf: Any, kind: str, mode: str, path: str = "s3://out/exports/") -> tuple[list[str], list[dict[str, str]]]:
    """Export; give the header and the rows, sorted."""
    name = f"{kind}-{mode}".lower()
    body = {
        "dataset_arn": shelf.arn(kind),
        "ingestion_mode": mode,
        "job_output": {"s3_data_destination": {"path": path}},
    }
    arn = SCOPE.arn("dataset-export-job", name)
    shelf.add("dataset-export-job", name, arn, body)
    row = Job(name, "dataset-export", arn, {}, RUNNING, 1, NOW)
    result = run_with(JobContext(shelf.workspace, row, {}, lambda text, fraction: None), shelf.s3)
    text = shelf.s3.text("out", f"exports/{name}.csv")
    reader = csv.DictReader(io.StringIO(text))
    rows = sorted(reader, key=lambda row: list(row.values()))
    assert result == {"resource": {"row_count": len(rows)}}
    assert list((shelf.workspace.root / "jobs" / name).iterdir()) == []
    return list(reader.fieldnames or ()), rows


ITEMS = "ITEM_ID,GENRES,YEAR,PRICE,FREE,PLOT\n"


def fill_items(shelf: Any) -> None:
    """Three items in bulk, one of them twice; two put, one of them in place of a bulk one."""
    shelf.import_csv("Items", ITEMS + 'a,x|y,1999,1.5,true,"Said ""no"", then"\nb,,2000,,,\nb,,2000,,,\n')
    shelf.import_csv("Items", ITEMS + "b,z,2001,,,\n", INCREMENTAL)
    put = [("a", {"GENRES": "new", "YEAR": 2002, "FREE": False}), ("c", {"YEAR": 2003, "PLOT": "one\ntwo"})]
    shelf.workspace.records.put(shelf.arn("Items"), put)


@behaviour(
    "CreateDatasetExportJob",
    "One file, named after the job; equal records are there once",
    APPROXIMATED,
    source="documented; the name: inferred",
)
def test_bulk_has_every_imported_record_and_equal_ones_once(shelf: Any) -> None:
    fill_items(shelf)
    header, rows = export(shelf, "Items", "BULK")
    assert header == ["ITEM_ID", "GENRES", "YEAR", "PRICE", "FREE", "PLOT"]
    assert [(row["ITEM_ID"], row["GENRES"], row["YEAR"]) for row in rows] == [
        ("a", "x|y", "1999"),
        ("b", "", "2000"),
        ("b", "z", "2001"),
    ]
    assert (rows[0]["PRICE"], rows[0]["FREE"], rows[0]["PLOT"]) == ("1.5", "true", 'Said "no", then')


def test_put_has_what_was_put(shelf: Any) -> None:
    fill_items(shelf)
    _, rows = export(shelf, "Items", "PUT")
    assert [list(row.values()) for row in rows] == [
        ["a", "new", "2002", "", "false", ""],
        ["c", "", "2003", "", "", "one\ntwo"],
    ]


@behaviour(
    "CreateDatasetExportJob",
    "Of records under one id only the newest is kept, and so exported",
    APPROXIMATED,
    source="documented for AWS: PUT has all of them",
)
def test_all_has_the_newest_record_of_each_id(shelf: Any) -> None:
    fill_items(shelf)
    _, rows = export(shelf, "Items", "ALL")
    assert [(row["ITEM_ID"], row["YEAR"]) for row in rows] == [("a", "2002"), ("b", "2001"), ("c", "2003")]


def test_events_are_written_with_their_users_and_equal_ones_once(shelf: Any) -> None:
    shelf.import_csv(
        "Interactions", "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE\nu,i,5,click,0.5\nu,i,6,click,\n"
    )
    events = [
        StreamedEvent("s1", "click", 5, user_id="u", item_id="i", event_value=0.5, event_id="1"),
        StreamedEvent("s2", "view", 7, item_id="j", properties={"DEVICE": "phone"}, event_id="2"),
        StreamedEvent("s2", "view", 8, user_id="v", event_id="3"),
        StreamedEvent("s3", "view", 9, item_id="k", event_value=0.0, event_id="4"),
    ]
    shelf.workspace.events.append(shelf.arn("Interactions"), events)
    _, put = export(shelf, "Interactions", "PUT")
    assert [list(row.values()) for row in put] == [
        ["", "k", "9", "view", "0.0", ""],
        ["u", "i", "5", "click", "0.5", ""],
        ["v", "", "8", "view", "", ""],
        ["v", "j", "7", "view", "", "phone"],
    ]
    _, everything = export(shelf, "Interactions", "ALL")
    assert len(everything) == 5
    _, bulk = export(shelf, "Interactions", "BULK")
    assert [row["TIMESTAMP"] for row in bulk] == ["5", "6"]


@pytest.mark.parametrize("mode", ["BULK", "PUT", "ALL"])
def test_an_empty_dataset_is_a_header(shelf: Any, mode: str) -> None:
    assert export(shelf, "Users", mode) == (["USER_ID", "AGE"], [])


def test_what_is_exported_can_be_imported(shelf: Any) -> None:
    fill_items(shelf)
    export(shelf, "Items", "BULK")
    shelf.import_csv("Items", shelf.s3.text("out", "exports/items-bulk.csv"))
    table = shelf.workspace.datasets.read_items(shelf.arn("Items"), shelf.schemas["Items"])
    assert dict(zip(table.ids, table.columns["PLOT"], strict=True))["b"] is None
    assert len(table) == 3


def test_an_output_that_cannot_be_written_is_explained(shelf: Any, tmp_path: Path) -> None:
    with pytest.raises(JobFailedError) as raised:
        export(shelf, "Users", "ALL", "s3://nowhere/x")
    assert raised.value.reason.startswith("Invalid S3 output path. Invalid Data location. There is nothing at")
