"""The error type of a failed Python function: its exception's class, on which Step Functions' Retry and Catch match.

MiniStack reports every exception as `Runtime.HandlerError`; the class stands in the traceback that it logs.
Source: documented (AWS Lambda, Python function errors: `errorType` is the exception's class).
"""

import re
from collections.abc import Mapping
from typing import Any

from personalize_local.cloud.emulator.names import private, replace_private

NAME = "ministack.services.lambda_svc:_execute_function_warm"
UNNAMED = "Runtime.HandlerError"
TRACEBACK = "Traceback (most recent call last):"
EXCEPTION_LINE = re.compile(r"^(?:\w+\.)*(\w+)(?::|$)")


def install_function_errors() -> None:
    """Have failed functions report their exception's class."""
    original = private(NAME)

    def execute(func: dict[str, Any], event: dict[str, Any], request_id: str) -> dict[str, Any]:
        return with_error_type(original(func, event, request_id))

    replace_private(NAME, execute)


def with_error_type(result: dict[str, Any]) -> dict[str, Any]:
    """Return an invocation's result with the exception's class as error type, where the log tells it."""
    body = result.get("body")
    if not result.get("error") or not isinstance(body, Mapping) or body.get("errorType") != UNNAMED:
        return result
    found = exception_class(result.get("log", ""))
    return {**result, "body": {**body, "errorType": found}} if found else result


def exception_class(log: str) -> str | None:
    """Return the class name of the last exception in a log, without its module; None where there is no traceback.

    The line of the exception is the first one after the traceback's head that is not indented.
    """
    _, head, trace = log.rpartition(TRACEBACK)
    if not head:
        return None
    for line in trace.splitlines()[1:]:
        if line and not line[0].isspace():
            match = EXCEPTION_LINE.match(line)
            return match[1] if match else None
    return None
