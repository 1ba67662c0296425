"""Every operation answers: lists with lists, descriptions of nothing with its error, the rest refuses an empty request.

Nothing is created: an operation that writes gets a request without the members that it requires.
"""

from __future__ import annotations

from functools import partial

from botocore.model import Shape

from personalize_local.probe.check import MODEL, Check, MismatchError, expect, expect_error, expect_success
from personalize_local.probe.endpoint import Endpoint
from personalize_local.wire.models import RUNTIME, Operation, operations

AREA = "operations"
INVALID = ("InvalidInputException", "ValidationException")
NOT_FOUND = "ResourceNotFoundException"
# Members whose values are ARNs, and the kinds that they are of.
KINDS = {
    "resourceArn": "dataset-group",
    "solutionVersionArn": "solution",
    "datasetGroupArn": "dataset-group",
}
# Lists of a parent that the model calls optional and the service does not (inferred).
NEED_A_PARENT = frozenset({"ListMetricAttributionMetrics"})
_JSON_TYPES = {
    "structure": dict, "map": dict, "list": list, "string": str, "boolean": bool,
    "integer": int, "long": int, "float": (int, float), "double": (int, float), "timestamp": (int, float),
}  # fmt: skip


def operation_checks() -> list[Check]:
    """Give a check for each operation of the three APIs."""
    return [Check(AREA, name, MODEL, partial(_ask, operation)) for name, operation in operations().items()]


def _ask(operation: Operation, endpoint: Endpoint) -> None:
    required = operation.input_shape.required_members
    if operation.name.startswith("List") and not required and operation.name not in NEED_A_PARENT:
        members = expect_success(endpoint.call(operation.name)).members
        if operation.output_shape is not None:
            check_shape(operation.output_shape, members, "answer")
    elif operation.name.startswith(("Describe", "List", "GetSolution")) and required:
        (member,) = required
        expect_error(endpoint.call(operation.name, {member: missing_arn(endpoint, member)}), NOT_FOUND)
    else:
        codes = (*INVALID, NOT_FOUND) if operation.api == RUNTIME else INVALID
        answer = endpoint.call(operation.name)
        expect_error(answer, *codes, status=404 if answer.code == NOT_FOUND else 400)


def missing_arn(endpoint: Endpoint, member: str) -> str:
    """Give an ARN of the member's kind that there is not."""
    kind = KINDS.get(member) or "".join(f"-{c.lower()}" if c.isupper() else c for c in member.removesuffix("Arn"))
    name = "no-such-resource/00000000" if member == "solutionVersionArn" else "no-such-resource"
    return endpoint.arn(f"{kind}/{name}")


def check_shape(shape: Shape, value: object, path: str) -> None:
    """Compare an answer with the model's shape: types, required members, no null.

    Errors: MismatchError naming the member.
    """
    expect(
        isinstance(value, _JSON_TYPES[shape.type_name]) and isinstance(value, bool) == (shape.type_name == "boolean"),
        f"{path} should be of type {shape.type_name}, not {type(value).__name__}",
    )
    if shape.type_name == "structure":
        _check_members(shape, value, path)  # type: ignore[arg-type]
    elif shape.type_name == "list":
        for place, entry in enumerate(value):  # type: ignore[arg-type,var-annotated]
            check_shape(shape.member, entry, f"{path}[{place}]")
    elif shape.type_name == "map":
        for key, entry in value.items():  # type: ignore[attr-defined]
            check_shape(shape.value, entry, f"{path}.{key}")


def _check_members(shape: Shape, value: dict[str, object], path: str) -> None:
    absent = [name for name in shape.required_members if name not in value]
    if absent:
        raise MismatchError(f"{path} lacks {', '.join(absent)}")
    for name, member in shape.members.items():
        if name in value:
            check_shape(member, value[name], f"{path}.{name}")
