"""Batch segment jobs as clients see them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.behaviours import EXACT, behaviour
from tests.control.batch import ask
from tests.refusals import refusal


def make_version(world: Any, recipe: str) -> tuple[str, str]:
    """Create a group with a trained version of a recipe; give both ARNs."""
    group = world.create_group()
    for dataset_type in ("Interactions", "Items", "Users"):
        world.create_dataset(group, dataset_type)
    solution = world.create_solution(group, recipeArn=f"arn:aws:personalize:::recipe/{recipe}")
    return group, world.add_version(solution, "0000000a")


@behaviour(
    "CreateBatchSegmentJob, DescribeBatchSegmentJob, ListBatchSegmentJobs",
    "Jobs are described and listed as AWS does it",
    EXACT,
    source="model",
)
def test_a_job_is_described_and_listed(world: Any) -> None:
    _, version_arn = make_version(world, "aws-item-affinity")
    arn = world.personalize.create_batch_segment_job(**ask(version_arn))["batchSegmentJobArn"]
    assert arn == "arn:aws:personalize:us-east-1:123456789012:batch-segment-job/weekly"
    job = world.personalize.describe_batch_segment_job(batchSegmentJobArn=arn)["batchSegmentJob"]
    assert (job["status"], job["numResults"], job["roleArn"]) == ("CREATE PENDING", 25, ask(version_arn)["roleArn"])
    (listed,) = world.personalize.list_batch_segment_jobs(solutionVersionArn=version_arn)["batchSegmentJobs"]
    assert listed["batchSegmentJobArn"] == arn
    assert (
        refusal(world.personalize.create_batch_segment_job, **ask(version_arn))[0] == "ResourceAlreadyExistsException"
    )
    for place in range(4):
        world.personalize.create_batch_segment_job(**ask(version_arn, f"more-{place}", numResults=5_000_000))
    assert (
        refusal(world.personalize.create_batch_segment_job, **ask(version_arn, "sixth"))[0] == "LimitExceededException"
    )


@behaviour(
    "CreateBatchSegmentJob",
    "Only segment recipes; at most five million users a line",
    EXACT,
    source="documented, contract §3.11",
)
def test_other_recipes_and_too_many_users_are_refused(world: Any) -> None:
    _, version_arn = make_version(world, "aws-user-personalization")
    assert refusal(world.personalize.create_batch_segment_job, **ask(version_arn)) == (
        "InvalidInputException",
        "The recipe aws-user-personalization is not available for batch segment jobs.",
    )
    assert (
        "numResults is 5000001"
        in refusal(world.personalize.create_batch_segment_job, **ask(version_arn, numResults=5_000_001))[1]
    )


@behaviour(
    "CreateBatchSegmentJob",
    "Filters are about UserID; those by Interactions do not go with Item-Attribute-Affinity",
    EXACT,
    source="documented, contract §3.11",
)
@pytest.mark.parametrize(
    ("recipe", "expression", "message"),
    [
        ("aws-item-affinity", 'EXCLUDE UserID WHERE Interactions.EVENT_TYPE IN ("click")', None),
        ("aws-item-affinity", 'INCLUDE ItemID WHERE Items.CATEGORY IN ("x")', "is about ItemID: use one about UserID."),
        ("aws-item-attribute-affinity", 'INCLUDE UserID WHERE Users.MEMBERSHIP IN ("x")', None),
        (
            "aws-item-attribute-affinity",
            'EXCLUDE UserID WHERE Interactions.EVENT_TYPE IN ("click")',
            "is by Interactions, which the recipe aws-item-attribute-affinity does not take.",
        ),
    ],
)
def test_filters_are_about_users(world: Any, recipe: str, expression: str, message: str | None) -> None:
    group, version_arn = make_version(world, recipe)
    request = {"name": "only", "datasetGroupArn": group, "filterExpression": expression}
    filter_arn = world.personalize.create_filter(**request)["filterArn"]
    world.settle()
    if message is None:
        assert world.personalize.create_batch_segment_job(**ask(version_arn, filterArn=filter_arn))
    else:
        code, found = refusal(world.personalize.create_batch_segment_job, **ask(version_arn, filterArn=filter_arn))
        assert (code, message in found) == ("InvalidInputException", True)
