"""How many requests may be inside at once: those that threads work on, and a queue that does not grow without end.

Who comes when the queue is full is told so at once, as AWS does; its clients try again by themselves.
Source: contract §1.2, ThrottlingException with "Rate exceeded" (documented); the numbers are our own.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from personalize_local.wire.models import find_operation
from personalize_local.wire.response import Response, failure, new_request_id, unknown_operation
from personalize_spec.errors import InvalidInputException, PersonalizeException, ThrottlingException

WAITING_LIMIT = 500
BODY_LIMIT_BYTES = 4 * 1024 * 1024  # the largest request of the models, ten items with all properties, takes half


class Admission:
    """Counts the requests that are inside."""

    def __init__(self, working: int, waiting: int = WAITING_LIMIT) -> None:
        self._places = threading.Semaphore(working + waiting)

    def enter(self) -> bool:
        """Take a place, unless there is none; who got one must `leave`."""
        return self._places.acquire(blocking=False)

    def leave(self) -> None:
        """Give the place back."""
        self._places.release()


def throttled(scope: Mapping[str, Any]) -> Response:
    """Give the answer to a request for which there is no place."""
    return _refusal(scope, ThrottlingException("Rate exceeded"))


def too_large(scope: Mapping[str, Any]) -> Response:
    """Give the answer to a request that is larger than any operation's can be."""
    return _refusal(scope, InvalidInputException(f"The request's body is larger than {BODY_LIMIT_BYTES} bytes."))


def _refusal(scope: Mapping[str, Any], error: PersonalizeException) -> Response:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    operation = find_operation(scope["method"], scope["path"], headers)
    if operation is None:
        return unknown_operation(scope["method"], scope["path"], headers)
    return failure(operation, error, new_request_id())
