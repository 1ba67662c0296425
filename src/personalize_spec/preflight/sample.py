"""Which parts of large files are read, and the lines in them.

Rule 1: what fits the budget is read whole. Of more, the beginning of every file and pieces at even distances are read.
Rule 2: a piece from within a file begins after its first line end, and its last line, cut off, is left out. Lines are
    records: Personalize's files have one record per physical line.

Source: contract §3.5.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

BUDGET_BYTES = 32 * 1024**2  # about half a minute in a Lambda function of half a virtual CPU
PIECE_BYTES = 1024**2
FIRST_BYTES = 64 * 1024
HEADER_BYTES = 8 * 1024  # a hundred columns with names of some length


@dataclass(frozen=True)
class DataFile:
    """A CSV file: `read(start, end)` gives its bytes from start up to, not including, end."""

    name: str
    size_bytes: int
    read: Callable[[int, int], bytes]


@dataclass(frozen=True)
class Piece:
    """A part of a file to read, in bytes."""

    file: DataFile
    start: int
    end: int

    def lines(self) -> Iterator[bytes]:
        """Yield the whole lines of the piece, without their ends; memory stays that of a block."""
        is_first, rest = self.start > 0, b""
        for block_start in range(self.start, self.end, PIECE_BYTES):
            lines = (rest + self.file.read(block_start, min(block_start + PIECE_BYTES, self.end))).split(b"\n")
            rest = lines.pop()
            yield from lines[1:] if is_first else lines
            is_first = is_first and not lines
        if rest and not is_first and self.end == self.file.size_bytes:
            yield rest


def choose_pieces(files: Sequence[DataFile], budget_bytes: int = BUDGET_BYTES) -> list[Piece]:
    """Choose what to read, in the order of the files; each file's first piece begins with its header."""
    total = sum(file.size_bytes for file in files)
    if total <= budget_bytes:
        return [Piece(file, 0, file.size_bytes) for file in files if file.size_bytes]
    first = min(FIRST_BYTES, max(budget_bytes // (2 * len(files)), HEADER_BYTES))
    pieces = [Piece(file, 0, min(first, file.size_bytes)) for file in files if file.size_bytes]
    rest = max(budget_bytes - first * len(files), budget_bytes // 2)
    length = max(min(PIECE_BYTES, rest), 1)
    count = rest // length
    places = (int((index + 0.5) * total / count) for index in range(count))
    pieces += [piece for place in places if (piece := _piece_at(files, place, first, length))]
    return sorted(_without_overlap(pieces), key=lambda piece: (piece.file.name, piece.start))


def _piece_at(files: Sequence[DataFile], place: int, first: int, length: int) -> Piece | None:
    """The piece that begins at a place in all files put together; None where the file's beginning has it."""
    for file in files:
        if place < file.size_bytes:
            start = max(place, first)
            return Piece(file, start, min(start + length, file.size_bytes)) if start < file.size_bytes else None
        place -= file.size_bytes
    return None


def _without_overlap(pieces: list[Piece]) -> Iterator[Piece]:
    read_to: dict[str, int] = {}
    for piece in sorted(pieces, key=lambda piece: (piece.file.name, piece.start)):
        start = max(piece.start, read_to.get(piece.file.name, 0))
        if start < piece.end:
            read_to[piece.file.name] = piece.end
            yield Piece(piece.file, start, piece.end)
