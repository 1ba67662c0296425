"""The benchmark's Personalize: plain boto3 against an endpoint, everything it makes removed in the end."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.config import Config

ROLE = "arn:aws:iam::000000000000:role/held-out-benchmark"
RECIPES = "arn:aws:personalize:::recipe/"
FIELDS = [
    {"name": "USER_ID", "type": "string"},
    {"name": "ITEM_ID", "type": "string"},
    {"name": "TIMESTAMP", "type": "long"},
    {"name": "EVENT_TYPE", "type": "string"},
]
PATIENCE_S = 1800
POLL_S = 0.5


class Benchmark:
    """One dataset group with one import, and a campaign per recipe."""

    def __init__(self, name: str) -> None:
        config = Config(s3={"addressing_style": "path"})
        self.name = name
        self.personalize = boto3.client("personalize")
        self.runtime = boto3.client("personalize-runtime")
        self.s3 = boto3.client("s3", config=config)
        self.removals: list[Callable[[], Any]] = []  # in order of creation

    def import_csv(self, content: bytes) -> str:
        """Bring a file of interactions into a new dataset group; give the group's ARN."""
        name, key = self.name, "interactions.csv"
        self.s3.create_bucket(Bucket=name)
        self.removals.append(lambda: self.s3.delete_bucket(Bucket=name))
        self.s3.put_object(Bucket=name, Key=key, Body=content)
        self.removals.append(lambda: self.s3.delete_object(Bucket=name, Key=key))
        record = {"type": "record", "name": "Interactions", "fields": FIELDS, "version": "1.0"}
        schema = self.personalize.create_schema(name=name, schema=json.dumps(record))["schemaArn"]
        self.removals.append(lambda: self.personalize.delete_schema(schemaArn=schema))
        group = self._make("dataset_group", "datasetGroup", name=name)
        dataset = self._make(
            "dataset", "dataset", name=name, schemaArn=schema, datasetGroupArn=group, datasetType="Interactions"
        )
        job = {"jobName": name, "dataSource": {"dataLocation": f"s3://{name}/{key}"}, "roleArn": ROLE}
        self._make("dataset_import_job", "datasetImportJob", False, datasetArn=dataset, **job)
        return group

    def train(self, group: str, recipe: str) -> tuple[str, float]:
        """Train a recipe; give the solution version's ARN and the seconds it took."""
        solution = self._make(
            "solution",
            "solution",
            name=f"{self.name}-{recipe}",
            recipeArn=RECIPES + recipe,
            datasetGroupArn=group,
            performAutoTraining=False,
        )
        begun = time.perf_counter()
        version = self._make("solution_version", "solutionVersion", False, solutionArn=solution)
        return version, time.perf_counter() - begun

    def deploy(self, version: str, recipe: str) -> str:
        """Make a campaign without exploration; give its ARN."""
        config = {"itemExplorationConfig": {"explorationWeight": "0"}} if recipe == "aws-user-personalization" else {}
        return self._make(
            "campaign", "campaign", name=f"{self.name}-{recipe}", solutionVersionArn=version, campaignConfig=config
        )

    def metrics(self, version: str) -> dict[str, float]:
        """Give what the service itself measured."""
        return self.personalize.get_solution_metrics(solutionVersionArn=version)["metrics"]

    def recommend(self, campaign: str, user_id: str, count: int) -> list[str]:
        """Ask for recommendations; give item ids."""
        answer = self.runtime.get_recommendations(campaignArn=campaign, userId=user_id, numResults=count)
        return [item["itemId"] for item in answer["itemList"]]

    def remove(self) -> None:
        """Delete everything made so far, the newest first, going on when one deletion fails."""
        failures = []
        while self.removals:
            try:
                self.removals.pop()()
            except Exception as error:
                failures.append(error)
        if failures:
            raise ExceptionGroup("some resources could not be removed", failures)

    def _make(self, noun: str, member: str, removable: bool = True, **request: Any) -> str:
        """Create a resource, wait until it is ACTIVE, and remember to delete it; give its ARN."""
        arn = getattr(self.personalize, f"create_{noun}")(**request)[f"{member}Arn"]
        if removable:
            self.removals.append(lambda: self._delete(noun, member, arn))
        for status, description in self._statuses(noun, member, arn):
            if status == "ACTIVE":
                break
            if status.endswith("FAILED"):
                raise RuntimeError(f"{arn}: {status}: {description.get('failureReason')}")
        return arn

    def _delete(self, noun: str, member: str, arn: str) -> None:
        getattr(self.personalize, f"delete_{noun}")(**{f"{member}Arn": arn})
        for _ in self._statuses(noun, member, arn):
            pass

    def _statuses(self, noun: str, member: str, arn: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Look at a resource until it is gone.

        Errors: TimeoutError after half an hour.
        """
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            try:
                described = getattr(self.personalize, f"describe_{noun}")(**{f"{member}Arn": arn})[member]
            except self.personalize.exceptions.ResourceNotFoundException:
                return
            yield described["status"], described
            time.sleep(POLL_S)
        raise TimeoutError(arn)


@contextmanager
def benchmark(name: str) -> Iterator[Benchmark]:
    """Open a benchmark whose resources are gone afterwards, whatever happens."""
    opened = Benchmark(name)
    try:
        yield opened
    finally:
        opened.remove()
