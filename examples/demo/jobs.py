"""What Personalize is at work on for a dataset group: the lines under the running state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

WORKING = ("CREATE PENDING", "CREATE IN_PROGRESS", "UPDATE PENDING", "UPDATE IN_PROGRESS")


@dataclass(frozen=True)
class Job:
    """A resource in the making: its kind and name in words, its status."""

    title: str
    status: str


def working_jobs(personalize: Any, group_arn: str) -> list[Job]:
    """List the imports, solution versions, campaigns and filters of a dataset group that are not ready yet."""
    prefix = f"{group_arn.rsplit('/', 1)[-1]}-"
    jobs = []
    for dataset in personalize.list_datasets(datasetGroupArn=group_arn)["datasets"]:
        found = personalize.list_dataset_import_jobs(datasetArn=dataset["datasetArn"])["datasetImportJobs"]
        jobs += [Job(f"import {dataset['datasetType'].lower()}", job["status"]) for job in found]
    for solution in personalize.list_solutions(datasetGroupArn=group_arn)["solutions"]:
        arn = solution["solutionArn"]
        versions = personalize.list_solution_versions(solutionArn=arn)["solutionVersions"]
        jobs += [Job(f"train {solution['name'].removeprefix(prefix)}", version["status"]) for version in versions]
        campaigns = personalize.list_campaigns(solutionArn=arn)["campaigns"]
        jobs += [Job(f"campaign {campaign['name'].removeprefix(prefix)}", campaign["status"]) for campaign in campaigns]
    filters = personalize.list_filters(datasetGroupArn=group_arn)["Filters"]
    jobs += [Job(f"filter {entry['name'].removeprefix(prefix)}", entry["status"]) for entry in filters]
    return [job for job in jobs if job.status in WORKING]
