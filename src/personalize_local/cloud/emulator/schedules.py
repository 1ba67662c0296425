"""The context attributes of EventBridge Scheduler in a target's input, which MiniStack passes on as they are written.

Source: documented (EventBridge Scheduler, context attributes). Approximated: the scheduled time is the one at which
the schedule was found due, some seconds after.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from personalize_local.cloud.emulator.names import private, replace_private

NAME = "ministack.services.eventbridge:_invoke_target"
SOURCE = "aws.scheduler"


def install_schedule_context() -> None:
    """Have schedules fill their targets' input."""
    original = private(NAME)

    def invoke(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> Any:
        return original(with_context(target, event), event, rule, view)

    replace_private(NAME, invoke)


def with_context(target: dict[str, Any], event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the target with the attributes in its input replaced, where a schedule has fired it."""
    text = target.get("Input")
    if event.get("Source") != SOURCE or not text:
        return target
    for attribute, value in _context(event).items():
        text = text.replace(f"<aws.scheduler.{attribute}>", value)
    return {**target, "Input": text}


def _context(event: Mapping[str, Any]) -> dict[str, str]:
    return {
        "scheduled-time": f"{datetime.fromtimestamp(event['Time'], UTC):%Y-%m-%dT%H:%M:%SZ}",
        "execution-id": event["EventId"],
        "schedule-arn": event["Resources"][0],
        "attempt-number": "1",
    }
