"""Data deletion jobs as clients see them: statuses of their own, newest first."""

from __future__ import annotations

from typing import Any

import pytest

from tests.behaviours import APPROXIMATED, EXACT, behaviour
from tests.refusals import refusal

ROLE = "arn:aws:iam::123456789012:role/personalize"


def ask(group_arn: str, name: str = "gdpr", location: str = "s3://data/users.csv") -> dict[str, Any]:
    source = {"dataLocation": location}
    return {"jobName": name, "datasetGroupArn": group_arn, "roleArn": ROLE, "dataSource": source}


@behaviour(
    "DescribeDataDeletionJob",
    "Statuses are PENDING, IN_PROGRESS, COMPLETED and FAILED",
    EXACT,
    source="documented, contract §2.1",
)
@pytest.mark.parametrize(
    ("inside", "shown"),
    [
        ("CREATE PENDING", "PENDING"),
        ("CREATE IN_PROGRESS", "IN_PROGRESS"),
        ("ACTIVE", "COMPLETED"),
        ("CREATE FAILED", "FAILED"),
    ],
)
def test_statuses_have_no_create_in_front(world: Any, inside: str, shown: str) -> None:
    arn = world.personalize.create_data_deletion_job(**ask(world.create_group()))["dataDeletionJobArn"]
    assert arn == "arn:aws:personalize:us-east-1:123456789012:data-deletion-job/gdpr"
    with world.workspace.database.transaction() as connection:
        now = world.clock.now()
        world.workspace.resources.update(connection, arn, now, status=inside, changes={"num_deleted": 4})
    job = world.personalize.describe_data_deletion_job(dataDeletionJobArn=arn)["dataDeletionJob"]
    assert (job["status"], job["numDeleted"], job["jobName"]) == (shown, 4, "gdpr")
    (listed,) = world.personalize.list_data_deletion_jobs()["dataDeletionJobs"]
    assert listed["status"] == shown and "numDeleted" not in listed


@behaviour("ListDataDeletionJobs", "The newest come first", EXACT, source="documented, contract §1.7")
def test_the_newest_come_first_page_by_page(world: Any) -> None:
    group, other = world.create_group(), world.create_group("other")
    for name in ("a", "b", "c"):
        world.personalize.create_data_deletion_job(**ask(group, name))
    world.personalize.create_data_deletion_job(**ask(other, "d"))
    names, token = [], {}
    while True:
        page = world.personalize.list_data_deletion_jobs(datasetGroupArn=group, maxResults=2, **token)
        names.append([job["jobName"] for job in page["dataDeletionJobs"]])
        if "nextToken" not in page:
            break
        token = {"nextToken": page["nextToken"]}
    assert names == [["c", "b"], ["a"]]
    everything = world.personalize.list_data_deletion_jobs()["dataDeletionJobs"]
    assert [job["jobName"] for job in everything] == ["d", "c", "b", "a"]


def test_what_cannot_be_is_refused(world: Any) -> None:
    group = world.create_group()
    code, message = refusal(world.personalize.create_data_deletion_job, **ask(group, location="http://data/users.csv"))
    assert (code, message.startswith("Invalid Data location.")) == ("InvalidInputException", True)
    assert refusal(world.personalize.create_data_deletion_job, **ask(f"{group}-none"))[0] == "ResourceNotFoundException"
    for place in range(5):
        world.personalize.create_data_deletion_job(**ask(group, f"job-{place}"))
    assert (
        refusal(world.personalize.create_data_deletion_job, **ask(group, "job-0"))[0]
        == "ResourceAlreadyExistsException"
    )
    assert refusal(world.personalize.create_data_deletion_job, **ask(group, "sixth")) == (
        "LimitExceededException",
        "More than 5 resources with PENDING status.",
    )


@behaviour("CreateDataDeletionJob", "Jobs go with their dataset group", APPROXIMATED, source="inferred")
def test_a_dataset_group_can_go_with_its_history_of_deletions(world: Any) -> None:
    group = world.create_group()
    arn = world.personalize.create_data_deletion_job(**ask(group))["dataDeletionJobArn"]
    with pytest.raises(world.personalize.exceptions.ResourceInUseException) as raised:
        world.personalize.delete_dataset_group(datasetGroupArn=group)
    assert "data-deletion-job/gdpr is in it" in str(raised.value)
    with world.workspace.database.transaction() as connection:
        world.workspace.resources.update(connection, arn, world.clock.now(), status="ACTIVE")
    world.personalize.delete_dataset_group(datasetGroupArn=group)
    world.settle()
    assert world.personalize.list_data_deletion_jobs()["dataDeletionJobs"] == []
