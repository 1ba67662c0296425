"""Whether a resource is ready, and when to look again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from fake_personalize import SCOPE, FakePersonalize
from pipeline.condition import read_condition
from pipeline.errors import ResourceBusyError, ResourceFailedError, TryAgainError, WaitTooLongError
from pipeline.gateway import PersonalizeGateway
from pipeline.kinds import KINDS

ARN = f"{SCOPE}:solution/daily-reco/run-1"


def read(now: datetime, kind: str = "solution-version", is_updating: bool = False, **members: Any) -> dict[str, Any]:
    members = {"creationDateTime": now, "name": "it", **members}
    return read_condition(KINDS[kind], ARN, members, now, is_updating=is_updating)


@pytest.mark.parametrize(
    ("spent", "wait_s"),
    [
        (timedelta(0), 3),
        (timedelta(minutes=2), 10),
        (timedelta(hours=1), 300),
        (timedelta(hours=30), 900),
    ],
)
def test_the_wait_is_a_twelfth_of_the_time_spent_within_bounds(now: datetime, spent: timedelta, wait_s: int) -> None:
    assert read(now, status="CREATE IN_PROGRESS", creationDateTime=now - spent)["wait_s"] == wait_s


def test_past_its_limit_the_wait_ends(now: datetime) -> None:
    with pytest.raises(WaitTooLongError, match=r"solution version .*run-1 is still CREATE PENDING after 36 h"):
        read(now, status="CREATE PENDING", creationDateTime=now - timedelta(hours=37))


@pytest.mark.parametrize("status", ["CREATE FAILED", "CREATE STOPPED"])
def test_a_failed_status_ends_with_the_reason(now: datetime, status: str) -> None:
    with pytest.raises(ResourceFailedError, match=f"is {status}: Too few users. Training needs at least 1,000"):
        read(now, status=status, failureReason="Too few users.")


def test_a_deletion_says_to_come_again(now: datetime) -> None:
    """Step Functions tries again what is busy: the name is free when the deletion is over."""
    with pytest.raises(ResourceBusyError, match=r"is being deleted \(DELETE PENDING\): try again when it is gone"):
        read(now, status="DELETE PENDING")


def test_an_update_of_ours_counts_though_the_campaign_is_active(now: datetime) -> None:
    update = {"status": "CREATE IN_PROGRESS", "creationDateTime": now}

    assert not read(now, "campaign", True, status="ACTIVE", latestCampaignUpdate=update)["ready"]
    assert read(now, "campaign", False, status="ACTIVE", latestCampaignUpdate=update)["ready"]


def test_a_failed_update_of_ours_is_a_failure_an_old_one_is_not(now: datetime) -> None:
    update = {"status": "CREATE FAILED", "failureReason": "No capacity.", "creationDateTime": now}

    with pytest.raises(ResourceFailedError, match="No capacity"):
        read(now, "campaign", True, status="ACTIVE", latestCampaignUpdate=update)
    assert read(now, "campaign", False, status="ACTIVE", latestCampaignUpdate=update)["ready"]


def test_looks_follow_a_resource_until_it_is_ready(
    load: Callable[[str], SimpleNamespace], gateway: PersonalizeGateway, personalize: FakePersonalize
) -> None:
    look = load("describe_resource").handler.look
    arn = personalize.create_dataset_group(name="daily")["datasetGroupArn"]
    resource = {"kind": "dataset-group", "name": "daily", "arn": arn, "is_updating": False}

    seen = []
    while not resource.get("ready"):
        resource = look(gateway, resource, personalize.now)
        seen.append(resource["status"])

    assert seen == ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]


def test_what_cannot_be_seen_is_looked_for_again(
    load: Callable[[str], SimpleNamespace], gateway: PersonalizeGateway, now: datetime
) -> None:
    resource = {"kind": "campaign", "name": "c", "arn": f"{SCOPE}:campaign/c", "is_updating": False}

    with pytest.raises(TryAgainError, match="campaign/c does not exist any more"):
        load("describe_resource").handler.look(gateway, resource, now)
