"""Read Personalize's CSV files as an import does, with a schema made from the file where none is given.

The header counts in any letter case and order. Without a schema, USER_ID, ITEM_ID, TIMESTAMP, EVENT_TYPE and
EVENT_VALUE have their known types; of any other column, numbers are numbers, and strings are textual where most have
several words and are different, categorical otherwise.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from personalize_local.evaluation.errors import EvaluationError
from personalize_local.store.csv_import import ConvertedCsv, CsvRefusedError, convert_csv, read_header
from personalize_local.store.csv_lines import CsvLines
from personalize_local.store.dataset_files import BulkFile
from personalize_local.store.duck import open_duckdb
from personalize_local.store.interaction_reader import InteractionReader
from personalize_local.store.metadata_reader import read_metadata
from personalize_local.store.tables import InteractionTable, MetadataTable
from personalize_local.training.item_content import CREATION_TIMESTAMP
from personalize_spec.errors import PersonalizeException
from personalize_spec.schemas import DatasetSchema, Field, parse_schema

INTERACTION_COLUMNS = ("USER_ID", "ITEM_ID", "TIMESTAMP")
KNOWN_TYPES = {"TIMESTAMP": "long", "CREATION_TIMESTAMP": "long", "EVENT_VALUE": "float"}
STRINGS = frozenset({"USER_ID", "ITEM_ID", "EVENT_TYPE", "IMPRESSION", "RECOMMENDATION_ID"})
CORE = frozenset({"USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE", "EVENT_VALUE", "IMPRESSION"})
SAMPLE_ROWS = 2000
WORDS_OF_TEXT = 2.0
DISTINCT_OF_TEXT = 0.5
MILLISECONDS = 10**11  # as seconds, this is the year 5138
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Records:
    """The records of items or users, and which columns are categories, texts and numbers.

    notes: what a reader of the results has to know of how the file was read.
    """

    table: MetadataTable
    categorical: tuple[str, ...]
    textual: tuple[str, ...]
    numeric: tuple[str, ...]
    notes: tuple[str, ...] = ()


def read_interactions(path: Path, schemas: Sequence[Path] = ()) -> tuple[InteractionTable, tuple[str, ...]]:
    """Read events; give them, and notes as `Records` has them.

    Errors: EvaluationError for missing columns, times in milliseconds, and when no row can be read.
    """
    schema = _given(schemas, {"USER_ID", "ITEM_ID"}) or _guess(path, INTERACTION_COLUMNS)
    further = tuple(field.name for field in schema.fields if field.name.upper() not in CORE)
    with tempfile.TemporaryDirectory(prefix="personalize-local-") as folder:
        file, notes = _convert(path, schema, Path(folder))
        with open_duckdb(Path(folder)) as database:
            table = InteractionReader(database, [file], (), schema, further).read("", None)
    if int(table.timestamp_epoch_s.max(initial=0)) >= MILLISECONDS:
        raise EvaluationError(
            f"TIMESTAMP of {path.name} is in milliseconds; Personalize reads seconds: divide by 1000."
        )
    return table, notes


def read_records(path: Path, id_column: str, schemas: Sequence[Path] = ()) -> Records:
    """Read items or users. Errors: EvaluationError as for interactions."""
    other = "USER_ID" if id_column == "ITEM_ID" else "ITEM_ID"
    schema = _given(schemas, {id_column}, {other}) or _guess(path, (id_column,))
    with tempfile.TemporaryDirectory(prefix="personalize-local-") as folder:
        file, notes = _convert(path, schema, Path(folder))
        table = read_metadata([file], (), schema, id_column, Path(folder))
    categorical = tuple(field.name for field in schema.fields if field.categorical)
    textual = tuple(field.name for field in schema.fields if field.textual)
    numeric = tuple(field.name for field in schema.fields if field.is_numeric and field.name != CREATION_TIMESTAMP)
    return Records(table, categorical, textual, numeric, notes)


def _given(
    schemas: Sequence[Path], needed: set[str], absent: frozenset[str] | set[str] = frozenset()
) -> DatasetSchema | None:
    """Find the schema, among those given, that has the needed columns and not the others.

    Errors: EvaluationError naming the file whose schema is wrong.
    """
    for path in schemas:
        try:
            schema = parse_schema(path.read_text(encoding="utf-8"))
        except (PersonalizeException, UnicodeDecodeError) as error:
            raise EvaluationError(f"{path.name}: {getattr(error, 'message', error)}") from error
        columns = {name.upper() for name in schema.columns}
        if needed <= columns and not absent & columns:
            return schema
    return None


def _guess(path: Path, required: Sequence[str]) -> DatasetSchema:
    """Make a schema from the header and the first 2,000 rows.

    Errors: EvaluationError naming the columns that are missing.
    """
    header = read_header(path)
    missing = [name for name in required if name not in {each.upper() for each in header}]
    if missing:
        raise EvaluationError(
            f"{path.name} has no column {', '.join(missing)}: its first line names {', '.join(header) or 'nothing'}. "
            "Name the columns as Personalize does, in any letter case, or say what the file is with --format."
        )
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        rows = [row for row in islice(csv.reader(file), 1, SAMPLE_ROWS + 1) if len(row) == len(header)]
    fields = tuple(_field(name, [row[place] for row in rows], required) for place, name in enumerate(header) if name)
    return DatasetSchema("Evaluation", fields, "")


def _field(name: str, values: Sequence[str], required: Sequence[str]) -> Field:
    known, nullable = name.upper(), name.upper() not in required
    filled = [value for value in values if value]
    if known in KNOWN_TYPES:
        return Field(known, (KNOWN_TYPES[known],), nullable)
    if known in STRINGS:
        return Field(known, ("string",), nullable)
    if filled and all(_is_number(value) for value in filled):
        return Field(name, ("double",), nullable)
    textual = bool(filled) and _is_text(filled)
    return Field(name, ("string",), nullable, categorical=not textual, textual=textual)


def _is_number(value: str) -> bool:
    try:
        return bool(np.isfinite(float(value)))
    except ValueError:
        return False


def _is_text(values: Sequence[str]) -> bool:
    words = sum(len(value.split()) for value in values) / len(values)
    return words >= WORDS_OF_TEXT and len(set(values)) >= DISTINCT_OF_TEXT * len(values)


def _convert(path: Path, schema: DatasetSchema, folder: Path) -> tuple[BulkFile, tuple[str, ...]]:
    """Turn a file into Parquet; give it, and a note if rows were left out.

    Errors: EvaluationError when the file, or every one of its rows, cannot be read.
    """
    clean, target = folder / "clean.csv", folder / "rows.parquet"
    with path.open("rb") as source, clean.open("wb") as file:
        for block in CsvLines().rewrite(iter(lambda: source.read(CHUNK_BYTES), b"")):
            file.write(block)
    try:
        converted = convert_csv(clean, target, schema, folder)
    except CsvRefusedError as error:
        raise EvaluationError(f"{path.name}: {error.reason}") from error
    clean.unlink()
    if not converted.imported_count:
        raise EvaluationError(f"{path.name} has no row that can be read{_reasons(converted)}.")
    left_out = sum(converted.reasons.values())
    notes = (f"{_rows(left_out)} of {path.name} left out{_reasons(converted)}",) if left_out else ()
    return BulkFile(target, converted.imported_count, converted.columns, 0), notes


def _reasons(converted: ConvertedCsv) -> str:
    counted = [f"{reason} ({_rows(count)})" for reason, count in converted.reasons.items()]
    return f": {'; '.join(counted)}" if counted else ""


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"
