from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from personalize_local.store.csv_import import ConvertedCsv, CsvRefusedError, convert_csv
from personalize_spec.schemas import DatasetSchema, schema_from_data
from tests.behaviours import EXACT, behaviour


def convert(folder: Path, schema: DatasetSchema, text: str) -> tuple[ConvertedCsv, list[dict[str, object]]]:
    source = folder / "in.csv"
    source.write_text(text, encoding="utf-8")
    converted = convert_csv(source, folder / "out.parquet", schema, folder / "spill")
    relation = duckdb.connect().sql(f"SELECT * FROM '{folder / 'out.parquet'}'")
    return converted, [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


def test_columns_are_found_in_any_order_and_letter_case(tmp_path: Path, schemas: dict[str, DatasetSchema]) -> None:
    # GIVEN a file with an unnamed index column, a surplus one, and lower-case names in another order
    text = ",timestamp,Item_Id,note,USER_ID\n0,100,i1,hello,u1\n1,200,i2,,u2\n"

    # WHEN it is converted
    converted, rows = convert(tmp_path, schemas["Interactions"], text)

    # THEN the schema's columns are there, absent nullable ones as nulls
    assert converted.imported_count == 2
    assert converted.reasons == {}
    assert [(row["USER_ID"], row["ITEM_ID"], row["TIMESTAMP"], row["EVENT_TYPE"]) for row in rows] == [
        ("u1", "i1", 100, None),
        ("u2", "i2", 200, None),
    ]


@behaviour(
    "CreateDatasetImportJob",
    "Values with commas in quotes; an empty value is null",
    EXACT,
    source="documented, contract §3.5",
)
def test_quotes_and_empty_values(tmp_path: Path, schemas: dict[str, DatasetSchema]) -> None:
    text = 'ITEM_ID,GENRES,YEAR,PRICE,PLOT\n"a,1","Crime|Drama",1999,,"say ""hé"""\nb,,2001.0,2.5,\n'
    _, rows = convert(tmp_path, schemas["Items"], text)
    assert rows == [
        {"ITEM_ID": "a,1", "GENRES": "Crime|Drama", "YEAR": 1999, "PRICE": None, "FREE": None, "PLOT": 'say "hé"'},
        {"ITEM_ID": "b", "GENRES": None, "YEAR": 2001, "PRICE": 2.5, "FREE": None, "PLOT": None},
    ]


def test_dirty_rows_are_left_out_and_counted(tmp_path: Path, schemas: dict[str, DatasetSchema]) -> None:
    # GIVEN rows of every kind of dirt between two good ones
    text = (
        "ITEM_ID,YEAR,PRICE\n"
        "good,1999,1\n"
        "blank,,1\n"
        "range,2006–2007,1\n"
        "half,1999.5,1\n"
        ",2000,1\n"
        "price,2000,No\n"
        "infinite,2000,inf\n"
        "short,2000\n"
        "long,2000,1,2\n"
        "fine,2001,\n"
    )

    # WHEN the file is converted
    converted, rows = convert(tmp_path, schemas["Items"], text)

    # THEN the good ones are there, and each other one has its reason
    assert [row["ITEM_ID"] for row in rows] == ["good", "fine"]
    assert converted.imported_count == 2
    assert converted.reasons == {
        "ITEM_ID is empty": 1,
        "PRICE is not of type float": 2,
        "YEAR is empty": 1,
        "YEAR is not of type int": 2,
        "too few values in the row": 1,
        "too many values in the row": 1,
    }
    assert converted.examples == {
        "ITEM_ID is empty": ",2000,1",
        "PRICE is not of type float": "infinite,2000,inf",
        "YEAR is empty": "blank,,1",
        "YEAR is not of type int": "half,1999.5,1",
        "too few values in the row": "short,2000",
        "too many values in the row": "long,2000,1,2",
    }


def test_bytes_that_are_not_utf_8_cost_their_row(tmp_path: Path, schemas: dict[str, DatasetSchema]) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes(b"ITEM_ID,YEAR,GENRES\na,1999,\xff\xfe\nb,2000,ok\n")
    converted = convert_csv(source, tmp_path / "out.parquet", schemas["Items"], tmp_path / "spill")
    assert (converted.imported_count, converted.reasons) == (1, {"the text is not UTF-8": 1})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("USER_ID,YEAR\nu,1\n", "Input CSV is missing the following columns:[ITEM_ID, TIMESTAMP]."),
        ("", "Input CSV is missing the following columns:[USER_ID, ITEM_ID, TIMESTAMP]."),
        (
            f"USER_ID,ITEM_ID,TIMESTAMP\n{'u' * 257},i,1\n",
            "Length cannot be more than 256 characters for USER_ID. If no values exceed the character limit, "
            "make sure your data follows the formatting guidelines listed in "
            "https://docs.aws.amazon.com/personalize/latest/dg/data-prep-formatting.html.",
        ),
    ],
    ids=["missing columns", "empty file", "too long"],
)
def test_a_file_that_cannot_be_imported_is_refused(
    tmp_path: Path, schemas: dict[str, DatasetSchema], text: str, reason: str
) -> None:
    with pytest.raises(CsvRefusedError) as raised:
        convert(tmp_path, schemas["Interactions"], text)
    assert raised.value.reason == reason
    assert not (tmp_path / "out.parquet").exists()


@behaviour(
    "CreateDatasetImportJob",
    "Textual values are cut at their limit; other texts over 1,000 characters are not imported",
    EXACT,
    source="documented, contract §3.4",
)
def test_long_texts_are_cut(tmp_path: Path, schemas: dict[str, DatasetSchema]) -> None:
    _, rows = convert(tmp_path, schemas["Items"], f"ITEM_ID,YEAR,PLOT\na,1999,{'x' * 20_001}\n")
    assert len(str(rows[0]["PLOT"])) == 20_000


@behaviour("CreateDatasetImportJob", "A reserved keyword is no event type", EXACT, source="documented, contract §3.1")
@behaviour(
    "CreateDatasetImportJob",
    "Actions with a VALUE or a REPEAT_FREQUENCY out of its bounds are left out, and counted",
    EXACT,
    source="documented, contract §3.2; that the rest is imported: as with other rows (observed, need 5)",
)
def test_actions_out_of_bounds_are_left_out(tmp_path: Path) -> None:
    columns = {"ACTION_ID": "string", "VALUE": ["null", "long"], "REPEAT_FREQUENCY": ["null", "long"]}
    fields = [{"name": name, "type": kind} for name, kind in columns.items()]
    schema = schema_from_data({"type": "record", "name": "Actions", "fields": fields, "version": "1.0"})
    text = "ACTION_ID,VALUE,REPEAT_FREQUENCY\na,1,0\nb,10,30\nc,,\nd,0,1\ne,11,1\nf,5,31\ng,5,-1\nh,x,1\n"
    converted, rows = convert(tmp_path, schema, text)
    assert [row["ACTION_ID"] for row in rows] == ["a", "b", "c"]
    assert converted.reasons == {
        "VALUE is not from 1 to 10": 2,
        "REPEAT_FREQUENCY is not from 0 to 30": 2,
        "VALUE is not of type long": 1,
    }


def test_a_value_of_items_may_be_any_number(tmp_path: Path) -> None:
    fields = [{"name": "ITEM_ID", "type": "string"}, {"name": "VALUE", "type": "long"}]
    schema = schema_from_data({"type": "record", "name": "Items", "fields": fields, "version": "1.0"})
    converted, _ = convert(tmp_path, schema, "ITEM_ID,VALUE\na,99\n")
    assert converted.imported_count == 1


def test_a_reserved_keyword_is_no_event_type(tmp_path: Path, schemas: dict[str, DatasetSchema]) -> None:
    text = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE\nu,i,1,EVENT_TYPE\nu,i,2,click\n"
    converted, rows = convert(tmp_path, schemas["Interactions"], text)
    assert [row["EVENT_TYPE"] for row in rows] == ["click"]
    assert converted.reasons == {"EVENT_TYPE is a reserved keyword": 1}
