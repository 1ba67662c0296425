"""Where work is done, by the environment: PERSONALIZE_LOCAL_SPREAD."""

from __future__ import annotations

import os
from collections.abc import Mapping

from personalize_local.spread.forks import Forks
from personalize_local.spread.ray_cluster import RayCluster
from personalize_local.spread.spread import Here, Spread

VARIABLE = "PERSONALIZE_LOCAL_SPREAD"
CORES, NOWHERE, RAY = "cores", "off", "ray"
MEANING = "off, cores, ray for a Ray cluster of this machine alone, or the address of one, such as 10.0.0.1:6379"


def read_spread(text: str) -> str:
    """Check a value of the variable; give it in its usual spelling.

    Errors: ValueError for what is neither a word nor an address.
    """
    word = text.strip()
    if word.lower() in (CORES, NOWHERE, RAY):
        return word.lower()
    host, _, port = word.removeprefix("ray://").rpartition(":")
    if not host or not port.isdigit():
        raise ValueError(f"{text} is not {MEANING}")
    return word


def spread_of(environment: Mapping[str, str] = os.environ) -> Spread:
    """Give what the environment asks for: the cores of this machine unless it says otherwise."""
    word = read_spread(environment.get(VARIABLE) or CORES)
    if word == NOWHERE:
        return Here()
    if word == CORES:
        return Forks()
    return RayCluster(None if word == RAY else word)
