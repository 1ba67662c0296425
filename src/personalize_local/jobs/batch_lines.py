"""Answer files of JSON Lines: `name.json` in the input becomes `name.json.out` in the output folder.

Rule 1: one line of output for each line of input, in its order; blank lines are none.
Rule 2: a line that cannot be served says why in its `error`; the others are served all the same.
Rule 3: memory does not grow with the input: some thousand lines are in memory at a time. An output file is put
    together on this machine and uploaded when it is whole, in parts if it is large.
Rule 4: lines are answered by chunks, several at once (see spread), and those of a chunk together; the answers depend
    on the input only.

Source: contract §3.10, §3.11: format and the empty `_CHECK` object observed; errors per line inferred. That an input
path without a slash at its end is the beginning of keys: developer guide; that a file of this very name is meant alone:
inferred.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, BinaryIO, NoReturn

from personalize_local.jobs.context import JobContext, JobFailedError
from personalize_local.jobs.s3_source import S3File, S3Source, SourceError
from personalize_local.jobs.s3_target import S3Target
from personalize_local.spread.forks import Forks
from personalize_local.spread.spread import Spread
from personalize_spec.errors import InvalidInputException, PersonalizeException

CHECK = "_CHECK"
SUFFIX = ".out"
LINE_MAX_BYTES = 8 * 1024 * 1024
CHUNK_LINES = 1000
CHUNK_BYTES = 1024 * 1024
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

Line = Mapping[str, Any]
Answer = Callable[[Line], dict[str, Any]]
Answered = dict[str, Any] | PersonalizeException
AnswerChunk = Callable[[int, Sequence[Line]], Iterable[Answered]]


@dataclass(frozen=True)
class InputLimits:
    """How much a job takes in."""

    file_count: int
    size_bytes: int
    lines_per_file: int


@dataclass
class LineCounts:
    """What became of the lines so far."""

    answered: int = 0
    failed: int = 0

    def add(self, others: LineCounts) -> None:
        """Count others too."""
        self.answered += others.answered
        self.failed += others.failed


@dataclass(frozen=True)
class _Written:
    """A chunk's lines of output, with the counts and the size of its lines of input."""

    lines: list[bytes]
    counts: LineCounts
    read_bytes: int


@dataclass(frozen=True)
class Batch:
    """A job that answers the lines of its input by chunks: a chunk's place and lines give each line's `output`.

    A line is refused with a PersonalizeException in its place; the message becomes the line's `error`.
    """

    context: JobContext
    client: Any
    input_path: str
    output_path: str
    limits: InputLimits
    answer_chunk: AnswerChunk
    spread: Spread = field(default_factory=Forks)

    def run(self) -> LineCounts:
        """Answer every file, and upload the answers.

        Errors: JobFailedError when the input cannot be read, is too large, or the output cannot be written.
        """
        counts = LineCounts()
        folder = self.context.workspace.job_folder(self.context.job.job_id) / "output"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        files = self._input_files()
        target = S3Target(self.client, self.output_path)
        try:
            target.mark(CHECK)
            size_bytes = sum(file.size_bytes for file in files)
            done_bytes = 0
            for place, file in enumerate(files):
                path = folder / str(place)
                with path.open("wb") as out:
                    self._answer_file(file, out, counts, done_bytes / size_bytes, file.size_bytes / size_bytes)
                done_bytes += file.size_bytes
                target.upload(path, file.name + SUFFIX)
                path.unlink()
        except SourceError as error:
            raise JobFailedError(f"Invalid S3 output path. {error.reason}") from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        return counts

    def _input_files(self) -> list[S3File]:
        try:
            files = S3Source(self.client).list_files(self.input_path, by_prefix=True)
        except SourceError as error:
            raise JobFailedError(f"Invalid S3 input path. {error.reason}") from error
        limits = self.limits
        if len(files) > limits.file_count:
            raise JobFailedError(f"The input has {len(files)} files; {limits.file_count} are allowed.")
        size_bytes = sum(file.size_bytes for file in files)
        if size_bytes > limits.size_bytes:
            raise JobFailedError(f"The input has {size_bytes} bytes; {limits.size_bytes} are allowed.")
        return files

    def _answer_file(self, file: S3File, out: BinaryIO, counts: LineCounts, done: float, share: float) -> None:
        """Answer a file. Units: done and share, the parts of the whole input before the file and in it."""
        read_bytes = line_count = 0
        for answered in self.spread.map(partial(_write, self.answer_chunk), self._chunks(file)):
            out.writelines(answered.lines)
            counts.add(answered.counts)
            read_bytes += answered.read_bytes
            line_count += len(answered.lines)
            fraction = done + share * min(1.0, read_bytes / file.size_bytes)
            self.context.report(f"Answering {file.key}: {line_count} lines done", fraction)

    def _chunks(self, file: S3File) -> Iterator[list[bytes]]:
        """Give the lines by the thousand, fewer when they are long.

        Errors: JobFailedError when there are too many lines.
        """
        chunk: list[bytes] = []
        size_bytes = 0
        for place, line in enumerate(self._lines(file)):
            if place >= self.limits.lines_per_file:
                raise JobFailedError(f"{file.key} has more than {self.limits.lines_per_file} lines.")
            chunk.append(line)
            size_bytes += len(line)
            if len(chunk) == CHUNK_LINES or size_bytes >= CHUNK_BYTES:
                yield chunk
                chunk, size_bytes = [], 0
        if chunk:
            yield chunk

    def _lines(self, file: S3File) -> Iterator[bytes]:
        try:
            yield from split_lines(file.chunks())
        except SourceError as error:
            raise JobFailedError(f"Invalid S3 input path. {error.reason}") from error
        except LineTooLongError as error:
            raise JobFailedError(
                f"{file.key} has a line of more than {LINE_MAX_BYTES} bytes: put one JSON object on each line."
            ) from error


def _write(answer_chunk: AnswerChunk, place: int, lines: list[bytes]) -> _Written:
    """Answer the lines of a chunk together, and write the lines of output."""
    parsed = [_parsed(line) for line in lines]
    readable = [each for each in parsed if not isinstance(each, PersonalizeException)]
    answers = iter(answer_chunk(place, readable))
    counts, written = LineCounts(), []
    for line, given in zip(lines, parsed, strict=True):
        if isinstance(given, PersonalizeException):
            written.append(_line_of(line.decode("utf-8", "replace"), given, counts))
        else:
            written.append(_line_of(given, next(answers), counts))
    return _Written(written, counts, sum(map(len, lines)) + len(lines))


class LineTooLongError(Exception):
    """A line does not end within LINE_MAX_BYTES."""


def split_lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Give the lines that are not blank, without their ends.

    Errors: LineTooLongError.
    """
    rest = b""
    first = True
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > LINE_MAX_BYTES:
            raise LineTooLongError
        for line in lines:
            text = (line.removeprefix(BYTE_ORDER_MARK) if first else line).strip()
            first = False
            if text:
                yield text
    if rest := (rest.removeprefix(BYTE_ORDER_MARK) if first else rest).strip():
        yield rest


def one_by_one(answer: Answer) -> AnswerChunk:
    """Make of what answers a line, or raises, what answers a chunk."""

    def answered(given: Line) -> Answered:
        try:
            return answer(given)
        except PersonalizeException as refusal:
            return refusal

    return lambda place, lines: map(answered, lines)


def _line_of(given: Any, answered: Answered, counts: LineCounts) -> bytes:
    """Give the line of output for a line of input; count it."""
    output, error = None, None
    if isinstance(answered, PersonalizeException):
        error = answered.message
        counts.failed += 1
    else:
        output = answered
        counts.answered += 1
    text = _encode({"input": given, "output": output, "error": error})
    return text.encode("utf-8", "backslashreplace") + b"\n"  # a half surrogate pair becomes \udxxx, as JSON writes it


def text_of(given: Mapping[str, Any], member: str, *, required: bool = True) -> str | None:
    """Give an id of a line as text; numbers are taken for their digits (observed).

    Errors: InvalidInputException when it is missing or no id.
    """
    value = given.get(member)
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if value is None or value == "":
        if required:
            raise InvalidInputException(f"The line has no {member}.")
        return None
    if not isinstance(value, str):
        raise InvalidInputException(f"{member} must be a text.")
    return value


def filter_values_of(given: Mapping[str, Any]) -> dict[str, str]:
    """Give a line's filterValues.

    Errors: InvalidInputException when they are not texts by name.
    """
    values = given.get("filterValues") or {}
    if not isinstance(values, dict) or not all(isinstance(each, str) for each in values.values()):
        raise InvalidInputException('filterValues must be texts by name, such as {"GENRE": "\\"drama\\""}.')
    return values


def _parsed(line: bytes) -> Line | PersonalizeException:
    try:
        given = _decode(line.decode(json.detect_encoding(line), "surrogatepass"))
    except (ValueError, RecursionError) as error:
        return InvalidInputException(f"The line is not JSON: {error}.")
    if not isinstance(given, dict):
        return InvalidInputException('The line is not a JSON object such as {"userId": "42"}.')
    return given


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_decode = json.JSONDecoder(parse_constant=_refuse_constant).decode
