"""Which calls are counted for CloudWatch, under which names, and about what.

Source: contract §8.2. That a latency is of calls that went well only: documented. GetActionRecommendations has no
metric there, and neither has the control plane.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from botocore import xform_name

from personalize_local.jobs.metrics import COUNT, MILLISECONDS, MetricBuffer
from personalize_spec.arns import Scope
from personalize_spec.limits import ARN_MAX_LENGTH


@dataclass(frozen=True)
class Metered:
    """The names of an operation's metrics, and the members that name what a call is about, the first that is there."""

    requests: str
    errors: str
    latency: str
    subjects: tuple[str, ...]


METERED: Mapping[str, Metered] = {
    "GetRecommendations": Metered(
        "GetRecommendations", "GetRecommendations", "GetRecommendationsLatency", ("campaignArn", "recommenderArn")
    ),
    "GetPersonalizedRanking": Metered(
        "GetPersonalizedRanking", "GetPersonalizedRanking", "GetPersonalizedRankingLatency", ("campaignArn",)
    ),
    "PutEvents": Metered("PutEventsRequests", "PutEvents", "PutEventLatency", ("trackingId",)),
    "PutItems": Metered("PutItemsRequests", "PutItems", "PutItemsLatency", ("datasetArn",)),
    "PutUsers": Metered("PutUsersRequests", "PutUsers", "PutUsersLatency", ("datasetArn",)),
}


def meter(
    metrics: MetricBuffer,
    operation: str,
    scope: Scope,
    request: Mapping[str, Any] | None,
    body: bytes,
    status: int,
    elapsed_ms: float,
) -> None:
    """Note a call that was answered; `request` is None when the body could not be read as one."""
    metered = METERED.get(operation)
    if metered is None or not metrics.is_open:
        return
    subject = _subject(metered, _raw(body) if request is None else request)
    if subject is None:
        return
    metrics.add(scope, metered.requests, COUNT, subject)
    if status == HTTPStatus.OK:
        metrics.add(scope, metered.latency, MILLISECONDS, subject, elapsed_ms)
    else:
        metrics.add(scope, f"{metered.errors}{status // 100}xxErrors", COUNT, subject)


def _subject(metered: Metered, request: Mapping[str, Any]) -> str | None:
    values = (request.get(name) for member in metered.subjects for name in (xform_name(member), member))
    return next((value for value in values if isinstance(value, str) and len(value) <= ARN_MAX_LENGTH), None)


def _raw(body: bytes) -> Mapping[str, Any]:
    """Give the members of a body that was refused, if it has any."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
