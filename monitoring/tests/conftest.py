"""The functions' folder on the path, a fake AWS of two regions, and a monitor over it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parent
sys.path += [str(TESTS), str(TESTS.parent / "functions")]

from fake_aws import FakeAws  # noqa: E402
from personalize_monitor.change import Changer, read_change  # noqa: E402
from personalize_monitor.clients import Clients  # noqa: E402
from personalize_monitor.memory import MemoryTable  # noqa: E402
from personalize_monitor.notices import Notice  # noqa: E402
from personalize_monitor.run import Report, Run  # noqa: E402
from personalize_monitor.settings import Settings, read_settings  # noqa: E402

NOW = datetime(2026, 5, 15, 12, 2, 30, tzinfo=UTC)
ENVIRONMENT = {
    "INSTALLATION": "watch",
    "AWS_REGION": "us-east-1",
    "TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:home",
    "Regions": "us-east-1,ca-central-1",
    "NotificationEndpoint": "news@example.com",
}


class Monitor:
    """The monitor over a fake AWS, with settings as variables of the environment."""

    def __init__(self, aws: FakeAws, **parameters: str) -> None:
        self.aws, self.clients = aws, Clients(aws.make)
        self.settings: Settings = read_settings(ENVIRONMENT | parameters)
        self.memory = MemoryTable(aws.dynamodb, "memory")

    def run(self, now: datetime = NOW, *, judge_all: bool = True) -> Report:
        return Run(self.clients, self.settings, self.memory, now).execute(judge_all=judge_all)

    def change(self, event: dict[str, Any], now: datetime = NOW) -> Notice:
        return Changer(self.clients, self.settings, self.memory, now).carry_out(read_change(event))


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def environment() -> dict[str, str]:
    """The variables of the functions."""
    return dict(ENVIRONMENT)


@pytest.fixture
def aws() -> FakeAws:
    return FakeAws("us-east-1", "ca-central-1")


@pytest.fixture
def make_monitor(aws: FakeAws) -> Callable[..., Monitor]:
    return lambda **parameters: Monitor(aws, **parameters)


@pytest.fixture(scope="session")
def make_monitor_of() -> Callable[..., Monitor]:
    """A monitor over an AWS that is given."""
    return Monitor


@pytest.fixture
def ask() -> Callable[..., None]:
    """Requests to a server: so many a second in each of the last hours, as CloudWatch counts them."""

    def add(aws: FakeAws, arn: str, tps: float, hours: float, *, until: datetime = NOW, metric: str = "") -> None:
        region, kind = arn.split(":")[3], "CampaignArn" if ":campaign/" in arn else "RecommenderArn"
        end = until.replace(minute=0, second=0)
        for window in range(int(hours * 12)):
            at = end - timedelta(minutes=5 * (window + 1))
            dimensions = [{"Name": kind, "Value": arn}]
            aws.cloudwatch[region].add("AWS/Personalize", metric or "GetRecommendations", dimensions, at, tps * 300)

    return add
