"""The lock: one holder, the others wait, nobody's lock outlives its execution."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from fake_personalize import client_error
from fake_table import FakeTable
from hypothesis import given
from hypothesis import strategies as st
from pipeline.lock import LONGEST_WAIT_S, SHORTEST_WAIT_S, Hold, Locks, is_running, next_wait_s

GROUP = "tgam-personalize"


@pytest.fixture
def running() -> set[str]:
    return {"run-1", "run-2", "run-3"}


@pytest.fixture
def locks(running: set[str]) -> Locks:
    return Locks(FakeTable("name"), running.__contains__)


def test_the_second_waits_until_the_first_has_freed_the_lock(locks: Locks) -> None:
    assert locks.take(GROUP, "run-1") == Hold(True, "run-1")
    assert locks.take(GROUP, "run-2") == Hold(False, "run-1")

    locks.free(GROUP, "run-1")

    assert locks.take(GROUP, "run-2") == Hold(True, "run-2")


def test_taking_twice_is_taking_once(locks: Locks) -> None:
    """GIVEN a taken lock whose reply was lost, WHEN the step is retried, THEN it is held."""
    locks.take(GROUP, "run-1")

    assert locks.take(GROUP, "run-1") == Hold(True, "run-1")


def test_other_dataset_groups_do_not_wait(locks: Locks) -> None:
    locks.take(GROUP, "run-1")

    assert locks.take("another", "run-2").held


def test_the_lock_of_an_execution_that_ended_is_taken_over(locks: Locks, running: set[str]) -> None:
    locks.take(GROUP, "run-1")
    running.remove("run-1")

    assert locks.take(GROUP, "run-2") == Hold(True, "run-2")
    assert locks.take(GROUP, "run-3") == Hold(False, "run-2")


def test_one_of_two_takes_over(running: set[str]) -> None:
    """GIVEN a stale lock, WHEN another execution takes it over in the midst of our looking, THEN it is theirs."""
    table = FakeTable("name")
    Locks(table, running.__contains__).take(GROUP, "run-0")

    def look(holder: str) -> bool:
        table.items[(GROUP,)]["owner"] = "run-2"
        return False

    assert Locks(table, look).take(GROUP, "run-3") == Hold(False, "run-2")


def test_freeing_leaves_the_lock_of_others(locks: Locks) -> None:
    locks.take(GROUP, "run-1")

    assert locks.free(GROUP, "run-2") == Hold(False, "run-1")
    assert locks.take(GROUP, "run-3") == Hold(False, "run-1")


def test_freeing_a_free_lock_is_no_mistake(locks: Locks) -> None:
    assert locks.free(GROUP, "run-1") == Hold(False, "")


def test_other_errors_of_the_table_are_not_taken_for_a_held_lock() -> None:
    def refuse(**options: Any) -> None:
        raise client_error("ProvisionedThroughputExceededException", "slow down")

    locks = Locks(SimpleNamespace(put_item=refuse, delete_item=refuse), lambda owner: True)

    for act in (locks.take, locks.free):
        with pytest.raises(ClientError, match="slow down"):
            act(GROUP, "run-1")


@pytest.mark.parametrize(
    ("status", "expected"), [("RUNNING", True), ("PENDING_REDRIVE", True), ("FAILED", False), ("SUCCEEDED", False)]
)
def test_an_execution_runs_while_its_status_says_so(status: str, expected: bool) -> None:
    states = SimpleNamespace(describe_execution=lambda executionArn: {"status": status})

    assert is_running(states, "arn") is expected


def test_an_execution_nobody_knows_does_not_run() -> None:
    def describe(executionArn: str) -> None:
        raise client_error("ExecutionDoesNotExist", "Execution Does Not Exist")

    assert is_running(SimpleNamespace(describe_execution=describe), "arn") is False


def test_the_handler_says_when_to_ask_again(
    load: Callable[[str], SimpleNamespace], locks: Locks, now: datetime
) -> None:
    hold = load("hold_lock").handler.hold
    event = {"action": "take", "dataset_group": GROUP, "owner": "run-1", "started_at": "2026-05-04T08:00:00Z"}

    assert hold(locks, event, now) == {"held": True, "owner": "run-1", "wait_s": 0}
    assert hold(locks, {**event, "owner": "run-2"}, now) == {"held": False, "owner": "run-1", "wait_s": 300}


@given(st.floats(min_value=0, max_value=3e6))
def test_waits_keep_within_their_bounds(spent_s: float) -> None:
    now = datetime.fromisoformat("2026-05-04T09:00:00+00:00")

    assert SHORTEST_WAIT_S <= next_wait_s(now - timedelta(seconds=spent_s), now) <= LONGEST_WAIT_S
