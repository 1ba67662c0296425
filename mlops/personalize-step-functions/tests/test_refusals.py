"""What the gate has refused is remembered: a run with nothing new judges nothing, changes nothing, and says why."""

from __future__ import annotations

from typing import Any

import pytest
from machine_runner import MachineRunner
from newspaper_account import GROUP, NDCG, Newspaper
from pipeline.refusals import MAX_REFUSED, gate_digest, with_refusals
from release_fixtures import served

BAD = {NDCG: 0.05, "coverage": 0.5}
GATE = {"metric": None, "tolerance": 0.05, "minimum_coverage": 0.0, "smoke_users": 5}


@pytest.fixture
def refused(runner: MachineRunner, newspaper: Newspaper, live: dict[str, str]) -> dict[str, Any]:
    """A release that the gate has refused; gives its input."""
    wanted = newspaper.release(newspaper.train("v2", **BAD))
    assert runner.run("release", wanted, "run-2")["error"] == "ReleaseRefused"
    runner.tasks.clear()
    runner.mails.clear()
    return wanted


def test_the_next_run_judges_nothing_and_says_why(runner: MachineRunner, refused: dict[str, Any]) -> None:
    calls = len(runner.personalize.calls)

    execution = runner.run("release", refused, "run-3")

    assert (execution["status"], execution.get("cause")) == ("SUCCEEDED", None)
    assert runner.tasks["Check gate"] == runner.tasks["Smoke campaign"] == 0
    assert not [name for name, _ in runner.personalize.calls[calls:] if not name.startswith(("describe", "list"))]
    assert set(served(runner).values()) == {"v1"}
    [mail] = runner.mails
    assert "The gate has refused" in mail["message"]
    assert f"{NDCG} is 0.0500, too low: at least 0.0950 is asked for, the live version has 0.1000" in mail["message"]


@pytest.mark.parametrize("change", [{"gate": {"tolerance": 0.6}}, {"force": True}])
def test_another_gate_or_force_judges_again(
    runner: MachineRunner, refused: dict[str, Any], change: dict[str, Any]
) -> None:
    execution = runner.run("release", {**refused, **change}, "run-3")

    assert runner.tasks["Check gate"] == 3
    passed = "gate" in change
    assert execution["status"] == ("SUCCEEDED" if passed else "FAILED")
    assert set(served(runner).values()) == {"v2" if passed else "v1"}


def test_another_live_version_is_another_comparison(
    runner: MachineRunner, newspaper: Newspaper, refused: dict[str, Any]
) -> None:
    worse = newspaper.release(newspaper.train("v3", **{NDCG: 0.04, "coverage": 0.5}), gate={"tolerance": 0.9})
    assert runner.run("release", worse, "run-3")["status"] == "SUCCEEDED"

    assert runner.run("release", refused, "run-4")["status"] == "SUCCEEDED"
    assert set(served(runner).values()) == {"v2"}


def test_a_teardown_forgets(runner: MachineRunner, refused: dict[str, Any]) -> None:
    assert [item["name"] for item in runner.locks_table] == [f"releases of {GROUP}"]

    assert runner.run("teardown", {"dataset_group": GROUP, "dry_run": False})["status"] == "SUCCEEDED"
    assert list(runner.locks_table) == []


def test_requests_are_no_part_of_what_a_version_is_judged_by() -> None:
    same = {**GATE, "smoke_users": 50}

    assert gate_digest(GATE, "v1") == gate_digest(same, "v1")
    assert gate_digest(GATE, "v1") != gate_digest({**GATE, "tolerance": 0.1}, "v1")
    assert gate_digest(GATE, "v1") != gate_digest(GATE, "v0")


def test_not_for_ever() -> None:
    refused: dict[str, Any] = {}
    for number in range(MAX_REFUSED + 5):
        plan = {"gate": GATE, "candidates": [{"name": "c", "version": f"v{number}", "live_version": "v"}]}
        failure = {"state": "Check gate", "error": {"Error": "GateClosedError", "Cause": "too low"}}
        refused = with_refusals(refused, plan, [{"name": "c", "failure": failure}])

    assert len(refused) == MAX_REFUSED
    assert f"v{MAX_REFUSED + 4}" in refused
