"""An EventBridge Scheduler in memory: requests are checked against botocore's shapes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from botocore.validate import ParamValidator
from botocore_models import service_model
from fake_personalize import client_error


class FakeScheduler:
    """Schedules by group and name."""

    def __init__(self) -> None:
        self.schedules: dict[tuple[str, str], dict[str, Any]] = {}
        self.calls: list[str] = []

    def __getattr__(self, operation: str) -> Callable[..., dict[str, Any]]:
        if operation.startswith("__"):
            raise AttributeError(operation)
        return partial(self._call, operation)

    def _call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        shape = (
            service_model("scheduler")
            .operation_model("".join(part.capitalize() for part in operation.split("_")))
            .input_shape
        )
        report = ParamValidator().validate(arguments, shape)
        assert not report.has_errors(), report.generate_report()
        self.calls.append(operation)
        key = (arguments.pop("GroupName"), arguments.pop("Name"))
        if (key in self.schedules) == (operation == "create_schedule"):
            code = "ConflictException" if operation == "create_schedule" else "ResourceNotFoundException"
            raise client_error(code, f"Schedule {key}.")
        if operation in ("create_schedule", "update_schedule"):
            self.schedules[key] = arguments
        if operation == "delete_schedule":
            del self.schedules[key]
        return {} if operation == "delete_schedule" else {"Name": key[1], **self.schedules.get(key, {})}
