"""The local cloud's interpreter of state machines, put to work in this process: tasks and waits are a test's own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from jsonata.timebox import Timebox
from ministack.services import stepfunctions


def install_interpreter(
    monkeypatch: pytest.MonkeyPatch,
    state: threading.local,
    invoke: Callable[..., Any],
    wait: Callable[..., Any],
) -> None:
    """Have tasks go to `invoke`, waits to `wait`, and `state.name` say whose task runs in this thread."""
    execute = stepfunctions._execute_task

    def execute_task(definition: Any, raw: Any, execution: Any, context: Any) -> Any:
        state.name = context["State"]["Name"]
        return execute(definition, raw, execution, context)

    monkeypatch.setattr(stepfunctions, "_execute_task", execute_task)
    monkeypatch.setattr(stepfunctions, "_invoke_resource_with_timeout", invoke)
    monkeypatch.setattr(stepfunctions, "_scaled_sleep", wait)
    monkeypatch.setattr(stepfunctions, "time", SimpleNamespace(sleep=lambda seconds: None, time=time.time))
    monkeypatch.setattr(stepfunctions, "_emit_execution_status_event", lambda execution: None)
    # An expression may take a second, as on AWS: where much else runs, waiting for a turn would count as well.
    monkeypatch.setattr(Timebox, "check_runaway", lambda timebox: None)
