"""Files as people have them."""

from __future__ import annotations

import json
import zipfile

import numpy as np
import pytest

from personalize_local.evaluation.errors import EvaluationError
from personalize_local.evaluation.files import read_data

RATINGS = "1::10::5::300\n1::11::3::200\n2::10::4::100\n"
ITEMS = """Item_Id,GENRE,YEAR,TITLE,creation_timestamp
a,x|y,1999,"one, long title",5
b,,,another long title,
c,x,2001,a third,7
"""


def test_personalizes_file_in_any_case_and_order(tmp_path):
    path = tmp_path / "events.csv"
    path.write_text("Timestamp,ITEM_ID,user_id,DEVICE\n2,b,u,phone\n1,a,u,phone\n1,a,u,phone\n", encoding="utf-8")
    table = read_data(path).interactions
    assert list(table.item_ids[table.item_row]) == ["a", "b"]  # by time, identical ones once
    assert list(table.columns["DEVICE"]) == ["phone", "phone"]


def test_items_columns_are_told_apart(tmp_path, chain_csv):
    (tmp_path / "items.csv").write_text(ITEMS, encoding="utf-8")
    data = read_data(chain_csv, items=tmp_path / "items.csv")
    assert data.categorical_columns == ("GENRE",)
    assert data.textual_columns == ("TITLE",)
    np.testing.assert_array_equal(data.items.columns["CREATION_TIMESTAMP"], [5, np.nan, 7])
    assert data.items.columns["TITLE"][0] == "one, long title"
    assert {"a", "b", "c"} < set(data.item_ids())


def test_what_was_read_is_noted(tmp_path):
    # GIVEN events that cannot all be read, and records of some of their items and users
    for name, text in {
        "events.csv": "USER_ID,ITEM_ID,TIMESTAMP\nu,a,1\nv,d,2\nu,a,soon\n,a,3\nv,a,later\n",
        "items.csv": ITEMS,
        "users.csv": "USER_ID,AGE,PLAN\nu,30,gold\nw,40,gold\n,50,gold\n",
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    # WHEN they are read
    data = read_data(*(tmp_path / name for name in ("events.csv", "items.csv", "users.csv")))

    # THEN the notes say what became of rows and columns
    assert data.notes == (
        "3 rows of events.csv left out: TIMESTAMP is not of type long (2 rows); USER_ID is empty (1 row)",
        "items.csv describes 1 of 2 items with events; GENRE taken for categories; TITLE taken for text;"
        " YEAR taken for numbers",
        "1 row of users.csv left out: USER_ID is empty (1 row)",
        "users.csv describes 1 of 2 users with events; PLAN taken for categories; AGE taken for numbers",
    )
    assert data.user_records() == ({"AGE": 30.0, "PLAN": "gold"}, {})


def test_a_schema_says_otherwise(tmp_path, chain_csv):
    (tmp_path / "items.csv").write_text(ITEMS, encoding="utf-8")
    fields = [{"name": "ITEM_ID", "type": "string"}, {"name": "TITLE", "type": "string", "categorical": True}]
    schema = {"type": "record", "name": "Items", "fields": fields, "version": "1.0"}
    (tmp_path / "items.json").write_text(json.dumps(schema), encoding="utf-8")
    data = read_data(chain_csv, items=tmp_path / "items.csv", schemas=(tmp_path / "items.json",))
    assert data.categorical_columns == ("TITLE",)
    assert set(data.items.columns) == {"TITLE"}


@pytest.mark.parametrize("name", ["ratings.dat", "ml-1m.zip"])
def test_movielens(tmp_path, name):
    path = tmp_path / name
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("ml-1m/ratings.dat", RATINGS)
    else:
        path.write_text(RATINGS, encoding="utf-8")
    table = read_data(path).interactions
    assert list(table.item_ids[table.item_row]) == ["11", "10", "10"]
    assert list(table.timestamp_epoch_s) == [200, 300, 100]


def test_sasrecs_text_has_order_and_no_times(tmp_path):
    path = tmp_path / "ml-1m.txt"
    path.write_text("1 5\n1 3\n2 5\n1 4\n", encoding="utf-8")
    data = read_data(path)
    table = data.interactions
    assert list(table.item_ids[table.item_row]) == ["5", "3", "4", "5"]
    assert "an hour apart" in data.notes[0]
    assert table.timestamp_epoch_s[2] == table.timestamp_epoch_s[3] == table.timestamp_epoch_s[1] + 3600


@pytest.mark.parametrize(
    ("name", "content", "file_format", "message"),
    [
        ("a.csv", "user,item,time\n1,2,3\n", "auto", "has no column USER_ID, ITEM_ID, TIMESTAMP: its first line names"),
        ("a.csv", "user_id,item_id,timestamp\nu,i,soon\n", "auto", "TIMESTAMP is not of type long (1 row)"),
        (
            "a.csv",
            "user_id,item_id,timestamp\nu,i,1700000000000\n",
            "auto",
            "in milliseconds; Personalize reads seconds",
        ),
        ("a.csv", "user_id,item_id,timestamp\n", "parquet", "There is no format 'parquet': use one of auto, csv"),
        ("a.dat", "1,2,3\n", "auto", "is not MovieLens' ratings.dat, whose lines are user::item::rating::time"),
        ("a.zip", "no zip", "auto", "is not a zip file"),
        ("a.txt", "1 2 3\n", "sasrec", "has 3 values on a line"),
        ("a.txt", "1 x\n", "sasrec", "needs two whole numbers on each line"),
    ],
)
def test_wrong_files_say_what_to_change(tmp_path, name, content, file_format, message):
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(EvaluationError) as caught:
        read_data(tmp_path / name, file_format=file_format)
    assert message in str(caught.value)


def test_missing_files_are_named(tmp_path):
    with pytest.raises(EvaluationError, match=r"There is no file .*gone\.csv"):
        read_data(tmp_path / "gone.csv")


def test_a_wrong_schema_is_named(tmp_path, chain_csv):
    (tmp_path / "schema.json").write_text("{", encoding="utf-8")
    with pytest.raises(EvaluationError, match=r"schema\.json: Invalid schema"):
        read_data(chain_csv, schemas=(tmp_path / "schema.json",))
