"""Rollbacks: the version before is served again, whether its campaigns are still there or not."""

from __future__ import annotations

from machine_runner import MachineRunner
from newspaper_account import GROUP, Newspaper
from release_fixtures import PLAIN, SECOND, campaigns, served


def test_rollback_serves_the_version_before_at_once(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str]
) -> None:
    versions = newspaper.train("v2")
    runner.run("release", newspaper.release(versions))
    runner.started.clear()
    runner.waits.clear()

    execution = runner.run("rollback", {"dataset_group": GROUP})

    assert (execution["status"], execution.get("cause")) == ("SUCCEEDED", None)
    assert set(served(runner).values()) == {"v1"}
    assert runner.weights == {GROUP: 100, f"{GROUP}-b": 0}
    assert sum(runner.waits) <= 15
    assert set(runner.rows[GROUP]["withdrawn"]) == set(versions.values())
    assert runner.mails[-1]["outcome"] == "ROLLED_BACK"
    assert runner.table.gaps == []
    runner.run_started()
    assert campaigns(runner) == set(PLAIN.values())
    again = runner.run("release", newspaper.release(versions), "run-2")
    assert (again["status"], set(served(runner).values())) == ("SUCCEEDED", {"v1"})


def test_rollback_makes_the_campaigns_again_where_they_are_gone(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str]
) -> None:
    runner.run("release", newspaper.release(newspaper.train("v2")))
    runner.run_started()
    assert campaigns(runner) == set(SECOND.values())

    execution = runner.run("rollback", {"dataset_group": GROUP})

    assert (execution["status"], execution.get("cause")) == ("SUCCEEDED", None)
    assert set(served(runner).values()) == {"v1"}
    assert campaigns(runner) == {*PLAIN.values(), *SECOND.values()}
    assert runner.table.gaps == []


def test_rollback_without_a_version_before_says_so(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str]
) -> None:
    execution = runner.run("rollback", {"dataset_group": GROUP})

    assert (execution["status"], execution["error"]) == ("FAILED", "RollbackFailed")
    assert "has an ACTIVE version before the one that is served" in execution["cause"]
    assert set(served(runner).values()) == {"v1"}


def test_rollback_of_nothing_says_so(runner: MachineRunner) -> None:
    execution = runner.run("rollback", {"dataset_group": GROUP})

    assert (execution["status"], execution["error"]) == ("FAILED", "RollbackFailed")
    assert "No row of the settings table serves daily" in execution["cause"]


def test_rollback_of_a_release_that_was_stopped_half_way_takes_it_back(
    runner: MachineRunner, newspaper: Newspaper, live: dict[str, str]
) -> None:
    runner.stops = {"before Shift traffic"}
    runner.on_task = lambda state: None
    wanted = newspaper.release(newspaper.train("v2"))
    moved = iter(range(3))
    runner.stops = set()
    runner.on_task = lambda state: (
        runner.stops.add("before Shift traffic") if state == "Shift traffic" and next(moved, None) is None else None
    )
    assert runner.run("release", wanted)["status"] == "ABORTED"
    runner.on_task = lambda state: None
    assert 0 < runner.weights[f"{GROUP}-b"] < 100

    execution = runner.run("rollback", {"dataset_group": GROUP})

    assert execution["status"] == "SUCCEEDED"
    assert runner.weights[GROUP] == 100
    assert runner.weights.get(f"{GROUP}-b", 0) == 0
    assert set(served(runner).values()) == {"v1"}
    assert runner.table.gaps == []
