"""A local cloud for all clients' tests, and a campaign trained in it once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.clients.journey import Journey
from tests.clients.servers import Server, running
from tests.clients.worlds import BUCKET, interactions_csv, items_csv
from tests.town import Town, copy_town


@dataclass(frozen=True)
class Trained:
    """What clients use: a campaign, a tracker, a filter with a placeholder."""

    journey: Journey
    tracking_id: str
    filter_arn: str


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A whole local cloud with the data in its S3."""
    with running(tmp_path_factory.mktemp("clients")) as server:
        s3 = server.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        s3.put_object(Bucket=BUCKET, Key="interactions.csv", Body=interactions_csv().encode())
        s3.put_object(Bucket=BUCKET, Key="items.csv", Body=items_csv().encode())
        yield server


@pytest.fixture(scope="session")
def trained(cloud: Server) -> Trained:
    """A campaign in the cloud, made with boto3 as contract §9.1 has it."""
    journey = Journey(cloud, "trained")
    journey.deploy()
    expression = "INCLUDE ItemID WHERE Items.CATEGORY IN ($CATEGORY)"
    return Trained(journey, journey.create_tracker(), journey.create_filter("category", expression))


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A service with one of everything, in this process, for one test."""
    copy = copy_town(tmp_path / "town")
    yield copy
    copy.world.close()
