from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_local.store.csv_lines import CsvLines

CELL = st.text(alphabet='ab,"\\| é', max_size=6)


def rewrite(text: bytes, chunk_bytes: int = 1 << 20) -> tuple[bytes, int]:
    lines = CsvLines()
    chunks = [text[start : start + chunk_bytes] for start in range(0, len(text), chunk_bytes)]
    return b"".join(lines.rewrite(chunks)), lines.broken_count


def as_personalize_writes(row: list[str]) -> str:
    return ",".join('"' + cell.replace("\\", "\\\\").replace('"', '\\"') + '"' for cell in row)


@given(st.lists(st.lists(CELL, min_size=2, max_size=2), min_size=1, max_size=6), st.integers(4, 50))
def test_backslash_escapes_read_back_as_the_values(rows: list[list[str]], chunk_bytes: int) -> None:
    # GIVEN rows written with backslash escapes, and chunks that end anywhere
    text = "\n".join(map(as_personalize_writes, rows)).encode()

    # WHEN the lines are rewritten
    rewritten, broken_count = rewrite(text, chunk_bytes)

    # THEN an ordinary CSV reader sees the same values
    assert list(csv.reader(io.StringIO(rewritten.decode()))) == rows
    assert broken_count == 0


@pytest.mark.parametrize(
    ("text", "rewritten", "broken_count"),
    [
        (b"A,B\n1,2", b"A,B\n1,2\n", 0),
        (b"\xef\xbb\xbfA,B\n", b"A,B\n", 0),
        (b'A,B\n1,"open\n2,3\n', b"A,B\n2,3\n", 1),
        (b'A,B\n"x ""y"" z",1\n', b'A,B\n"x ""y"" z",1\n', 0),
        (b'A\n"a\nb"\nc\n', b"A\nc\n", 2),
        (b"", b"", 0),
    ],
    ids=["no last newline", "byte order mark", "open quote", "doubled quotes", "two physical lines", "empty"],
)
def test_lines(text: bytes, rewritten: bytes, broken_count: int) -> None:
    assert rewrite(text) == (rewritten, broken_count)
    assert rewrite(text, 1) == (rewritten, broken_count)
