"""The way in: every guard looks at a request before anything else does."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from personalize_local.wire.guards import Guard, Request
from personalize_local.wire.models import Operation
from personalize_local.wire.response import Response, failure, new_request_id
from personalize_spec.errors import PersonalizeException

logger = logging.getLogger(__name__)


class Gate:
    """Asks the guards, in order."""

    def __init__(self, guards: Sequence[Guard]) -> None:
        self._guards = tuple(guards)

    def refusal(self, operation: Operation, request: Request) -> Response | None:
        """Give the answer to a request that a guard refuses; None when it may go on."""
        try:
            for check in self._guards:
                check(operation, request)
        except PersonalizeException as error:
            request_id = new_request_id()
            logger.info("%s %s %s", request_id, operation.name, error.code)
            return failure(operation, error, request_id)
        return None
