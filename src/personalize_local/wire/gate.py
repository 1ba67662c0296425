"""The way in: every guard looks at a request before anything else does."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from personalize_local.wire.guards import Guard, Request
from personalize_local.wire.models import find_operation
from personalize_local.wire.response import Response, failure, new_request_id
from personalize_spec.errors import PersonalizeException

logger = logging.getLogger(__name__)


class Gate:
    """Asks the guards, in order. Requests for unknown operations pass: they get their own error, as on AWS."""

    def __init__(self, guards: Sequence[Guard]) -> None:
        self._guards = tuple(guards)

    def refusal(self, request: Request) -> Response | None:
        """Give the answer to a request that a guard refuses; None when it may go on."""
        operation = find_operation(request.method, request.path, request.headers) if self._guards else None
        if operation is None:
            return None
        request_id = new_request_id()
        try:
            for check in self._guards:
                check(operation, request)
        except PersonalizeException as error:
            logger.info("%s %s %s", request_id, operation.name, error.code)
            return failure(operation, error, request_id)
        return None
