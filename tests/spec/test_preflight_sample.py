"""What is read of large files: within the budget, whole lines, every file's header."""

import copy
import json
import os
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personalize_spec.parameters import Finding
from personalize_spec.preflight import check_data
from personalize_spec.preflight import sample as sample_module
from personalize_spec.preflight.sample import HEADER_BYTES, Piece, choose_pieces
from tests.csv_files import NOW_EPOCH_S, csv_text, data_file, good_files, good_rows

GOOD = json.loads((Path(__file__).parents[2] / "mlops" / "params.json").read_text())


@given(st.lists(st.integers(0, 300_000), min_size=1, max_size=6), st.integers(1, 400_000))
def test_pieces_stay_in_the_budget_and_begin_each_file(sizes: list[int], budget: int) -> None:
    files = [data_file(f"{place}.csv", bytes(size)) for place, size in enumerate(sizes)]
    pieces = choose_pieces(files, budget)

    assert {piece.file.name for piece in pieces if piece.start == 0} == {file.name for file in files if file.size_bytes}
    assert sum(piece.end - piece.start for piece in pieces) <= max(
        budget + budget // 2, len(files) * HEADER_BYTES + budget
    )
    for before, after in pairwise(pieces):
        assert before.file.name < after.file.name or before.end <= after.start


@given(st.lists(st.binary(max_size=9).map(lambda line: line.replace(b"\n", b"")), min_size=1), st.data())
def test_lines_of_a_piece_are_whole_lines(lines: list[bytes], data: st.DataObject) -> None:
    body = b"\n".join(lines)
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, len(body)))

    found = list(Piece(data_file("1.csv", body), start, end).lines())

    kept = [place for place, line in _places(lines) if (start == 0 or start < place) and place + len(line) < end]
    whole = [body[place:].split(b"\n")[0] for place in kept]
    assert found[: len(whole)] == whole
    assert all(line in lines for line in found)


def test_a_sample_says_what_it_is_and_judges_no_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample_module, "PIECE_BYTES", 4096)
    parameters = copy.deepcopy(GOOD)
    parameters["solutions"]["userPersonalization"]["eventType"] = "click"
    files = good_files(parameters)

    report = check_data(parameters, files, NOW_EPOCH_S, budget_bytes=30_000)

    assert report.sampled[0].startswith("Interactions: 1 file, ")
    assert " of 65 KB read, " in report.sampled[0]
    assert {finding.severity for finding in report.findings} == {"warning"}
    [never] = [found for found in report.findings if found.path.endswith("eventType")]
    assert never.message.startswith("In what was read: No interaction has the type 'click'")


def test_the_second_file_is_held_to_the_schema_too() -> None:
    files = good_files(GOOD)
    files["Items"].append(data_file("Items/2.csv", "ITEM_ID\nx\n"))

    findings = check_data(GOOD, files, NOW_EPOCH_S).findings

    assert {finding.path for finding in findings} == {"datasets.Items"}
    assert all(finding.message.startswith("Items/2.csv: The header has no column") for finding in findings)


def test_a_few_bad_rows_are_a_warning() -> None:
    rows = [dict(row) for _ in range(3) for row in good_rows(GOOD, "Interactions")]
    rows[5]["TIMESTAMP"] = "yesterday"
    files = {**good_files(GOOD), "Interactions": [data_file("Interactions/1.csv", csv_text(rows))]}

    findings = check_data(GOOD, files, NOW_EPOCH_S).findings

    texts = [finding.message for finding in findings]
    assert (
        "In 1 row TIMESTAMP is not of type long: write it as one (first: 'yesterday' in Interactions/1.csv)." in texts
    )
    assert "2,079 rows repeat another's user, item, time and type: such rows count once." in texts
    assert {finding.severity for finding in findings} == {"warning"}


def test_quotes_are_read_as_personalize_writes_and_others_write_them() -> None:
    rows = good_rows(GOOD, "Items")
    rows[0]["ContentText"] = r'"a, \"b\" \\ c"'
    rows[1]["ContentText"] = '"a, ""b"""'
    files = {**good_files(GOOD), "Items": [data_file("Items/1.csv", csv_text(rows).replace("\n", os.linesep))]}

    assert check_data(GOOD, files, NOW_EPOCH_S).findings == ()


def test_any_file_for_any_dataset_gives_findings_and_no_crash() -> None:
    @settings(deadline=None)
    @given(st.binary(max_size=60) | st.text(alphabet='USER_ID,ITEM"\\\n1', max_size=60).map(str.encode))
    def check(body: bytes) -> None:
        files = {**good_files(GOOD), "Interactions": [data_file("Interactions/1.csv", body)]}
        findings = check_data(GOOD, files, NOW_EPOCH_S).findings
        assert findings
        assert all(isinstance(finding, Finding) for finding in findings)

    check()


def _places(lines: list[bytes]) -> list[tuple[int, bytes]]:
    place, places = 0, []
    for line in lines:
        places.append((place, line))
        place += len(line) + 1
    return places
