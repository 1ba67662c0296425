"""The names of what the account has already, of the kinds that quotas count."""

from __future__ import annotations

from pipeline.gateway import PersonalizeGateway
from pipeline.kinds import KINDS

IN_REGION = ("dataset-group", "schema")


def existing_names(gateway: PersonalizeGateway, group: str | None) -> dict[str, list[str]]:
    """List dataset groups and schemas of the region; solutions, campaigns and filters of the named dataset group.

    Errors: all of pipeline.errors.
    """
    found = {kind: list(gateway.summaries(KINDS[kind])) for kind in IN_REGION}
    group_arn = next((each["datasetGroupArn"] for each in found["dataset-group"] if each["name"] == group), None)
    if group_arn is not None:
        solutions = list(gateway.summaries(KINDS["solution"], datasetGroupArn=group_arn))
        found["solution"] = solutions
        found["filter"] = list(gateway.summaries(KINDS["filter"], datasetGroupArn=group_arn))
        found["campaign"] = [
            campaign
            for solution in solutions
            for campaign in gateway.summaries(KINDS["campaign"], solutionArn=solution["solutionArn"])
        ]
    return {kind: [summary["name"] for summary in summaries] for kind, summaries in found.items()}
