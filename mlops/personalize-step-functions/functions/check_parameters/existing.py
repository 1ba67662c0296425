"""The names of what the account has already, of the kinds that quotas count, and which datasets have data."""

from __future__ import annotations

from collections.abc import Iterator

from check import IMPORTED
from pipeline.gateway import PersonalizeGateway
from pipeline.kinds import KINDS

from personalize_spec.parameters import DATASET_TYPE_OF

IN_REGION = ("dataset-group", "schema")
IN_GROUP = ("solution", "filter", "recommender")


def existing_names(gateway: PersonalizeGateway, group: str | None) -> dict[str, list[str]]:
    """List dataset groups and schemas of the region; what the named dataset group has, and which datasets have data.

    Errors: all of pipeline.errors.
    """
    found = {kind: list(gateway.summaries(KINDS[kind])) for kind in IN_REGION}
    group_arn = next((each["datasetGroupArn"] for each in found["dataset-group"] if each["name"] == group), None)
    if group_arn is None:
        return _names(found)
    found |= {kind: list(gateway.summaries(KINDS[kind], datasetGroupArn=group_arn)) for kind in IN_GROUP}
    found["campaign"] = [
        campaign
        for solution in found["solution"]
        for campaign in gateway.summaries(KINDS["campaign"], solutionArn=solution["solutionArn"])
    ]
    return _names(found) | {IMPORTED: list(_imported(gateway, group_arn))}


def _names(found: dict[str, list[dict[str, str]]]) -> dict[str, list[str]]:
    return {kind: [summary["name"] for summary in summaries] for kind, summaries in found.items()}


def _imported(gateway: PersonalizeGateway, group_arn: str) -> Iterator[str]:
    keys = {dataset_type: key for key, dataset_type in DATASET_TYPE_OF.items()}
    for dataset in gateway.summaries(KINDS["dataset"], datasetGroupArn=group_arn):
        jobs = gateway.summaries(KINDS["dataset-import-job"], datasetArn=dataset["datasetArn"])
        key = keys.get(dataset["datasetType"].upper())
        if key and any(job["status"] == "ACTIVE" for job in jobs):
            yield key
