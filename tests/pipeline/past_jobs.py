"""Batch jobs of the past, for adoption."""

from __future__ import annotations

from tests.conftest import ROLE, World
from tests.town import Town


def run_batch_jobs(town: Town) -> None:
    """Three jobs of the past, two of one input."""
    personalize, version = town.world.personalize, town.arns["solution_version_arn"]
    for number, source in enumerate(("users", "users", "others")):
        arn = personalize.create_batch_inference_job(
            jobName=f"nightly_2026_01_0{number + 1}_06_00_00",
            solutionVersionArn=version,
            numResults=7,
            filterArn=town.arns["filter_arn"],
            jobInput={"s3DataSource": {"path": f"s3://data/{source}.json"}},
            jobOutput={"s3DataDestination": {"path": "s3://out/nightly"}},
            roleArn=ROLE,
        )["batchInferenceJobArn"]
        finish(town.world, arn)
        town.world.tick(60)


def finish(world: World, arn: str) -> None:
    """Have a job done, without a worker."""
    workspace = world.workspace
    job = workspace.jobs.of_resource(arn)
    with workspace.database.transaction() as connection:
        workspace.jobs.delete(connection, job.job_id)
        workspace.resources.update(connection, arn, world.clock.now(), status="ACTIVE")
