"""Start one of the stack's state machines, and follow the execution to its end."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

RUNNING = "RUNNING"
LOOK_EVERY_S = 5.0


class StackError(ValueError):
    """The stack is not the pipeline's, or not there."""


def output_of(cloudformation: Any, stack: str, key: str) -> str:
    """Give one of the stack's outputs.

    Errors: StackError when it has none of that name; ClientError when there is no such stack.
    """
    (described,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    values = {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}
    if key not in values:
        raise StackError(f"The stack {stack} has no output {key}: name the pipeline's stack, and deploy it again.")
    return values[key]


def start(states: Any, machine_arn: str, wanted: Mapping[str, Any]) -> str:
    """Start an execution; give its ARN."""
    return states.start_execution(stateMachineArn=machine_arn, input=json.dumps(wanted))["executionArn"]


def follow(states: Any, execution_arn: str, sleep: Callable[[float], None]) -> dict[str, Any]:
    """Look every few seconds until the execution has ended; give what Step Functions says of it then."""
    while True:
        described = states.describe_execution(executionArn=execution_arn)
        if described["status"] != RUNNING:
            return described
        sleep(LOOK_EVERY_S)


def report(described: Mapping[str, Any]) -> list[str]:
    """Say how it ended: an error with its cause, or success."""
    if described["status"] == "SUCCEEDED":
        return ["Done."]
    return [f"{described['status']}: {described.get('error', '')}".rstrip(": "), described.get("cause", "")]
