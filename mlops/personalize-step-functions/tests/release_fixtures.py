"""Fixtures of the tests of releases and teardowns: the newspaper's account, and the machines in this process."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace

import pytest
from deletable_personalize import DeletablePersonalize
from machine_runner import MachineRunner
from newspaper_account import GROUP, RECIPES, Newspaper, arn

PLAIN = {key: arn("campaign", f"{GROUP}-{key}") for key in RECIPES}
SECOND = {key: f"{plain}-b" for key, plain in PLAIN.items()}


@pytest.fixture
def account(now: datetime) -> DeletablePersonalize:
    return DeletablePersonalize(now)


@pytest.fixture
def newspaper(account: DeletablePersonalize) -> Newspaper:
    return Newspaper(account)


@pytest.fixture
def runner(
    load: Callable[[str], SimpleNamespace], newspaper: Newspaper, monkeypatch: pytest.MonkeyPatch
) -> MachineRunner:
    runner = MachineRunner(load, newspaper.personalize)
    runner.install(monkeypatch)
    return runner


@pytest.fixture
def live(runner: MachineRunner, newspaper: Newspaper) -> dict[str, str]:
    """A first release that has gone live; gives its versions."""
    versions = newspaper.train("v1")
    assert runner.run("release", newspaper.release(versions))["status"] == "SUCCEEDED"
    runner.mails.clear()
    runner.tasks.clear()
    return versions


def campaigns(runner: MachineRunner) -> set[str]:
    """The campaigns there are."""
    return {each for each in runner.personalize.resources if ":campaign/" in each}


def version_of(runner: MachineRunner, campaign: str) -> str:
    """The name of the version that a campaign has."""
    return runner.personalize.resources[campaign]["solutionVersionArn"].rsplit("/", 1)[-1]


def served(runner: MachineRunner) -> dict[str, str]:
    """The versions that the row with all the traffic leads to, by column."""
    [row] = [row for row in runner.rows.values() if row["trafficRatio"] == 100]
    columns = {column: row[column] for column in ("campaignArn", "relatedCampaignArn", "rankingCampaignArn")}
    return {column: version_of(runner, campaign) for column, campaign in columns.items()}
