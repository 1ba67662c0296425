"""benchmarks/quality.py: its data, its bars, and that one part replaces only its own results."""

from __future__ import annotations

import json

import pytest

from benchmarks.quality import main, summary
from benchmarks.quality_data import MissingDataError, Places, ml1m, movielens_with_text
from benchmarks.quality_parts import Bar


def test_one_part_is_measured_and_put_beside_the_others(tmp_path):
    (tmp_path / "quality").mkdir()
    other = {"title": "Another part", "bars": [], "plot": None, "where": "elsewhere", "texts": ["kept"]}
    (tmp_path / "quality" / "text.json").write_text(json.dumps(other), encoding="utf-8")
    assert main(["--only", "exploration", "--out", str(tmp_path)]) == 0
    text = (tmp_path / "quality.md").read_text(encoding="utf-8")
    assert text == summary(tmp_path / "quality")
    assert "| exploration, off-policy: intervals that hold the truth | 1.0000 | 0.8000 |  | must |" in text
    assert "## Another part" in text


def test_data_that_may_not_be_shipped_is_asked_for(tmp_path, capsys):
    assert main(["--only", "ml1m", "idea-news", "--out", str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert "get ml-1m.zip from https://grouplens.org/datasets/movielens/1m/, --ml1m PATH" in told
    assert "get ratings.csv from https://github.com/Informfully/Datasets" in told


def test_presplit_files_are_put_together_and_said_to_be_truncated(tmp_path):
    (tmp_path / "train-input.txt").write_text("1 2 3\n4 5\n", encoding="utf-8")
    (tmp_path / "val-input.txt").write_text("4 5 6\n", encoding="utf-8")
    with pytest.raises(MissingDataError, match=r"has no val-output\.txt"):
        ml1m(Places(tmp_path))
    (tmp_path / "val-output.txt").write_text("7\n", encoding="utf-8")
    data, is_whole = ml1m(Places(tmp_path))
    assert not is_whole
    assert data.notes[0].startswith("TRUNCATED")
    table = data.interactions
    assert list(table.item_ids[table.item_row]) == ["1", "2", "3", "4", "5", "6"]


def test_movielens_texts_are_titles_and_genres():
    data = movielens_with_text(Places())
    row = list(data.items.ids).index("1")
    assert data.items.columns["TEXT"][row] == "Toy Story (1995) Adventure Animation Children Comedy Fantasy"


@pytest.mark.parametrize(
    ("bar", "verdict"),
    [
        (Bar("x", 0.19, 0.01, 0.178, 0.189), "aim"),
        (Bar("x", 0.18, 0.01, 0.178, 0.189), "must"),
        (Bar("x", 0.17, 0.01, 0.178, 0.189), "BELOW"),
        (Bar("x", 12.0, None, 15.0, lower_is_better=True), "must"),
        (Bar("x", 16.0, None, 15.0, lower_is_better=True), "BELOW"),
        (Bar("x", 0.17, 0.01, None), "–"),
    ],
)
def test_verdicts(bar, verdict):
    assert bar.verdict == verdict
