"""The answers, as API Gateway's proxy integration takes them."""

import json
from collections.abc import Mapping
from typing import Any

from recommendations.errors import ApiError
from recommendations.recommender import Recommendations
from recommendations.request import RecommendationsRequest


def recommendations_body(
    request: RecommendationsRequest, found: Recommendations, items: list[dict[str, Any]], request_id: str
) -> list[dict[str, Any]]:
    """Return the reply: a list of one, as the newspaper's previous API gave it."""
    return [
        {
            "recommendations": items,
            "request_id": request_id,
            "container_position": 0,
            "widget_id": request.widget_id,
            "recommendationId": found.recommendation_id,
            "filter_used": ", ".join(found.filters_used),
        }
    ]


def error_body(error: ApiError, request_id: str) -> dict[str, Any]:
    """Return what went wrong and what to change."""
    return {"code": error.code, "message": error.message, "request_id": request_id}


def error_headers(error: ApiError) -> dict[str, str]:
    """Say when to come back, where coming back helps."""
    return {} if error.retry_after_s is None else {"Retry-After": str(error.retry_after_s)}


def json_response(status: int, body: Any, headers: Mapping[str, str]) -> dict[str, Any]:
    """Return a proxy response; the answer is one reader's and is not to be kept."""
    return {
        "statusCode": status,
        "headers": {"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store", **headers},
        "body": json.dumps(body, ensure_ascii=False, separators=(",", ":")),
    }


def empty_response(headers: Mapping[str, str]) -> dict[str, Any]:
    """Return a response without a body."""
    return {"statusCode": 204, "headers": dict(headers), "body": ""}
