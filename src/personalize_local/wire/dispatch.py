"""One request to one answer: route, parse, handle, serialise."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Any

from personalize_local.jobs.metrics import MetricBuffer
from personalize_local.wire.metering import meter
from personalize_local.wire.models import Operation, routes
from personalize_local.wire.operations import Handlers
from personalize_local.wire.parse import parse_request
from personalize_local.wire.response import Response, failure, new_request_id, success, unknown_operation
from personalize_local.wire.scope import request_scope
from personalize_local.wire.serialize import serialize_answer
from personalize_spec.arns import Scope
from personalize_spec.errors import InternalFailure, PersonalizeException

logger = logging.getLogger(__name__)


class Dispatcher:
    """Answers requests with handlers.

    What customers send stays out of the log: it names the operation, the error's code and the request's id only.
    """

    def __init__(self, handlers: Handlers, metrics: MetricBuffer) -> None:
        self._handlers = handlers
        self._metrics = metrics

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Give the answer to a request; header names are lower case."""
        request_id = new_request_id()
        target = headers.get("x-amz-target")
        route = target or f"{method} {path.rstrip('/') or '/'}"
        operation = routes().get(route)
        if operation is None:
            return unknown_operation(route, is_target=target is not None, request_id=request_id)
        started = time.perf_counter()
        scope = request_scope(headers)
        response, request = self._run(operation, scope, body, request_id)
        elapsed_ms = (time.perf_counter() - started) * 1000
        meter(self._metrics, operation.name, scope, request, body, response.status, elapsed_ms)
        logger.debug("%s %s %d in %.1f ms", request_id, operation.name, response.status, elapsed_ms)
        return response

    def _run(
        self, operation: Operation, scope: Scope, body: bytes, request_id: str
    ) -> tuple[Response, dict[str, Any] | None]:
        """Give the answer, and the request as far as it could be read."""
        request = None
        try:
            request = parse_request(operation.input_shape, body)
            answer = self._handlers.call(operation.name, scope, request)
            return success(operation, serialize_answer(operation.output_shape, answer or {}), request_id), request
        except PersonalizeException as error:
            logger.info("%s %s %s", request_id, operation.name, error.code)
            return failure(operation, error, request_id), request
        except Exception:
            logger.exception("%s %s failed", request_id, operation.name)
            trouble = InternalFailure(f"The local service failed; its log has the trace of request {request_id}.")
            return failure(operation, trouble, request_id), request
