"""Read the files of one dataset as far as the budget goes, and check their form and values."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from personalize_spec.limits import IMPORT_FULL_MAX_BYTES, IMPORT_INCREMENTAL_MAX_BYTES
from personalize_spec.parameters.finding import ERROR, WARNING, Finding
from personalize_spec.preflight.header import Header, read_header
from personalize_spec.preflight.sample import BUDGET_BYTES, DataFile, Piece, choose_pieces
from personalize_spec.preflight.values import BAD_SHARE, ColumnCheck
from personalize_spec.schemas import DatasetSchema
from personalize_spec.schemas.rules import ACTION_BOUNDS

_ESCAPED = re.compile(r'\\(["\\])')
_REPLACEMENTS = {'"': '""', "\\": "\\"}

Row = list[str]  # values in the order of the schema's columns
TakeRow = Callable[[Row], None]


@dataclass
class DatasetCheck:
    """One dataset: `name` as in the parameter file, its files, its schema; after `run`, what was found.

    `adds` tells that the import adds to the data before it; `is_whole` that every byte was read: only then are counts
    the real ones.
    """

    name: str
    schema: DatasetSchema
    files: Sequence[DataFile]
    now_epoch_s: float
    adds: bool = False
    findings: list[Finding] = field(default_factory=list)
    row_count: int = 0
    read_bytes: int = 0
    is_whole: bool = True
    _misshapen: Counter[str] = field(default_factory=Counter)
    _first_of: dict[str, str] = field(default_factory=dict)

    def run(self, take_row: TakeRow, budget_bytes: int = BUDGET_BYTES) -> None:
        """Read and check; `take_row` is given the rows whose values are all good."""
        self._check_sizes()
        bounds = ACTION_BOUNDS if self.name == "Actions" else {}
        columns = [
            ColumnCheck(column, self.now_epoch_s, bounds.get(column.name.upper())) for column in self.schema.fields
        ]
        headers: dict[str, Header] = {}
        for piece in choose_pieces(self.files, budget_bytes):
            self.read_bytes += piece.end - piece.start
            for row in self._rows(piece, headers):
                place = piece.file.name
                good = [column.take(value, place) for column, value in zip(columns, row, strict=True)]
                if all(good):
                    take_row(row)
        self.is_whole = self.read_bytes == self.size_bytes and all(header.names for header in headers.values())
        for column in columns:
            self._add(column.problems(self.row_count))
        self._add(self._misshapen_problems())

    @property
    def size_bytes(self) -> int:
        """The size of all files."""
        return sum(file.size_bytes for file in self.files)

    @property
    def sampled(self) -> str:
        """Say what was read."""
        whole = _size(self.size_bytes)
        share = f"all {whole}" if self.read_bytes == self.size_bytes else f"{_size(self.read_bytes)} of {whole}"
        files = "1 file" if len(self.files) == 1 else f"{len(self.files)} files"
        return f"{self.name}: {files}, {share} read, {self.row_count:,} rows checked"

    def _check_sizes(self) -> None:
        most = IMPORT_INCREMENTAL_MAX_BYTES if self.adds else IMPORT_FULL_MAX_BYTES
        if self.size_bytes > most:
            text = f"The files have {_size(self.size_bytes)}: an import takes at most {_size(most)}"
            cure = "put only what is new there, or write importMode FULL" if self.adds else "leave old rows out"
            self._add([(ERROR, f"{text}: {cure}.")])
        empty = [(ERROR, f"{file.name}: The file is empty: remove it.") for file in self.files if not file.size_bytes]
        self._add(empty)

    def _rows(self, piece: Piece, headers: dict[str, Header]) -> Iterator[Row]:
        lines = piece.lines()
        name = piece.file.name
        if piece.start == 0:
            headers[name] = read_header(next(lines, b""), self.schema)
            self._add((severity, f"{name}: {message}") for severity, message in headers[name].problems)
        header = headers[name]
        if not header.names:
            return
        places = [header.place_of(column) for column in self.schema.columns]
        for values in csv.reader(self._texts(lines, name)):
            if not values:
                continue
            self.row_count += 1
            if len(values) == len(header.names):
                yield [values[place] for place in places]  # type: ignore[index]
            else:
                self._note(f"has {len(values)} values where the header has {len(header.names)} columns", name)

    def _texts(self, lines: Iterator[bytes], place: str) -> Iterator[str]:
        """Give the lines as the csv module reads them: `\\"` as a doubled quote, and none that swallows the next."""
        for line in lines:
            text = line.decode(errors="replace").rstrip("\r")
            if "\ufffd" in text:
                self._note("is not UTF-8 text: save the file as UTF-8", place)
            if "\\" in text:
                text = _ESCAPED.sub(lambda match: _REPLACEMENTS[match[1]], text)
            if text.count('"') % 2 == 0:
                yield text
            else:
                self.row_count += 1
                self._note("has a quote that does not end in its line", place)

    def _note(self, wrong: str, place: str) -> None:
        self._misshapen[wrong] += 1
        self._first_of.setdefault(wrong, place)

    def _misshapen_problems(self) -> Iterator[tuple[str, str]]:
        for wrong, count in self._misshapen.items():
            severity = WARNING if count <= BAD_SHARE * self.row_count else ERROR
            rows = "1 row" if count == 1 else f"Each of {count:,} rows"
            yield severity, f"{rows} {wrong} (first in {self._first_of[wrong]}): correct it, or leave such rows out."

    def _add(self, problems: Iterator[tuple[str, str]] | list[tuple[str, str]]) -> None:
        self.findings += [Finding(f"datasets.{self.name}", message, severity) for severity, message in problems]


def _size(count: float) -> str:
    for unit in ("bytes", "KB", "MB"):
        if count < 1024:
            return f"{count:.0f} {unit}"
        count /= 1024
    return f"{count:.1f} GB"
