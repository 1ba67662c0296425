"""What is known of the users, as the network reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from personalize_local.models.reader_words import NO_WORDS, ReaderWords, reader_words

MAX_WORDS_OF_ONE = 16


@dataclass(frozen=True)
class Readers:
    """The words of all users.

    Shapes: codes [users, words of one] int32, -1 for none.
    """

    words: ReaderWords
    codes: np.ndarray


def describe_readers(records: Sequence[Mapping[str, object]] | None, user_count: int) -> Readers:
    """Turn records, one per user, into words; at most 16 of each, the most frequent ones."""
    if records is None:
        return Readers(NO_WORDS, np.empty((user_count, 0), dtype=np.int32))
    words = reader_words(records)
    found = [words.codes(record)[:MAX_WORDS_OF_ONE] for record in records]
    codes = np.full((user_count, max(map(len, found), default=0)), -1, dtype=np.int32)
    for user, own in enumerate(found):
        codes[user, : len(own)] = own
    return Readers(words, codes)
