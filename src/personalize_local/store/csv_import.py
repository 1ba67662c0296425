"""Convert a CSV file to Parquet, out of core: bad rows are left out and counted, a bad file is refused.

Source: contract §3.5 for the format; that rows Personalize cannot read do not fail a whole import: observed.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from personalize_local.store.csv_columns import ColumnRule
from personalize_local.store.duck import MEMORY_LIMIT, identifier, literal, open_duckdb, save_parquet
from personalize_spec.schemas import DatasetSchema

if TYPE_CHECKING:
    import duckdb

FORMATTING_GUIDE = "https://docs.aws.amazon.com/personalize/latest/dg/data-prep-formatting.html"
STRUCTURE_REASONS: Mapping[str, str] = {
    "MISSING COLUMNS": "too few values in the row",
    "TOO MANY COLUMNS": "too many values in the row",
    "UNQUOTED VALUE": "a quoted value does not end where the value ends",
    "LINE SIZE OVER MAXIMUM": "the row is too long",
    "INVALID ENCODING": "the text is not UTF-8",
}
SORTED_BY = ("USER_ID", "TIMESTAMP")
EXAMPLE_LENGTH = 100  # characters of a row that stands for others like it
SORT_MEMORY = "500MB"  # more makes it little faster: 10 million rows take a fifth less time with 1 GB

Refused = tuple[str, int, str]  # a reason, how many rows, the beginning of one


class CsvRefusedError(Exception):
    """The file as a whole cannot be imported; `reason` says what to change, in AWS's words where they are known."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class ConvertedCsv:
    """What became of a file's rows: how many are in the Parquet file, and why the others are not.

    `examples` has the beginning of one row for each reason.
    """

    imported_count: int
    columns: tuple[str, ...]
    reasons: Mapping[str, int] = field(default_factory=dict)
    examples: Mapping[str, str] = field(default_factory=dict)


def convert_csv(source: Path, target: Path, schema: DatasetSchema, spill_folder: Path) -> ConvertedCsv:
    """Write the rows of `source` that fit the schema to the Parquet file `target`, safe on the disk.

    The header is matched to the schema in any order and letter case; other columns are ignored.

    Errors: CsvRefusedError for missing required columns and over-long values.
    """
    header = read_header(source)
    rules = match_columns(header, schema)
    memory_limit = SORT_MEMORY if _sort_keys(rules) else MEMORY_LIMIT
    with open_duckdb(spill_folder, memory_limit) as database, _unreadable_refused():
        refusals = sorted(_refusals(database, source, len(header), rules))
        count = _write_parquet(database, source, target, len(header), rules)
    reasons = {reason: refused for reason, refused, _ in refusals}
    examples = {reason: example for reason, _, example in refusals}
    return ConvertedCsv(count, tuple(rule.field.name for rule in rules), reasons, examples)


@contextmanager
def _unreadable_refused() -> Iterator[None]:
    """Refuse a file that the parser gives up on as a whole, such as one with bare carriage returns among null bytes."""
    from duckdb import InvalidInputException  # late, as in duck.py

    try:
        yield
    except InvalidInputException as error:
        raise CsvRefusedError(
            "The file cannot be read as CSV in UTF-8 with one record per line: "
            f"{str(error).partition(chr(10))[0].removeprefix('Invalid Input Error: ')}"
        ) from error


def read_header(source: Path) -> list[str]:
    """Read the names on the file's first line."""
    with source.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        line = file.readline()
    return [name.strip() for name in next(csv.reader([line]), [])]


def match_columns(header: Sequence[str], schema: DatasetSchema) -> list[ColumnRule]:
    """Find each schema column in the header; the first of equal names counts.

    Errors: CsvRefusedError naming the columns that are required and missing.
    """
    place_of: dict[str, int] = {}
    for place, name in enumerate(header):
        place_of.setdefault(name.upper(), place)
    missing = [item.name for item in schema.fields if not item.nullable and item.name.upper() not in place_of]
    if missing:
        raise CsvRefusedError(f"Input CSV is missing the following columns:[{', '.join(missing)}].")
    places = [place_of.get(item.name.upper()) for item in schema.fields]
    return [
        ColumnRule(item, None if place is None else f"c{place}", schema.bounds(item.name))
        for item, place in zip(schema.fields, places, strict=True)
    ]


def _rows(source: Path, width: int, *, keep_rejects: bool = False) -> str:
    """SQL that reads the file's rows as text columns c0, c1 …, leaving out rows that do not split into them."""
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(width))
    return (
        f"read_csv({literal(source)}, auto_detect = false, header = false, skip = 1, columns = {{{columns}}},"
        " delim = ',', quote = '\"', escape = '\"', nullstr = '', ignore_errors = true,"
        f" store_rejects = {str(keep_rejects).lower()})"
    )


def _refusal(rules: Sequence[ColumnRule]) -> str:
    branches = " ".join(rule.refusal for rule in rules if rule.refusal)
    return f"CASE {branches} END" if branches else "CAST(NULL AS VARCHAR)"


def _refusals(
    database: duckdb.DuckDBPyConnection, source: Path, width: int, rules: Sequence[ColumnRule]
) -> list[Refused]:
    """Count the rows that will be left out, by reason; each with the beginning of a row.

    Errors: CsvRefusedError when a text is longer than Personalize takes.
    """
    limited = [rule for rule in rules if rule.max_length is not None]
    lengths = "".join(f", max(length({rule.source}))" for rule in limited)
    cells = ", ".join(f"coalesce(c{place}, '')" for place in range(width))
    row = f"left(concat_ws(',', {cells}), {EXAMPLE_LENGTH})"
    rows = f"SELECT *, {_refusal(rules)} AS reason FROM {_rows(source, width, keep_rejects=True)}"
    groups = database.execute(
        f"SELECT reason, count(*), min({row}) FILTER (reason IS NOT NULL){lengths} FROM ({rows}) GROUP BY reason"
    ).fetchall()
    for place, rule in enumerate(limited):
        if any((group[3 + place] or 0) > rule.max_length for group in groups):
            raise CsvRefusedError(
                f"Length cannot be more than {rule.max_length} characters for {rule.field.name}. If no values exceed "
                f"the character limit, make sure your data follows the formatting guidelines listed in "
                f"{FORMATTING_GUIDE}."
            )
    refused = [(group[0], group[1], group[2] or "") for group in groups if group[0] is not None]
    return [*refused, *_structure_refusals(database)]


def _structure_refusals(database: duckdb.DuckDBPyConnection) -> Iterator[Refused]:
    query = (
        f"SELECT error_type::VARCHAR, count(DISTINCT line), min(left(csv_line, {EXAMPLE_LENGTH})) FROM reject_errors"
        " GROUP BY 1"
    )
    for kind, count, example in database.execute(query).fetchall():
        yield STRUCTURE_REASONS.get(kind, kind.lower()), count, (example or "").rstrip("\r\n")


def _write_parquet(
    database: duckdb.DuckDBPyConnection, source: Path, target: Path, width: int, rules: Sequence[ColumnRule]
) -> int:
    """Write the good rows; return how many. Interactions are sorted by user, time and place in the file."""
    columns = ", ".join(rule.projection for rule in rules)
    query = f"SELECT {columns} FROM {_rows(source, width)} WHERE ({_refusal(rules)}) IS NULL"
    if keys := _sort_keys(rules):
        numbered = f"SELECT *, row_number() OVER () AS place_in_file FROM ({query})"
        query = f"SELECT * EXCLUDE (place_in_file) FROM ({numbered}) ORDER BY {', '.join(keys)}, place_in_file"
    return save_parquet(database, query, target)


def _sort_keys(rules: Sequence[ColumnRule]) -> list[str]:
    """Give the columns to sort by: those of interactions, none of other datasets."""
    own = {rule.field.name.upper(): identifier(rule.field.name) for rule in rules}
    return [own[name] for name in SORTED_BY] if own.keys() >= set(SORTED_BY) else []
