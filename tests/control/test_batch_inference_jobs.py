"""Batch inference jobs as clients see them: what is asked, refused, listed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.behaviours import APPROXIMATED, EXACT, REFUSED, behaviour
from tests.control.batch import ask
from tests.refusals import refusal


@pytest.fixture
def version_arn(world: Any) -> str:
    group = world.create_group()
    world.create_dataset(group)
    return world.add_version(world.create_solution(group), "0000000a")


@behaviour(
    "CreateBatchInferenceJob, DescribeBatchInferenceJob, ListBatchInferenceJobs",
    "25 results a line when the number is left out; statuses begin with CREATE",
    EXACT,
    source="observed, contract §2.1",
)
def test_a_job_is_described_and_listed_with_its_defaults(world: Any, version_arn: str) -> None:
    request = ask(version_arn, tags=[{"tagKey": "team", "tagValue": "letters"}])
    arn = world.personalize.create_batch_inference_job(**request)["batchInferenceJobArn"]
    assert arn == "arn:aws:personalize:us-east-1:123456789012:batch-inference-job/weekly"
    job = world.personalize.describe_batch_inference_job(batchInferenceJobArn=arn)["batchInferenceJob"]
    assert (job["status"], job["numResults"], job["batchInferenceJobMode"]) == ("CREATE PENDING", 25, "BATCH_INFERENCE")
    assert {key: job[key] for key in ("jobName", "jobInput", "jobOutput", "solutionVersionArn", "roleArn")} == {
        key: request[key] for key in ("jobName", "jobInput", "jobOutput", "solutionVersionArn", "roleArn")
    }
    assert "failureReason" not in job and "filterArn" not in job
    assert world.personalize.list_tags_for_resource(resourceArn=arn)["tags"] == request["tags"]

    pages = world.personalize.get_paginator("list_batch_inference_jobs")
    world.personalize.create_batch_inference_job(**ask(version_arn, "monthly"))
    names = [
        job["jobName"]
        for page in pages.paginate(solutionVersionArn=version_arn, PaginationConfig={"PageSize": 1})
        for job in page["batchInferenceJobs"]
    ]
    assert names == ["weekly", "monthly"]


@behaviour(
    "CreateBatchInferenceJob",
    "THEME_GENERATION is refused: themes are written by a language model of AWS",
    REFUSED,
    source="documented",
)
@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        ({"batchInferenceJobMode": "THEME_GENERATION"}, "InvalidInput", "THEME_GENERATION is not available"),
        (
            {"themeGenerationConfig": {"fieldsForThemeGeneration": {"itemName": "TITLE"}}},
            "InvalidInput",
            "language model of AWS's",
        ),
        ({"numResults": 501}, "InvalidInput", "numResults is 501; it must be from 1 to 500."),
        ({"numResults": -1}, "InvalidInput", "numResults is -1"),
        ({"jobInput": {"s3DataSource": {"path": "https://x"}}}, "InvalidInput", "Invalid S3 input path."),
        ({"jobOutput": {"s3DataDestination": {"path": "s3:///"}}}, "InvalidInput", "Invalid S3 output path."),
        (
            {"jobInput": {"s3DataSource": {"path": "s3://data/out"}}},
            "InvalidInput",
            "Invalid S3 output path. It must differ from the input path.",
        ),
        (
            {"batchInferenceJobConfig": {"itemExplorationConfig": {"explorationWeight": "2"}}},
            "InvalidInput",
            "explorationWeight must be a number from 0 to 1, not '2'.",
        ),
        (
            {"batchInferenceJobConfig": {"rankingInfluence": {"POPULARITY": 0.5}}},
            "InvalidInput",
            "has no rankingInfluence",
        ),
        (
            {"solutionVersionArn": "arn:aws:personalize:us-east-1:123456789012:solution/none/1"},
            "ResourceNotFound",
            "solution/none/1 does not exist.",
        ),
        (
            {"filterArn": "arn:aws:personalize:us-east-1:123456789012:filter/none"},
            "ResourceNotFound",
            "filter/none does not exist.",
        ),
    ],
)
def test_what_cannot_be_is_refused(world: Any, version_arn: str, more: dict[str, Any], code: str, message: str) -> None:
    found_code, found = refusal(world.personalize.create_batch_inference_job, **(ask(version_arn) | more))
    assert found_code == f"{code}Exception"
    assert message in found
    assert world.personalize.list_batch_inference_jobs()["batchInferenceJobs"] == []


@behaviour(
    "CreateBatchInferenceJob",
    "Trending-Now, Next-Best-Action and segment recipes have no batch inference",
    EXACT,
    source="documented, contract §3.10",
)
def test_recipes_without_batch_are_refused(world: Any) -> None:
    group = world.create_group()
    world.create_dataset(group)
    solution = world.create_solution(group, recipeArn="arn:aws:personalize:::recipe/aws-trending-now")
    version_arn = world.add_version(solution, "0000000b")
    assert refusal(world.personalize.create_batch_inference_job, **ask(version_arn)) == (
        "InvalidInputException",
        "The recipe aws-trending-now is not available for batch inference jobs.",
    )


def test_the_version_must_be_trained_and_the_filter_ready_and_of_the_group(world: Any, version_arn: str) -> None:
    solution_arn = world.personalize.list_solutions()["solutions"][0]["solutionArn"]
    untrained = world.personalize.create_solution_version(solutionArn=solution_arn)["solutionVersionArn"]
    code, message = refusal(world.personalize.create_batch_inference_job, **ask(untrained))
    assert (code, "must be ACTIVE" in message) == ("ResourceInUseException", True)

    def create_filter(name: str, group: str, expression: str) -> str:
        request = {"name": name, "datasetGroupArn": group, "filterExpression": expression}
        return world.personalize.create_filter(**request)["filterArn"]

    group = world.personalize.list_dataset_groups()["datasetGroups"][0]["datasetGroupArn"]
    items = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("click")'
    pending = create_filter("seen", group, items)
    code, message = refusal(world.personalize.create_batch_inference_job, **ask(version_arn, filterArn=pending))
    assert (code, "must be ACTIVE" in message) == ("ResourceInUseException", True)

    other = world.create_group("other")
    world.create_dataset(other)
    foreign = create_filter("foreign", other, items)
    users = create_filter("users", group, 'EXCLUDE UserID WHERE Interactions.EVENT_TYPE IN ("click")')
    world.settle()
    assert (
        "is of the dataset group"
        in refusal(world.personalize.create_batch_inference_job, **ask(version_arn, filterArn=foreign))[1]
    )
    assert (
        "is about UserID: use one about ItemID"
        in refusal(world.personalize.create_batch_inference_job, **ask(version_arn, filterArn=users))[1]
    )

    # THEN a filter that fits is taken, and kept while the job runs
    world.personalize.create_batch_inference_job(**ask(version_arn, filterArn=pending))
    with pytest.raises(world.personalize.exceptions.ResourceInUseException) as raised:
        world.personalize.delete_filter(filterArn=pending)
    assert "batch-inference-job/weekly uses it" in str(raised.value)


@behaviour(
    "CreateBatchInferenceJob",
    "Five jobs may be pending or in progress in a region",
    EXACT,
    source="documented, contract §8.1",
)
def test_names_are_unique_and_five_jobs_may_wait(world: Any, version_arn: str) -> None:
    world.personalize.create_batch_inference_job(**ask(version_arn))
    assert (
        refusal(world.personalize.create_batch_inference_job, **ask(version_arn))[0] == "ResourceAlreadyExistsException"
    )
    for place in range(4):
        world.personalize.create_batch_inference_job(**ask(version_arn, f"more-{place}"))
    assert refusal(world.personalize.create_batch_inference_job, **ask(version_arn, "sixth")) == (
        "LimitExceededException",
        "More than 5 resources with PENDING or IN_PROGRESS status.",
    )


@behaviour(
    "CreateBatchInferenceJob",
    "Jobs go with their solution version",
    APPROXIMATED,
    source="inferred: AWS keeps them as history",
)
def test_a_dataset_stays_while_a_job_reads_it_and_jobs_go_with_their_version(world: Any, version_arn: str) -> None:
    personalize = world.personalize
    arn = personalize.create_batch_inference_job(**ask(version_arn))["batchInferenceJobArn"]
    dataset_arn = personalize.list_datasets()["datasets"][0]["datasetArn"]
    with pytest.raises(personalize.exceptions.ResourceInUseException) as raised:
        personalize.delete_dataset(datasetArn=dataset_arn)
    assert "batch-inference-job/weekly still needs it" in str(raised.value)

    personalize.delete_solution(solutionArn=version_arn.rpartition("/")[0])
    world.settle()
    with pytest.raises(personalize.exceptions.ResourceNotFoundException):
        personalize.describe_batch_inference_job(batchInferenceJobArn=arn)
