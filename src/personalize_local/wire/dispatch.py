"""One request to one answer: route, parse, handle, serialise."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping

from personalize_local.wire.models import Operation, routes
from personalize_local.wire.operations import Handlers
from personalize_local.wire.parse import parse_request
from personalize_local.wire.response import Response, failure, new_request_id, success, unknown_operation
from personalize_local.wire.scope import request_scope
from personalize_local.wire.serialize import serialize_answer
from personalize_spec.errors import InternalFailure, PersonalizeException

logger = logging.getLogger(__name__)


class Dispatcher:
    """Answers requests with handlers.

    What customers send stays out of the log: it names the operation, the error's code and the request's id only.
    """

    def __init__(self, handlers: Handlers) -> None:
        self._handlers = handlers

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Give the answer to a request; header names are lower case."""
        request_id = new_request_id()
        target = headers.get("x-amz-target")
        route = target or f"{method} {path.rstrip('/') or '/'}"
        operation = routes().get(route)
        if operation is None:
            return unknown_operation(route, is_target=target is not None, request_id=request_id)
        started = time.perf_counter()
        response = self._run(operation, headers, body, request_id)
        elapsed_ms = (time.perf_counter() - started) * 1000
        logger.debug("%s %s %d in %.1f ms", request_id, operation.name, response.status, elapsed_ms)
        return response

    def _run(self, operation: Operation, headers: Mapping[str, str], body: bytes, request_id: str) -> Response:
        try:
            request = parse_request(operation.input_shape, body)
            answer = self._handlers.call(operation.name, request_scope(headers), request)
            return success(operation, serialize_answer(operation.output_shape, answer or {}), request_id)
        except PersonalizeException as error:
            logger.info("%s %s %s", request_id, operation.name, error.code)
            return failure(operation, error, request_id)
        except Exception:
            logger.exception("%s %s failed", request_id, operation.name)
            trouble = InternalFailure(f"The local service failed; its log has the trace of request {request_id}.")
            return failure(operation, trouble, request_id)
