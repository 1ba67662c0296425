"""Which visitor meets which backend: sticky, weighted, and moving as few visitors as a change of weights demands."""

import math
from collections.abc import Sequence
from hashlib import sha256

from recommendations.backends import Backend


def order_for_visitor(backends: Sequence[Backend], visitor_id: str) -> list[Backend]:
    """Order the backends for one visitor: the first serves, the others step in when it fails.

    Each is first for exactly its share of the visitors, weight ÷ sum of weights; weight 0 never serves.
    Source: weighted rendezvous hashing.
    """
    serving = [backend for backend in backends if backend.weight > 0]
    return sorted(serving, key=lambda backend: pull(backend, visitor_id), reverse=True)


def pull(backend: Backend, visitor_id: str) -> float:
    """Return how strongly a backend draws a visitor: an exponential race won in proportion to the weight."""
    return -backend.weight / math.log(fraction(f"{backend.name}\n{visitor_id}"))


def fraction(text: str) -> float:
    """Map text to a number strictly between 0 and 1, evenly and always the same."""
    digest = int.from_bytes(sha256(text.encode()).digest()[:8], "big")
    return ((digest >> 12) + 0.5) / 2**52
