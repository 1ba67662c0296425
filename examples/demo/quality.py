"""Compare the personalising version with most-popular, by Personalize's own held-out metrics."""

from __future__ import annotations

import json
import time
from typing import Any

from botocore.exceptions import ClientError

from examples.demo.datasets import DataSet, group_name, solution_name
from examples.demo.errors import DemoError
from examples.demo.screen import seconds
from examples.demo.shell import Shell
from examples.demo.tables import metrics_table

POPULARITY_RECIPE = "arn:aws:personalize:::recipe/aws-popularity-count"
TRAINING_LIMIT_S = 300
POLL_S = 1.0
NAMES = (
    "normalized_discounted_cumulative_gain_at_5",
    "normalized_discounted_cumulative_gain_at_10",
    "normalized_discounted_cumulative_gain_at_25",
    "mean_reciprocal_rank_at_25",
    "precision_at_5",
    "precision_at_10",
    "precision_at_25",
    "coverage",
)
NDCG_AT_10 = "normalized_discounted_cumulative_gain_at_10"


def compare_with_popularity(shell: Shell, personalize: Any, data_set: DataSet, group_arn: str) -> None:
    """Train most-popular on the same data and print both versions' metrics."""
    ours = newest_version(personalize, group_arn, solution_name(data_set))
    popularity = _train_popularity(shell, personalize, data_set, group_arn)
    metrics = {
        "personalised": _metrics(shell, ours),
        "most popular": _metrics(shell, popularity),
    }
    shell.screen.show(metrics_table(NAMES, metrics))
    ratio = metrics["personalised"][NDCG_AT_10] / max(metrics["most popular"][NDCG_AT_10], 1e-9)
    shell.screen.done(f"NDCG@10 of the personalising version is {ratio:.2f} times that of most-popular")


def newest_version(personalize: Any, group_arn: str, solution: str) -> str:
    """Give the ARN of a solution's newest version that is ready.

    Errors: DemoError when there is none.
    """
    solutions = personalize.list_solutions(datasetGroupArn=group_arn)["solutions"]
    arns = [entry["solutionArn"] for entry in solutions if entry["name"] == solution]
    versions = [
        version
        for arn in arns
        for version in personalize.list_solution_versions(solutionArn=arn)["solutionVersions"]
        if version["status"] == "ACTIVE"
    ]
    if not versions:
        raise DemoError(f"The solution {solution} has no version that is ready.")
    return max(versions, key=lambda version: version["creationDateTime"])["solutionVersionArn"]


def _train_popularity(shell: Shell, personalize: Any, data_set: DataSet, group_arn: str) -> str:
    name = f"{group_name(data_set)}-mostPopular"
    arn = group_arn.replace(":dataset-group/", ":solution/").rsplit("/", 1)[0] + f"/{name}"
    if not _exists(personalize, arn):
        options = ["--dataset-group-arn", group_arn, "--recipe-arn", POPULARITY_RECIPE]
        shell.run("aws", "personalize", "create-solution", "--name", name, *options)
    answer = shell.run("aws", "personalize", "create-solution-version", "--solution-arn", arn)
    version_arn = json.loads(answer)["solutionVersionArn"]
    _wait(shell, personalize, version_arn)
    return version_arn


def _exists(personalize: Any, solution_arn: str) -> bool:
    try:
        personalize.describe_solution(solutionArn=solution_arn)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return False
    return True


def _wait(shell: Shell, personalize: Any, version_arn: str) -> None:
    with shell.screen.busy("training most-popular") as busy:
        while busy.passed_s < TRAINING_LIMIT_S:
            version = personalize.describe_solution_version(solutionVersionArn=version_arn)["solutionVersion"]
            busy.update(version["status"])
            if version["status"] == "ACTIVE":
                break
            if version["status"] == "CREATE FAILED":
                raise DemoError(f"Most-popular was not trained: {version.get('failureReason', 'no reason given')}")
            time.sleep(POLL_S)
        else:
            raise DemoError(f"Most-popular is not trained after {seconds(TRAINING_LIMIT_S)}.")
    shell.screen.done(f"trained in {seconds(busy.passed_s)}")


def _metrics(shell: Shell, version_arn: str) -> dict[str, float]:
    arguments = ["aws", "personalize", "get-solution-metrics", "--solution-version-arn", version_arn]
    return json.loads(shell.run(*arguments, echo=False))["metrics"]
