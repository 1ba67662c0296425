"""Whether one of the named CloudWatch alarms rings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from pipeline.aws_calls import CONFIG, refusal
from pipeline.errors import CallRefusedError, TryAgainError

MAX_NAMES = 100  # DescribeAlarms' AlarmNames; documented
_PASSING = frozenset({"InternalServiceFault", "InternalFailure", "Throttling", "ThrottlingException"})


def ringing(client: Any, names: Sequence[str]) -> list[str]:
    """Give the names of those alarms that are in the state ALARM.

    Errors: CallRefusedError when one of them does not exist: nobody would ever hear it. TryAgainError.
    """
    states: dict[str, str] = {}
    for start in range(0, len(names), MAX_NAMES):
        reply = _describe(client, list(names[start : start + MAX_NAMES]))
        found = (*reply.get("MetricAlarms", ()), *reply.get("CompositeAlarms", ()))
        states |= {alarm["AlarmName"]: alarm["StateValue"] for alarm in found}
    if missing := [name for name in names if name not in states]:
        raise CallRefusedError(
            f"There is no CloudWatch alarm called {', '.join(missing)}: correct traffic.alarms in the parameter file."
        )
    return [name for name in names if states[name] == "ALARM"]


def make_client() -> Any:
    """Connect to CloudWatch in the function's own region."""
    return boto3.client("cloudwatch", config=CONFIG)


def _describe(client: Any, names: list[str]) -> dict[str, Any]:
    try:
        return client.describe_alarms(
            AlarmNames=names, AlarmTypes=["MetricAlarm", "CompositeAlarm"], MaxRecords=MAX_NAMES
        )
    except ClientError as error:
        raise refusal("DescribeAlarms was refused", error, _PASSING) from error
    except BotoCoreError as error:
        raise TryAgainError(f"DescribeAlarms got no answer: {error}") from error
