"""From a request to an answer, whatever carries them: routing, the automatic context, errors as JSON, cache headers."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from recommendations.auto_context import context_values
from recommendations.cors import PREFLIGHT_HEADERS, cors_headers
from recommendations.directory import BackendDirectory
from recommendations.errors import ApiError, InternalError, UnknownRouteError, WrongMethodError
from recommendations.event_intake import EventIntake
from recommendations.logs import error_code, log_event, stack_of
from recommendations.messages import HttpRequest, HttpResponse, json_response, read_json, shared_response
from recommendations.meters import measure
from recommendations.openapi import VERSION, openapi_document
from recommendations.popular import PopularList
from recommendations.requests import (
    RecommendationsRequest,
    parse_events,
    parse_recommendations,
    parse_related,
    parse_rerank,
)
from recommendations.routes import ROUTES, methods_of
from recommendations.service import PERSONALIZE, Answer, Service, as_reply

SHARED_S = 60
DOCUMENT_S = 3600


class Api:
    """Answers requests."""

    def __init__(
        self,
        service: Service,
        intake: EventIntake,
        *,
        directory: BackendDirectory,
        popular: PopularList,
        allowed_origins: tuple[str, ...],
        auto_context: Mapping[str, str],
        clock: Callable[[], float],
        now_epoch_s: Callable[[], float],
    ) -> None:
        self._service = service
        self._intake = intake
        self._directory = directory
        self._popular = popular
        self._allowed_origins = allowed_origins
        self._auto_context = auto_context
        self._clock = clock
        self._now_epoch_s = now_epoch_s
        self._handlers = {(route.method, route.path): getattr(self, route.handler) for route in ROUTES}

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer; whatever goes wrong, the answer is JSON with a code."""
        cors = cors_headers(request.headers.get("origin", ""), self._allowed_origins)
        begun_s = self._clock()
        try:
            response = self._route(request)
        except ApiError as error:
            log_event("warning", "refused", request_id=request.request_id, status=error.status, code=error.code)
            response = error_response(error, request.request_id)
        except Exception as error:
            log_event(
                "error", "internal_error", request_id=request.request_id, error=error_code(error), stack=stack_of(error)
            )
            response = error_response(InternalError("The API failed; it has been logged."), request.request_id)
        measure("RequestTime", (self._clock() - begun_s) * 1000)
        response.headers |= cors
        return response

    def _route(self, request: HttpRequest) -> HttpResponse:
        allowed = methods_of(request.path)
        if not allowed:
            raise UnknownRouteError("There is no such path: see /openapi.json.")
        if request.method == "OPTIONS":
            methods = ",".join(("OPTIONS", *allowed))
            return HttpResponse(204, {"Access-Control-Allow-Methods": methods, "Allow": methods, **PREFLIGHT_HEADERS})
        handler = self._handlers.get((request.method, request.path))
        if handler is None:
            raise WrongMethodError(allowed)
        return handler(request)

    def recommendations(self, request: HttpRequest) -> HttpResponse:
        """POST /recommendations."""
        asked = self._with_context(parse_recommendations(read_json(request.body)), request)
        return self._personal(self._service.recommendations(asked), asked, request)

    def related(self, request: HttpRequest) -> HttpResponse:
        """POST /related."""
        asked = self._with_context(parse_related(read_json(request.body)), request)
        return self._personal(self._service.related(asked), asked, request)

    def related_shared(self, request: HttpRequest) -> HttpResponse:
        """GET /related: nobody's own, so caches may keep it. A visitor_id in the query is not looked at."""
        asked = parse_related({name: value for name, value in request.query.items() if name != "visitor_id"})
        answer = self._service.related(asked)
        self._log(answer, asked, request)
        if answer.source != PERSONALIZE:
            return json_response(200, as_reply(answer, asked.widget_id, request.request_id))
        (entry,) = as_reply(answer, asked.widget_id, "")
        stable = {name: value for name, value in entry.items() if name != "recommendationId"}
        return shared_response(
            request, as_reply(answer, asked.widget_id, request.request_id), SHARED_S, stable=[stable, request.query]
        )

    def rerank(self, request: HttpRequest) -> HttpResponse:
        """POST /rerank."""
        asked = self._with_context(parse_rerank(read_json(request.body)), request)
        return self._personal(self._service.rerank(asked), asked, request)

    def events(self, request: HttpRequest) -> HttpResponse:
        """POST /events."""
        accepted = self._intake.take(parse_events(read_json(request.body)))
        return json_response(200, {"accepted": accepted, "request_id": request.request_id})

    def health(self, request: HttpRequest) -> HttpResponse:
        """GET /health: whether the application is up, and what it would answer with."""
        state = {
            "status": "ok",
            "backends": len(self._directory.serving()),
            "popular_articles": len(self._popular.articles((), ())),
            "version": VERSION,
        }
        return json_response(200, state)

    def document(self, request: HttpRequest) -> HttpResponse:
        """GET /openapi.json."""
        return shared_response(request, openapi_document(), DOCUMENT_S)

    def _with_context(self, asked: RecommendationsRequest, request: HttpRequest) -> RecommendationsRequest:
        values = context_values(self._auto_context, request.headers, self._now_epoch_s())
        return replace(asked, context_values=values) if values else asked

    def _personal(self, answer: Answer, asked: RecommendationsRequest, request: HttpRequest) -> HttpResponse:
        self._log(answer, asked, request)
        return json_response(200, as_reply(answer, asked.widget_id, request.request_id))

    def _log(self, answer: Answer, asked: RecommendationsRequest, request: HttpRequest) -> None:
        log_event(
            "info",
            "answered",
            request_id=request.request_id,
            path=request.path,
            backend=answer.backend,
            source=answer.source,
            filters=answer.filters_used,
            recommendation_id=answer.recommendation_id,
            asked=asked.limit,
            returned=len(answer.articles),
            personalize_ms=round(answer.personalize_s * 1000),
            content_ms=round(answer.content_s * 1000),
        )


def error_response(error: ApiError, request_id: str) -> HttpResponse:
    """Answer with what went wrong, what to change, and when to come back."""
    headers = {} if error.retry_after_s is None else {"Retry-After": str(error.retry_after_s)}
    if isinstance(error, WrongMethodError):
        headers["Allow"] = ", ".join(("OPTIONS", *error.allowed))
    body: dict[str, Any] = {"code": error.code, "message": error.message, "request_id": request_id}
    return json_response(error.status, body, headers)
