"""Judge a new version by its offline metrics before any reader meets it."""

from __future__ import annotations

from typing import Any

from gate import check_gate, verdict
from pipeline.gateway import PersonalizeGateway, make_gateway
from pipeline.logs import logged

from personalize_spec.parameters.reading import Gate

_gateway: PersonalizeGateway | None = None


@logged
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Compare `event["candidate"]`'s version with the live one by `event["gate"]`; give verdict and reasons."""
    global _gateway
    _gateway = _gateway or make_gateway()
    return judge(_gateway, event["candidate"], Gate(**event["gate"]))


def judge(gateway: PersonalizeGateway, candidate: dict[str, Any], gate: Gate) -> dict[str, Any]:
    """Read both versions' metrics and judge.

    Errors: all of pipeline.errors; CallRefusedError when the new version has no metrics.
    """
    new = gateway.solution_metrics(candidate["version"])
    live = gateway.solution_metrics(candidate["live_version"])
    return verdict(check_gate(candidate["recipe_arn"], gate, new or {}, live))
