"""MovieLens in the repository: complete, in the form the pipeline takes, with its terms beside it."""

import csv
import json
from pathlib import Path

import pytest

from examples.demo.datasets import MovielensData
from personalize_spec.parameters import check_parameters

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "movielens"


@pytest.fixture(scope="module")
def parameters():
    return json.loads((FOLDER / "params.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def data_set():
    return MovielensData(FOLDER, FOLDER / "params.json")


def read_rows(dataset_type: str) -> list[dict[str, str]]:
    with (FOLDER / dataset_type / f"{dataset_type.lower()}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_parameters_are_accepted(parameters):
    assert check_parameters(parameters) == []


@pytest.mark.parametrize(("dataset_type", "rows"), [("Interactions", 158_371), ("Items", 9_742)])
def test_columns_are_those_of_the_schema(parameters, dataset_type, rows):
    found = read_rows(dataset_type)
    schema = parameters["datasets"][dataset_type]["schema"]
    assert list(found[0]) == [field["name"] for field in schema["fields"]]
    assert len(found) == rows


def test_years_are_numbers_or_unknown():
    years = [row["YEAR"] for row in read_rows("Items")]
    assert all(year == "" or 1900 <= int(year) <= 2018 for year in years)
    assert years.count("") == 12


def test_every_watched_film_is_known():
    items = {row["ITEM_ID"] for row in read_rows("Items")}
    assert {row["ITEM_ID"] for row in read_rows("Interactions")} <= items


def test_content_rows_name_every_film(data_set):
    rows = {row["ContentId"]: row for row in data_set.content_rows()}
    assert set(rows) == {row["ITEM_ID"] for row in read_rows("Items")}
    assert rows["1"]["Title"] == "Toy Story" and rows["1"]["Label"] == "1995"
    assert rows["1"]["Section"] == "Adventure · Animation · Children · Comedy · Fantasy"


def test_works_carry_genres_and_years(data_set):
    works = data_set.works()
    assert works["3"].categories == ("Comedy", "Romance") and works["3"].year == "1995"
    assert works["11"].title == "The American President"
    assert works["40697"].title == "Babylon 5" and works["40697"].year == ""


def test_the_terms_lie_beside_the_data():
    terms = (FOLDER / "LICENSE-DATA.txt").read_text(encoding="utf-8")
    assert "Usage License" in terms and "may redistribute the data set" in terms
    assert "LICENSE-DATA.txt" in (FOLDER / "README.md").read_text(encoding="utf-8")
