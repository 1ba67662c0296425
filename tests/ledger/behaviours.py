"""What is checked of every operation, one function per behaviour; each gives the evidence for it, or None."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from botocore.parsers import create_parser
from botocore.serialize import create_serializer

from personalize_local.wire.models import Operation, service_model
from personalize_local.wire.parse import parse_request
from personalize_local.wire.serialize import to_wire
from tests.ledger.cases import CASES
from tests.ledger.requests import WRONG_TYPES, beyond, parts, replaced, whole, without
from tests.ledger.shapes import shape_problems
from tests.ledger.states import busy_requests, fill_up, renamed
from tests.town import Town, route_of

INPUT_ERRORS = {"InvalidInputException", "ValidationException", "TooManyTagsException", "TooManyTagKeysException"}


def ask(town: Town, operation: Operation, request: Any) -> tuple[int, Any]:
    """Send a request: status and answer."""
    path, headers = route_of(operation)
    status, _, body = town.world.post(path, json.dumps(request).encode(), headers)
    return status, json.loads(body) if body else None


def at(request: Any, path: tuple[Any, ...]) -> Any:
    """Give what is at a place of a request."""
    for step in path:
        request = request[step]
    return request


def check_request(town: Town, operation: Operation) -> str:
    """Every member, written by botocore, is read as it was meant."""
    model = service_model(operation.api)
    serializer = create_serializer(model.metadata["protocol"], include_validation=True)
    request = whole(operation.input_shape)
    body = serializer.serialize_to_request(request, model.operation_model(operation.name))["body"]
    assert to_wire(operation.input_shape, parse_request(operation.input_shape, body)) == request
    return "model"


def check_required(town: Town, operation: Operation) -> str | None:
    """Every required member that is absent is named."""
    request, found = whole(operation.input_shape), False
    for path, member in _required(operation.input_shape, request):
        status, answer = ask(town, operation, without(request, path))
        assert (status, answer["__type"] in INPUT_ERRORS) == (400, True), answer
        assert f"{member}' failed to satisfy constraint: Member must not be null" in answer["message"]
        found = True
    return "model" if found else None


def _required(shape: Any, request: Any) -> Iterator[tuple[tuple[Any, ...], str]]:
    for path, part in [((), shape), *parts(shape, request)]:
        if part.type_name == "structure":
            yield from (((*path, name), name) for name in part.required_members)


def check_types(town: Town, operation: Operation) -> str | None:
    """A value of another type than the member's is refused."""
    request, found = whole(operation.input_shape), False
    for path, part in parts(operation.input_shape, request):
        status, answer = ask(town, operation, replaced(request, path, WRONG_TYPES.get(part.type_name, "text")))
        assert (status, answer["__type"]) == (400, "SerializationException"), (path, answer)
        found = True
    return "inferred" if found else None


def check_bounds(town: Town, operation: Operation) -> str | None:
    """Every length, range, pattern and enum of the model holds."""
    request, found = whole(operation.input_shape), False
    for path, part in parts(operation.input_shape, request):
        for value in beyond(part, at(request, path)):
            status, answer = ask(town, operation, replaced(request, path, value))
            assert (status, answer["__type"] in INPUT_ERRORS) == (400, True), (path, value, answer)
            found = True
    return "model" if found else None


def check_answer(town: Town, operation: Operation) -> str | None:
    """A good call's answer has the shape of the model, and botocore reads it."""
    status, answer = ask(town, operation, CASES[operation.name](town))
    assert status == 200, answer
    if operation.output_shape is None:
        assert answer is None
        return "model"
    assert list(shape_problems(operation.output_shape, answer)) == []
    raw = {"body": json.dumps(answer).encode(), "headers": {}, "status_code": 200}
    parsed = create_parser(service_model(operation.api).metadata["protocol"]).parse(raw, operation.output_shape)
    assert set(answer) <= set(parsed)
    return "model"


def check_errors(town: Town, operation: Operation) -> str | None:
    """The errors that the model names and that can be had from any good request."""
    request = CASES[operation.name](town)
    shown = [code for code, wrong in _wrong(operation, request) if _is_refused(town, operation, wrong, code)]
    if "ResourceAlreadyExistsException" in operation.error_statuses and ("name" in request or "jobName" in request):
        assert ask(town, operation, request)[0] == 200
        assert _is_refused(town, operation, request, "ResourceAlreadyExistsException")
        shown.append("ResourceAlreadyExistsException")
    return (
        f"documented: {', '.join(code.removesuffix('Exception') for code in dict.fromkeys(shown))}" if shown else None
    )


def check_states(town: Town, operation: Operation) -> str | None:
    """The errors that the state of things brings: what is named is changing, or there are enough already."""
    request, shown = CASES[operation.name](town), set()
    for busy in busy_requests(town, operation, request):
        shown |= _state_error(operation, *ask(town, operation, busy))
    if "LimitExceededException" in operation.error_statuses and operation.name.startswith("Create"):
        status, answer = ask(town, operation, request)
        assert status == 200, answer
        fill_up(town, next(value for member, value in answer.items() if member.endswith("Arn")))
        shown |= _state_error(operation, *ask(town, operation, renamed(request)))
    return f"documented: {', '.join(sorted(shown, reverse=True))}" if shown else None


def _state_error(operation: Operation, status: int, answer: Any) -> set[str]:
    """Give the error without its ending, if it is one of the two; any error is one that the model names."""
    if status == 200:
        return set()
    assert operation.error_statuses.get(answer["__type"]) == status, answer
    return {answer["__type"].removesuffix("Exception")} & {"ResourceInUse", "LimitExceeded"}


def _wrong(operation: Operation, request: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Give the errors to expect, each with a request that should meet it."""
    members = operation.input_shape.members
    if "ResourceNotFoundException" in operation.error_statuses:
        for name in [name for name in request if name.endswith("Arn") and name != "roleArn"]:
            head, _, _ = request[name].rpartition("/")
            yield "ResourceNotFoundException", request | {name: f"{head}/missing"}
        if "trackingId" in members:
            yield "ResourceNotFoundException", request | {"trackingId": "missing"}
    if "InvalidNextTokenException" in operation.error_statuses and "nextToken" in members:
        yield "InvalidNextTokenException", request | {"nextToken": "bad"}
    if "TooManyTagsException" in operation.error_statuses and "tags" in members:
        tags = [{"tagKey": f"k{place}", "tagValue": ""} for place in range(51)]
        yield "TooManyTagsException", request | {"tags": tags}
    if "TooManyTagKeysException" in operation.error_statuses:
        yield "TooManyTagKeysException", request | {"tagKeys": [f"k{place}" for place in range(201)]}


def _is_refused(town: Town, operation: Operation, request: Any, code: str) -> bool:
    status, answer = ask(town, operation, request)
    assert (status, answer["__type"]) == (operation.error_statuses[code], code), answer
    return True


BEHAVIOURS = {
    "request": check_request,
    "required": check_required,
    "types": check_types,
    "bounds": check_bounds,
    "answer": check_answer,
    "errors": check_errors,
    "states": check_states,
}
