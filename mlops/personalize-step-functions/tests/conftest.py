"""The functions as Lambda loads them, a Personalize of our own, and the state machine run in this process."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

TESTS = Path(__file__).parent
PROJECT = TESTS.parent
sys.path += [str(PROJECT / "layer"), str(TESTS)]

from deletable_personalize import DeletablePersonalize  # noqa: E402 (found on the path of above)
from function_loader import load_function, make_plan  # noqa: E402 (the same)
from pipeline.gateway import PersonalizeGateway  # noqa: E402 (the same)
from release_fixtures import account, live, newspaper, runner  # noqa: E402, F401 (the same; fixtures)
from workflow_runner import WorkflowRunner  # noqa: E402 (the same)

from tests.csv_files import good_files  # noqa: E402 (the same)

ENVIRONMENT = {
    "PERSONALIZE_ROLE_ARN": "arn:aws:iam::123456789012:role/personalize",
    "SCHEDULE_GROUP": "tgam-dev",
    "SCHEDULES_ROLE_ARN": "arn:aws:iam::123456789012:role/schedules",
    "DEAD_LETTERS_ARN": "arn:aws:sqs:us-east-1:123456789012:dead-letters",
}
NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


@pytest.fixture
def load() -> Callable[[str], SimpleNamespace]:
    """The loader of functions."""
    return load_function


@pytest.fixture
def now() -> datetime:
    """The time of the tests."""
    return NOW


@pytest.fixture
def personalize() -> DeletablePersonalize:
    """An empty Personalize."""
    return DeletablePersonalize(NOW)


@pytest.fixture
def gateway(personalize: DeletablePersonalize) -> PersonalizeGateway:
    """The gateway to it."""
    return PersonalizeGateway(personalize)


@pytest.fixture
def parameters() -> dict[str, Any]:
    """The newspaper's parameter file."""
    return json.loads((PROJECT.parent / "params.json").read_text())


@pytest.fixture
def plan(parameters: dict[str, Any]) -> dict[str, Any]:
    """The plan of the newspaper's file."""
    return make_plan(parameters)


@pytest.fixture
def event() -> Callable[[str], dict[str, Any]]:
    """Read one of the recorded payloads."""
    return lambda name: json.loads((PROJECT / "events" / f"{name}.json").read_text())


@pytest.fixture
def workflow(
    load: Callable[[str], SimpleNamespace],
    personalize: DeletablePersonalize,
    parameters: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> WorkflowRunner:
    """The state machine, with the newspaper's file and its data in the bucket."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    made = WorkflowRunner(load, personalize)
    made.file = json.dumps(parameters).encode()
    made.files = good_files(parameters)
    made.install(monkeypatch)
    return made
