"""A failed function reports the class of its exception."""

from __future__ import annotations

import traceback

import pytest

from personalize_local.cloud.emulator.function_errors import exception_class, with_error_type


class TryAgainError(Exception):
    """An error of a customer's own."""


def log_of(error: Exception, cause: Exception | None = None) -> str:
    """Give what the emulator logs: the function's own lines, then the traceback."""
    try:
        try:
            if cause is not None:
                raise cause
        except Exception as first:
            raise error from first
        raise error
    except Exception:
        return "START\nKeyError: printed by the function\n" + traceback.format_exc()


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (TryAgainError("Rate exceeded"), "TryAgainError"),
        (KeyError("x"), "KeyError"),
        (ValueError("several\nlines\nTypeError: not this"), "ValueError"),
        (RuntimeError(), "RuntimeError"),
    ],
)
def test_the_class_is_read_from_the_traceback(error: Exception, name: str) -> None:
    assert exception_class(log_of(error)) == name


def test_of_chained_exceptions_the_last_counts() -> None:
    assert exception_class(log_of(TryAgainError("again"), cause=OSError("gone"))) == "TryAgainError"


def test_a_log_without_a_traceback_names_nothing() -> None:
    assert exception_class("START\nEND\n") is None


def test_only_unnamed_errors_are_renamed() -> None:
    failed = {"body": {"errorMessage": "m", "errorType": "Runtime.HandlerError"}, "error": True}
    log = log_of(TryAgainError("m"))
    assert with_error_type({**failed, "log": log})["body"] == {"errorMessage": "m", "errorType": "TryAgainError"}
    timed_out = {"body": {"errorMessage": "m", "errorType": "Sandbox.Timedout"}, "error": True, "log": log}
    assert with_error_type(timed_out) == timed_out
    fine = {"body": {"statusCode": 200}, "log": log}
    assert with_error_type(fine) == fine
