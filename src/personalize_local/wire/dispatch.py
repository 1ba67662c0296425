"""One request to one answer: parse, handle, serialise."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from personalize_local.jobs.metrics import MetricBuffer
from personalize_local.runtime.engine import NotAtHandError
from personalize_local.wire.guards import Request
from personalize_local.wire.metering import meter
from personalize_local.wire.models import Operation
from personalize_local.wire.operations import Handlers
from personalize_local.wire.parse import parse_request
from personalize_local.wire.response import Response, failure, new_request_id, success
from personalize_local.wire.scope import request_scope
from personalize_local.wire.serialize import serialize_answer
from personalize_spec.arns import Scope
from personalize_spec.errors import InternalFailure, PersonalizeException

logger = logging.getLogger(__name__)

Call = Callable[[str, Scope, dict[str, Any]], dict[str, Any] | None]


class Dispatcher:
    """Answers requests with handlers.

    What customers send stays out of the log: it names the operation, the error's code and the request's id only.
    """

    def __init__(self, handlers: Handlers, metrics: MetricBuffer) -> None:
        self._handlers = handlers
        self._metrics = metrics

    def answer(self, operation: Operation, request: Request) -> Response:
        """Give the answer to a request, however long it takes."""
        return self._answer(operation, request, self._handlers.call)

    def answer_at_hand(self, operation: Operation, request: Request) -> Response:
        """Give the runtime's answer to a request that takes a moment only.

        Errors: NotAtHandError for others.
        """
        return self._answer(operation, request, self._handlers.call_at_hand)

    def note_refusal(self, operation: Operation, request: Request, status: int) -> None:
        """Count a request that was turned away before anybody looked at it."""
        scope = request_scope(request.headers, request.query)
        meter(self._metrics, operation.name, scope, None, request.body, status, 0.0)

    def _answer(self, operation: Operation, request: Request, call: Call) -> Response:
        started = time.perf_counter()
        request_id = new_request_id()
        scope = request_scope(request.headers, request.query)
        response, members = self._run(operation, scope, request.body, request_id, call)
        elapsed_ms = (time.perf_counter() - started) * 1000
        meter(self._metrics, operation.name, scope, members, request.body, response.status, elapsed_ms)
        logger.debug("%s %s %d in %.1f ms", request_id, operation.name, response.status, elapsed_ms)
        return response

    def _run(
        self, operation: Operation, scope: Scope, body: bytes, request_id: str, call: Call
    ) -> tuple[Response, dict[str, Any] | None]:
        """Give the answer, and the request as far as it could be read.

        Errors: NotAtHandError.
        """
        request = None
        try:
            request = parse_request(operation.input_shape, body)
            answer = call(operation.name, scope, request)
            return success(operation, serialize_answer(operation.output_shape, answer or {}), request_id), request
        except NotAtHandError:
            raise
        except PersonalizeException as error:
            logger.info("%s %s %s", request_id, operation.name, error.code)
            return failure(operation, error, request_id), request
        except Exception:
            logger.exception("%s %s failed", request_id, operation.name)
            trouble = InternalFailure(f"The local service failed; its log has the trace of request {request_id}.")
            return failure(operation, trouble, request_id), request
