"""Dataset export jobs as clients see them."""

from __future__ import annotations

from typing import Any

from tests.behaviours import APPROXIMATED, EXACT, behaviour
from tests.refusals import refusal

ROLE = "arn:aws:iam::123456789012:role/personalize"


def ask(dataset_arn: str, name: str = "nightly", **more: Any) -> dict[str, Any]:
    output = {"s3DataDestination": {"path": "s3://out/exports/"}}
    return {"jobName": name, "datasetArn": dataset_arn, "roleArn": ROLE, "jobOutput": output} | more


@behaviour(
    "CreateDatasetExportJob, DescribeDatasetExportJob, ListDatasetExportJobs",
    "ingestionMode is PUT when left out",
    EXACT,
    source="documented, contract §3.8",
)
def test_a_job_exports_what_was_put_unless_told_otherwise(world: Any) -> None:
    dataset_arn = world.create_dataset(world.create_group())
    arn = world.personalize.create_dataset_export_job(**ask(dataset_arn))["datasetExportJobArn"]
    assert arn == "arn:aws:personalize:us-east-1:123456789012:dataset-export-job/nightly"
    job = world.personalize.describe_dataset_export_job(datasetExportJobArn=arn)["datasetExportJob"]
    assert (job["status"], job["ingestionMode"], job["datasetArn"]) == ("CREATE PENDING", "PUT", dataset_arn)
    world.personalize.create_dataset_export_job(**ask(dataset_arn, "full", ingestionMode="ALL"))
    listed = world.personalize.list_dataset_export_jobs(datasetArn=dataset_arn)["datasetExportJobs"]
    assert [job["jobName"] for job in listed] == ["nightly", "full"]
    assert (
        refusal(world.personalize.create_dataset_export_job, **ask(dataset_arn))[0] == "ResourceAlreadyExistsException"
    )


def test_what_cannot_be_is_refused(world: Any) -> None:
    group = world.create_group()
    dataset_arn = world.create_dataset(group)
    code, message = refusal(
        world.personalize.create_dataset_export_job,
        **ask(dataset_arn, jobOutput={"s3DataDestination": {"path": "http://x"}}),
    )
    assert (code, message.startswith("Invalid S3 output path.")) == ("InvalidInputException", True)
    assert (
        refusal(world.personalize.create_dataset_export_job, **ask(dataset_arn.replace("INTERACTIONS", "USERS")))[0]
        == "ResourceNotFoundException"
    )
    world.personalize.delete_dataset(datasetArn=dataset_arn)
    code, message = refusal(world.personalize.create_dataset_export_job, **ask(dataset_arn))
    assert (code, "must be ACTIVE" in message) == ("ResourceInUseException", True)


@behaviour("CreateDatasetExportJob", "Jobs go with their dataset", APPROXIMATED, source="inferred")
def test_jobs_go_with_their_dataset(world: Any) -> None:
    dataset_arn = world.create_dataset(world.create_group())
    world.personalize.create_dataset_export_job(**ask(dataset_arn))
    world.personalize.delete_dataset(datasetArn=dataset_arn)
    world.settle()
    assert world.personalize.list_dataset_export_jobs()["datasetExportJobs"] == []
