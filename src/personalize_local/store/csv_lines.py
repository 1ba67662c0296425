"""Bring CSV as Amazon Personalize accepts it into the one dialect the converter reads.

Personalize's files have one record per physical line, values with commas in double quotes, and `\\` before a quote or
a backslash inside quotes. Most writers double the quote instead. Both are rewritten to doubled quotes here.

Rule 1: `\\"` becomes `""`, `\\\\` becomes `\\`.
Rule 2: a line with an odd number of quotes is broken; it is dropped and counted, or it would swallow all that follow.

Source: contract §3.5.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import numpy as np

_ESCAPED = re.compile(rb'\\(["\\])')
_REPLACEMENTS = {b'"': b'""', b"\\": b"\\"}
_NEWLINE = ord("\n")
_QUOTE = ord('"')
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class CsvLines:
    """Rewrite a CSV stream chunk by chunk; `broken_count` lines were dropped so far, the first was `broken_line`."""

    def __init__(self) -> None:
        self.broken_count = 0
        self.broken_line = b""

    def rewrite(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Give the same records in the converter's dialect, in blocks of whole lines."""
        rest = b""
        first = True
        for chunk in chunks:
            block = rest + chunk
            if first and len(block) < len(BYTE_ORDER_MARK):
                rest = block
                continue
            if first:
                block, first = block.removeprefix(BYTE_ORDER_MARK), False
            end = block.rfind(b"\n") + 1
            rest = block[end:]
            if end:
                yield self._rewrite_lines(block[:end])
        if rest:
            yield self._rewrite_lines(rest.removeprefix(BYTE_ORDER_MARK) + b"\n")

    def _rewrite_lines(self, block: bytes) -> bytes:
        if b"\\" in block:
            block = _ESCAPED.sub(lambda match: _REPLACEMENTS[match.group(1)], block)
        return self._without_broken_lines(block) if b'"' in block else block

    def _without_broken_lines(self, block: bytes) -> bytes:
        data = np.frombuffer(block, dtype=np.uint8)  # [bytes]
        line_ends = np.flatnonzero(data == _NEWLINE)  # [lines]
        line_of_quote = np.searchsorted(line_ends, np.flatnonzero(data == _QUOTE))  # [quotes]
        quote_count = np.bincount(line_of_quote, minlength=len(line_ends))  # [lines]
        broken = np.flatnonzero(quote_count % 2)
        if not len(broken):
            return block
        self.broken_count += len(broken)
        starts = np.concatenate(([0], line_ends[:-1] + 1))
        self.broken_line = self.broken_line or block[starts[broken[0]] : line_ends[broken[0]]]
        kept, position = [], 0
        for line in broken:
            kept.append(block[position : starts[line]])
            position = line_ends[line] + 1
        kept.append(block[position:])
        return b"".join(kept)
