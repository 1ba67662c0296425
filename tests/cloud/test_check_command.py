"""`personalize-local check`: the pipeline's first step, at home."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from personalize_local.cli import main
from tests.csv_files import csv_text, good_rows

PARAMETERS = Path(__file__).parents[2] / "mlops" / "params.json"
OLD = "In 1,040 rows TIMESTAMP is in milliseconds"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder as the input bucket is."""
    parameters: dict[str, Any] = json.loads(PARAMETERS.read_text())
    for name in parameters["datasets"]:
        (tmp_path / name).mkdir()
        rows = good_rows(parameters, name)
        for row in rows:
            for column in {"TIMESTAMP", "CREATION_TIMESTAMP"} & row.keys():
                row[column] = str(int(row[column]) - 10**8)  # the command asks the real clock
        (tmp_path / name / "1.csv").write_text(csv_text(rows))
    return tmp_path


def test_good_data_is_good(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(PARAMETERS), str(data)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "Interactions: 1 file, all 65 KB read, 1,040 rows checked",
        "Items: 1 file, all 1 KB read, 30 rows checked",
        "Good: 0 mistakes, 0 warnings.",
    ]


def test_folders_are_found_by_their_own_names(data: Path) -> None:
    assert main(["check", str(PARAMETERS), str(data / "Interactions"), str(data / "Items"), "--everything"]) == 0


def test_the_file_alone_is_checked_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(PARAMETERS)]) == 0
    assert capsys.readouterr().out == "Good: 0 mistakes, 0 warnings.\n"


def test_mistakes_are_a_table_or_json(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = data / "Interactions" / "1.csv"
    file.write_text(file.read_text().replace(",page_view", "000,page_view"))

    assert main(["check", str(PARAMETERS), str(data)]) == 1
    shown = capsys.readouterr().out
    assert OLD in shown
    assert "Refused: 1 mistake, 0 warnings." in shown

    assert main(["check", str(PARAMETERS), str(data), "--json"]) == 1
    printed = json.loads(capsys.readouterr().out)
    assert not printed["accepted"]
    assert [finding["path"] for finding in printed["findings"]] == ["datasets.Interactions"]


def test_what_cannot_be_read_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path / "none.json")]) == 2
    assert main(["check", str(PARAMETERS), str(PARAMETERS)]) == 2
    said = capsys.readouterr().err
    assert "none.json cannot be read: No such file or directory." in said
    assert "params.json cannot be read: Not a directory." in said
