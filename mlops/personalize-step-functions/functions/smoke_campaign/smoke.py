"""Ask a campaign what the API will ask it, and judge the answers.

Rule 1: a refused request fails the campaign: the API would be refused in the same way.
Rule 2: an empty list for every reader fails it where the live campaign has an answer to the same question. Where that
        has none either, or there is no live one, it is the data's doing, and only told; but an answer without a filter
        must not be empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
from pipeline.errors import TryAgainError
from questions import Question

_LISTS = ("itemList", "personalizedRanking", "actionList")
_REFUSALS = frozenset({"InvalidInputException", "ResourceNotFoundException", "AccessDeniedException"})


@dataclass
class Report:
    """What came of the questions: how many requests were answered, what is wrong, what is worth telling."""

    answered: int = 0
    failures: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def as_result(self) -> dict[str, Any]:
        """Give it as the state machine takes it."""
        result = {"passed": not self.failures, "answered": self.answered}
        return {**result, "reasons": self.failures, "warnings": self.warnings}


def smoke(runtime: Any, asked: Iterable[Question], live_campaign: str) -> Report:
    """Ask each question, and judge the answers.

    Errors: TryAgainError when Personalize does not answer for the moment.
    """
    report = Report()
    for number, question in enumerate(asked):
        _judge(runtime, question, live_campaign, report, is_plain=number == 0)
    if not report.answered and not report.failures:
        report.warnings.append("Nothing could be asked: no article is known from the input bucket.")
    return report


def _judge(runtime: Any, question: Question, live_campaign: str, report: Report, *, is_plain: bool) -> None:
    lengths = []
    for arguments in question.arguments:
        try:
            lengths.append(_ask(runtime, question.operation, arguments))
        except RefusedError as error:
            report.failures.append(f"A request {question.name} was refused: {error}")
            return
    report.answered += len(lengths)
    if any(lengths):
        return
    text = f"Requests {question.name} gave nothing for {len(lengths)} readers"
    if live_campaign and _live_has_answers(runtime, question, live_campaign):
        report.failures.append(f"{text}, but the live campaign answers them.")
    elif is_plain:
        report.failures.append(f"{text}.")
    else:
        report.warnings.append(f"{text}, as it may be with these data.")


def _live_has_answers(runtime: Any, question: Question, live_campaign: str) -> bool:
    """A live campaign that refuses is no better."""
    try:
        asked = ({**arguments, "campaignArn": live_campaign} for arguments in question.arguments)
        return any(_ask(runtime, question.operation, arguments) for arguments in asked)
    except RefusedError:
        return False


class RefusedError(Exception):
    """Personalize refused a request for good."""


def _ask(runtime: Any, operation: str, arguments: Mapping[str, Any]) -> int:
    """Ask; give the length of the list."""
    try:
        reply = getattr(runtime, operation)(**arguments)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        text = f"{code}: {error.response['Error']['Message']}"
        raise (RefusedError if code in _REFUSALS else TryAgainError)(text) from error
    except ParamValidationError as error:
        raise RefusedError(str(error)) from error
    except BotoCoreError as error:
        raise TryAgainError(f"{operation} got no answer: {error}") from error
    return sum(len(reply.get(name, ())) for name in _LISTS)
