"""Versions that the gate has refused, so that no run judges again what cannot have changed; pure.

Offline metrics never change. A refusal counts as long as the gate is the same, and the version it was compared with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.wanted import digest

GATE_CLOSED = "GateClosedError"
MAX_REFUSED = 20
_JUDGED_BY = ("metric", "tolerance", "minimum_coverage")

Refused = Mapping[str, Mapping[str, str]]  # a version → by what it was judged, and the cause


def gate_digest(gate: Mapping[str, Any], live_version: str) -> str:
    """Give a hash of what a version was judged by; requests to a campaign are no part of it."""
    return digest([*(str(gate[name]) for name in _JUDGED_BY), live_version])


def refusal_of(refused: Refused, version: str, gate: Mapping[str, Any], live_version: str) -> str:
    """Give why a version was refused by this very gate; "" where it was not."""
    found = refused.get(version, {})
    return found["cause"] if found.get("gate") == gate_digest(gate, live_version) else ""


def with_refusals(
    refused: Refused, plan: Mapping[str, Any], results: Iterable[Mapping[str, Any]]
) -> dict[str, Mapping[str, str]]:
    """Add what the gate has refused among the results of a release."""
    candidates = {each["name"]: each for each in plan["candidates"]}
    found = dict(refused)
    for result in results:
        error = result.get("failure", {}).get("error", {})
        if error.get("Error") == GATE_CLOSED:
            judged = candidates[result["name"]]
            by = gate_digest(plan["gate"], judged["live_version"])
            found[judged["version"]] = {"gate": by, "cause": error["Cause"]}
    return dict(list(found.items())[-MAX_REFUSED:])
