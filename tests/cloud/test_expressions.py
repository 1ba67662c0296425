"""A JSONata expression may take a second of the processor, however long the clock says that it took."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from jsonata import jexception, timebox
from ministack.services import stepfunctions

from personalize_local.cloud.emulator import expressions
from personalize_local.cloud.emulator.expressions import install_expression_limit


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    original = timebox.Timebox
    install_expression_limit()
    yield
    timebox.Timebox = original


def test_waiting_for_a_turn_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """GIVEN a clock that goes on by an hour at every look THEN an expression is evaluated all the same."""
    hours = iter(range(0, 10_000_000, 3600))
    monkeypatch.setattr(time, "time", lambda: next(hours))

    assert stepfunctions._evaluate_jsonata("$sum([1..10])", {}) == 55


def test_a_second_of_the_processor_ends_an_expression(monkeypatch: pytest.MonkeyPatch) -> None:
    spent = iter(range(0, 100_000, 300))
    monkeypatch.setattr(expressions, "_processor_ms", lambda: next(spent))

    with pytest.raises(stepfunctions._ExecutionError) as error:
        stepfunctions._evaluate_jsonata("$sum([1..10].($ * 2))", {})

    assert error.value.error == "States.QueryEvaluationError"


def test_the_depth_is_bounded_as_before() -> None:
    bounds = expressions.ProcessorTimebox(_Frame(), timeout=None, max_depth=3)
    bounds.depth = 4

    with pytest.raises(jexception.JException) as error:
        bounds.check_runaway()

    assert error.value.error == "D1011"


class _Frame:
    def set_evaluate_entry_callback(self, callback: object) -> None: ...

    def set_evaluate_exit_callback(self, callback: object) -> None: ...
