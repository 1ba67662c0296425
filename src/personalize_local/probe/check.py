"""One question to an endpoint, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from personalize_local.probe.endpoint import Answer, Endpoint

PASS, FAIL, SKIP = "pass", "fail", "skip"
# Which evidence the expectation has: docs/faithfulness.md says what the words mean.
MODEL, DOCUMENTED, OBSERVED, INFERRED = "model", "documented", "observed", "inferred"
REFUSED = ("AccessDeniedException", "UnrecognizedClientException", "InvalidSignatureException", "ExpiredTokenException")


class MismatchError(Exception):
    """The endpoint does otherwise than Amazon Personalize; the message says how."""


class SkippedError(Exception):
    """The question cannot be put to this endpoint; the message says why."""


@dataclass(frozen=True)
class Check:
    """A question. `run` returns normally, or raises MismatchError or SkippedError."""

    area: str
    name: str
    source: str
    run: Callable[[Endpoint], None]


@dataclass(frozen=True)
class Finding:
    """What a check found: `outcome` is pass, fail or skip."""

    area: str
    name: str
    source: str
    outcome: str
    detail: str


def put(check: Check, endpoint: Endpoint) -> Finding:
    """Put one question. An answer of any form is a finding, never an error of the probe's own."""
    try:
        check.run(endpoint)
    except MismatchError as error:
        return _finding(check, FAIL, str(error))
    except SkippedError as error:
        return _finding(check, SKIP, str(error))
    except (LookupError, TypeError, ValueError, AttributeError) as error:  # what a check reads is not there
        return _finding(check, FAIL, f"the answer has not the model's form: {error!r}")
    return _finding(check, PASS, "")


def expect(condition: bool, otherwise: str) -> None:
    """Go on when the condition holds.

    Errors: MismatchError with the text otherwise.
    """
    if not condition:
        raise MismatchError(otherwise)


def expect_success(answer: Answer) -> Answer:
    """Go on with an answer that is no error.

    Errors: MismatchError; SkippedError when the credentials may not ask this.
    """
    _check_access(answer)
    expect(answer.status == 200, f"answered {describe(answer)} in place of 200")
    return answer


def expect_error(answer: Answer, *codes: str, status: int | None = None, mentions: str = "") -> Answer:
    """Go on with an answer that is one of these errors, and whose message mentions something.

    Errors: MismatchError; SkippedError when the credentials may not ask this.
    """
    _check_access(answer)
    expect(answer.code in codes, f"answered {describe(answer)} in place of {' or '.join(codes)}")
    wanted = status or 400
    expect(answer.status == wanted, f"{answer.code} has status {answer.status} in place of {wanted}")
    expect(bool(answer.message), f"{answer.code} has no message")
    expect(mentions in answer.message, f"the message does not name '{mentions}': {answer.message[:160]}")
    return answer


def describe(answer: Answer) -> str:
    """Say in a few words what an answer is."""
    return f"{answer.status} {answer.code} {answer.message[:120]}".rstrip()


def _check_access(answer: Answer) -> None:
    if answer.code in REFUSED:
        raise SkippedError(f"not allowed with these credentials: {answer.code}")
    if answer.code == "ThrottlingException":
        raise SkippedError("throttled")


def _finding(check: Check, outcome: str, detail: str) -> Finding:
    return Finding(check.area, check.name, check.source, outcome, detail)
