"""Calls to a table of DynamoDB, with its errors turned into the pipeline's."""

from __future__ import annotations

import os
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from pipeline.aws_calls import CONFIG, refusal
from pipeline.errors import TryAgainError

_PASSING = frozenset(
    {
        "InternalServerError",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
    }
)


def call_table(table: Any, words: str, operation: str, **arguments: Any) -> dict[str, Any]:
    """Call an operation of a table that is known as `words`.

    Errors: TryAgainError when the table does not answer for the moment; CallRefusedError.
    """
    try:
        return getattr(table, operation)(**arguments)
    except ClientError as error:
        raise refusal(f"The {words} refused {operation}", error, _PASSING) from error
    except BotoCoreError as error:
        raise TryAgainError(f"The {words} gave no answer: {error}") from error


def connect(variable: str) -> Any:
    """Connect to the table that the stack names in an environment variable."""
    return boto3.resource("dynamodb", config=CONFIG).Table(os.environ[variable])
