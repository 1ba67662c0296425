"""The path of one request: parse → choose the backend → recommend → put the content behind the ids → reply."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

import boto3
from botocore.config import Config

from recommendations.backends import Backend, backend_from_parameters
from recommendations.content import Content
from recommendations.conversion import ALL_COLUMNS, IMAGE_COLUMNS
from recommendations.cors import PREFLIGHT_HEADERS, cors_headers, header
from recommendations.directory import BackendDirectory
from recommendations.errors import ApiError, BackendFailedError, InternalError, NoBackendError
from recommendations.logs import error_code, log_event, stack_of
from recommendations.recommender import Recommendations, Recommender
from recommendations.reply import empty_response, error_body, error_headers, json_response, recommendations_body
from recommendations.request import RecommendationsRequest, parse_event
from recommendations.settings import Settings
from recommendations.split import order_for_visitor
from recommendations.tables import TableReader

CLIENT_CONFIG = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2})


class Application:
    """Answers requests; everything that talks to the world is passed in."""

    def __init__(
        self,
        settings: Settings,
        *,
        directory: BackendDirectory,
        recommender: Recommender,
        content: Content,
        clock: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._directory = directory
        self._recommender = recommender
        self._content = content
        self._clock = clock

    def respond(self, event: Mapping[str, Any], function_arn: str) -> dict[str, Any]:
        """Answer one proxy event; whatever goes wrong, the answer is JSON with a code."""
        cors = cors_headers(header(event, "Origin"), self._settings.allowed_origins)
        if event.get("httpMethod") == "OPTIONS":
            return empty_response({**cors, **PREFLIGHT_HEADERS})
        request_id = (event.get("requestContext") or {}).get("requestId", "")
        try:
            return json_response(200, self._answer(event, function_arn, request_id), cors)
        except ApiError as error:
            log_event("warning", "refused", request_id=request_id, status=error.status, code=error.code)
            return error_response(error, request_id, cors)
        except Exception as error:
            log_event("error", "internal_error", request_id=request_id, error=error_code(error), stack=stack_of(error))
            return error_response(InternalError("The API failed; it has been logged."), request_id, cors)

    def _answer(self, event: Mapping[str, Any], function_arn: str, request_id: str) -> list[dict[str, Any]]:
        started_s = self._clock()
        request = parse_event(event)
        found = self._recommend(request, function_arn, started_s + self._settings.deadline_s)
        items = self._content.enrich(found.item_ids, request.limit)
        log_event(
            "info",
            "answered",
            request_id=request_id,
            backend=found.backend,
            filters=found.filters_used,
            recommendation_id=found.recommendation_id,
            asked=request.limit,
            recommended=len(found.item_ids),
            returned=len(items),
            duration_ms=round((self._clock() - started_s) * 1000),
        )
        return recommendations_body(request, found, items, request_id)

    def _recommend(self, request: RecommendationsRequest, function_arn: str, ends_at_s: float) -> Recommendations:
        """Ask the visitor's backend, and when it fails, the other active ones."""
        failure: ApiError = NoBackendError(
            "No backend is active: run the pipeline, or deploy this stack with CampaignName and FiltersPrefix."
        )
        for backend in order_for_visitor(self._backends(function_arn), request.visitor_id):
            try:
                return self._recommender.recommend(backend, request, lambda: self._clock() >= ends_at_s)
            except BackendFailedError as error:
                failure = error
        raise failure

    def _backends(self, function_arn: str) -> tuple[Backend, ...]:
        """Return the active rows that have traffic, or the backend of the stack's parameters when there are none."""
        if rows := tuple(backend for backend in self._directory.active() if backend.weight > 0):
            return rows
        named = backend_from_parameters(self._settings.campaign_name, self._settings.filters_prefix, function_arn)
        return (named,) if named else ()


def error_response(error: ApiError, request_id: str, cors: Mapping[str, str]) -> dict[str, Any]:
    """Return an error as a proxy response."""
    return json_response(error.status, error_body(error, request_id), {**cors, **error_headers(error)})


def build_application(settings: Settings) -> Application:
    """Connect the application to AWS, or to whatever AWS_ENDPOINT_URL names."""
    dynamodb = boto3.client("dynamodb", config=CLIENT_CONFIG)
    personalize = boto3.client("personalize-runtime", config=CLIENT_CONFIG)
    return Application(
        settings,
        directory=BackendDirectory(
            dynamodb, settings.settings_table, ttl_s=settings.settings_ttl_s, clock=time.monotonic
        ),
        recommender=Recommender(personalize, default_category=settings.default_category),
        content=build_content(dynamodb, settings),
        clock=time.monotonic,
    )


def build_content(dynamodb: Any, settings: Settings) -> Content:
    """Connect the content table and, if there is one, the image table."""
    tools = {"sleep": time.sleep, "random": Random()}
    columns = [column.source for column in ALL_COLUMNS]
    articles = TableReader(dynamodb, settings.content_table, "ContentId", columns, **tools)
    image_columns = [column.source for column in IMAGE_COLUMNS]
    images = TableReader(dynamodb, settings.image_table, "ContentID", image_columns, **tools)
    return Content(articles, images if settings.image_table else None, ThreadPoolExecutor(max_workers=1))
