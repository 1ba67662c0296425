"""Whatever is in a file, it is imported, or refused with a reason; good rows come through as they are."""

import csv
import io
import os
import shutil
import tempfile
from pathlib import Path

import duckdb
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from personalize_local.store.csv_import import ConvertedCsv, CsvRefusedError, convert_csv
from personalize_local.store.csv_lines import CsvLines
from personalize_spec.schemas import DatasetSchema, Field
from tests.fuzz.strategies import TEXTS

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "60"))
PATIENT = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="FUZZ_EXAMPLES" not in os.environ,
    database=None,
    suppress_health_check=list(HealthCheck),
)
SCHEMA = DatasetSchema(
    "Items",
    (
        Field("ITEM_ID", ("string",)),
        Field("CATEGORY", ("string",), nullable=True, categorical=True),
        Field("WORDS", ("int",), nullable=True),
        Field("PRICE", ("float",), nullable=True),
        Field("FREE", ("boolean",), nullable=True),
        Field("STORY", ("string",), nullable=True, textual=True),
    ),
    "",
)
HEADER = ",".join(field.name for field in SCHEMA.fields)


def imported(content: bytes) -> tuple[ConvertedCsv, list[dict]] | CsvRefusedError:
    """Import a file as a job does; give what became of it and the rows, or the refusal."""
    folder = Path(tempfile.mkdtemp())
    try:
        lines = CsvLines()
        source, target = folder / "in.csv", folder / "out.parquet"
        source.write_bytes(b"".join(lines.rewrite(iter([content]))))
        converted = convert_csv(source, target, SCHEMA, folder / "spill")
        with duckdb.connect() as database:
            answer = database.execute("SELECT * FROM read_parquet(?)", [str(target)])
            names = [column[0] for column in answer.description]
            return converted, [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
    except CsvRefusedError as error:
        return error
    finally:
        shutil.rmtree(folder)


def check(content: bytes) -> None:
    found = imported(content)
    if isinstance(found, CsvRefusedError):
        assert found.reason
    else:
        converted, rows = found
        assert converted.imported_count == len(rows)
        assert all(row["ITEM_ID"] for row in rows)
        assert all(reason and count > 0 for reason, count in converted.reasons.items())


PIECES = st.sampled_from(
    [b",", b'"', b"\n", b"\r\n", b"\r", b"\x00", b"\xff", b"\xef\xbb\xbf", b"a", b"1", b"\xc3", b"|"]
)
BYTES = st.binary(max_size=80) | st.lists(PIECES, max_size=40).map(b"".join)


@PATIENT
@given(content=BYTES)
@example(b"")
@example(b"\n")
@example(b"ITEM_ID")
@example(b"\xff\xfeI\x00T\x00")
@example(b"ITEM_ID\x00,CATEGORY\na,b\n")
@example(b'"ITEM_ID\na')
@example(b"," * 5000 + b"ITEM_ID\n")
def test_any_bytes_are_imported_or_refused(content):
    check(content)


@PATIENT
@given(content=BYTES)
@example(b"a,,1e999,nan,yes,\n")
@example(b"a,,9223372036854775808,inf,,\n")
@example(b'"a\nb",,1,2,true,x\n')
@example(b"a\x00b,,1,2,true,x\n")
@example(b"a,,1,2,true," + b"x" * 3_000_000 + b"\n")
@example(b"a,,1,2,true,x,more\nb\n")
def test_any_bytes_after_a_right_header_are_imported_or_refused(content):
    check(f"{HEADER}\n".encode() + content)


# A backslash escapes here (contract §3.5), and what is no printable text of a line is another test's.
PLAIN = TEXTS.filter(lambda text: text.isprintable() and text.isascii() and len(text) < 200 and "\\" not in text)
CELLS = PLAIN | st.sampled_from(["é", "新聞", "🦊"])


@PATIENT
@given(rows=st.lists(st.tuples(st.text("abc19", min_size=1, max_size=5), CELLS), min_size=1, max_size=6))
def test_quoted_texts_come_through_as_they_are(rows):
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([["ITEM_ID", "STORY"], *rows])
    found = imported(text.getvalue().encode())
    assert not isinstance(found, CsvRefusedError), found.reason
    converted, stored = found
    assert converted.reasons == {}
    assert [(row["ITEM_ID"], row["STORY"] or "") for row in stored] == [(name, story) for name, story in rows]


@PATIENT
@given(cells=st.lists(TEXTS.filter(lambda text: not set(text) & set(',"\\\r\n\x00')), min_size=1, max_size=8))
def test_every_row_is_imported_or_counted(cells):
    lines = [f"id{place},,{cell},,," for place, cell in enumerate(cells)]
    found = imported("\n".join([HEADER, *lines, ""]).encode("utf-8", "surrogatepass"))
    assert not isinstance(found, CsvRefusedError), found.reason
    converted, rows = found
    assert len(rows) + sum(converted.reasons.values()) == len(cells)
