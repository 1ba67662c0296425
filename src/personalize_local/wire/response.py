"""Answers as they go over the wire, errors among them.

Source: contract §1.2, §1.3: the error's name is in a header and in the body; the control plane answers 400 to all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from personalize_local.jobs.unique_ids import new_uuid
from personalize_local.wire.guards import AccessException
from personalize_local.wire.models import CONTROL, Operation
from personalize_spec.errors import (
    InternalFailure,
    InvalidInputException,
    PersonalizeException,
    ServiceUnavailable,
    UnknownOperationException,
)

# Errors that the models do not name, for they are common to all services of AWS.
_COMMON_STATUSES = {
    InternalFailure.code: HTTPStatus.INTERNAL_SERVER_ERROR,
    ServiceUnavailable.code: HTTPStatus.SERVICE_UNAVAILABLE,
}
REST_CONTENT_TYPE = "application/json"
TARGET_CONTENT_TYPE = "application/x-amz-json-1.1"


@dataclass(frozen=True)
class Response:
    """An answer: status, headers, the whole body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class ValidationException(PersonalizeException):
    """InvalidInputException where the model has none, as with ListSchemas: AWS's common name for it (inferred)."""


def new_request_id() -> str:
    """Give a request's id."""
    return new_uuid()


def success(operation: Operation, body: bytes, request_id: str) -> Response:
    """Give the answer of an operation that went well."""
    return _response(HTTPStatus.OK, operation.content_type, request_id, body)


def failure(operation: Operation, error: PersonalizeException, request_id: str) -> Response:
    """Give the answer of an operation that ended in an error."""
    status = operation.error_statuses.get(error.code) or _common_status(operation, error)
    if isinstance(error, InvalidInputException) and error.code not in operation.error_statuses:
        error = ValidationException(error.message)
    return _error(status, operation.content_type, error, request_id)


def unknown_operation(method: str, path: str, headers: Mapping[str, str]) -> Response:
    """Give the answer to a request for an operation that there is not; header names are lower case."""
    is_target = "x-amz-target" in headers
    route = headers.get("x-amz-target") or f"{method} {path}"
    error = UnknownOperationException(f"Amazon Personalize has no operation '{route}'.")
    status = HTTPStatus.BAD_REQUEST if is_target else HTTPStatus.NOT_FOUND
    return _error(status, TARGET_CONTENT_TYPE if is_target else REST_CONTENT_TYPE, error, new_request_id())


def _common_status(operation: Operation, error: PersonalizeException) -> int:
    """Give the status of an error that the model does not name; REST answers 403 to one without access (observed)."""
    if isinstance(error, AccessException) and operation.api != CONTROL:
        return HTTPStatus.FORBIDDEN
    return _COMMON_STATUSES.get(error.code, HTTPStatus.BAD_REQUEST)


def _error(status: int, content_type: str, error: PersonalizeException, request_id: str) -> Response:
    body = json.dumps({"__type": error.code, "message": error.message}).encode()
    return _response(status, content_type, request_id, body, (("x-amzn-errortype", error.code),))


def _response(
    status: int, content_type: str, request_id: str, body: bytes, headers: tuple[tuple[str, str], ...] = ()
) -> Response:
    common = (
        ("content-type", content_type),
        ("content-length", str(len(body))),
        ("x-amzn-requestid", request_id),
    )
    return Response(int(status), common + headers, body)
