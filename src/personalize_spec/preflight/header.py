"""Check the first line of a CSV file against the dataset's schema.

Source: contract §3.5: columns in any order; that absent nullable columns fail the import is the documented wording.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from personalize_spec.names import did_you_mean
from personalize_spec.parameters.finding import ERROR, WARNING
from personalize_spec.schemas import DatasetSchema

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_NOT_CSV = {
    b"\x1f\x8b": "is compressed (gzip): unpack it",
    b"PK\x03\x04": "is a ZIP archive: unpack it",
    b"PAR1": "is a Parquet file: write it as CSV",
    b"\xff\xfe": "is UTF-16 text: save it as UTF-8",
    b"\xfe\xff": "is UTF-16 text: save it as UTF-8",
}
_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}

Problem = tuple[str, str]  # a severity and a message


@dataclass(frozen=True)
class Header:
    """The columns' names as the file has them, and what is wrong with them."""

    names: tuple[str, ...]
    problems: tuple[Problem, ...]

    def place_of(self, column: str) -> int | None:
        """Give the place of a column in each row; letter case does not count."""
        folded = [name.casefold() for name in self.names]
        return folded.index(column.casefold()) if column.casefold() in folded else None


def read_header(line: bytes, schema: DatasetSchema) -> Header:
    """Read the header line; no names where the rows below it cannot be read by it."""
    for mark, text in _NOT_CSV.items():
        if line.startswith(mark):
            return Header((), ((ERROR, f"This {text}."),))
    try:
        text = line.removeprefix(BYTE_ORDER_MARK).decode().rstrip("\r")
    except UnicodeDecodeError as error:
        return Header((), ((ERROR, f"The first line is not UTF-8 text (byte {error.start}): save the file as UTF-8."),))
    names = tuple(name.strip() for name in next(csv.reader([text]), []))
    problems = tuple(_problems(names, schema))
    is_readable = all(severity != ERROR for severity, _ in problems)
    return Header(names if is_readable else (), problems)


def _problems(names: Sequence[str], schema: DatasetSchema) -> Iterator[Problem]:
    folded = {name.casefold() for name in names}
    missing = [column for column in schema.columns if column.casefold() not in folded]
    if len(missing) == len(schema.columns):
        yield ERROR, _no_header(names, schema)
        return
    surplus = [name for name in names if schema.field(name) is None]
    for name in missing:
        cure = f"add it to the file, or remove it from the schema.{did_you_mean(name, surplus)}"
        yield ERROR, f"The header has no column {name}, which the schema has: {cure}"
    for name in surplus:
        yield WARNING, f"The schema has no column '{name}', so its values are not used."
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield ERROR, f"The header names the column {name} twice: remove one of the two."


def _no_header(names: Sequence[str], schema: DatasetSchema) -> str:
    wanted = ",".join(schema.columns)
    if len(names) == 1:
        for delimiter, words in _DELIMITERS.items():
            if delimiter in names[0]:
                return f"The columns are separated by {words}: separate them by commas, as in {wanted}"
    shown = ",".join(names)[:80]
    return f"The first line must name the columns, and it is '{shown}'. Put this line first: {wanted}"
