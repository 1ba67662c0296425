"""The work that the load of benchmarks/crash.py orders: a job of every kind, and updates of what exists.

A job is asked for under a name of its own, and writes to a place of its own. An update carries a number that only
grows: what is found afterwards is the number that was acknowledged last, or that of the update that the kill cut off.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from benchmarks.crash_client import ROLE, Facts, new_name
from benchmarks.crash_stage import OUTPUT, Stage

JOBS_PER_DRAIN = 14  # so that a slow machine gets through them
CALLS: Mapping[str, tuple[str, str]] = {
    "import": ("CreateDatasetImportJob", "datasetImportJobArn"),
    "export": ("CreateDatasetExportJob", "datasetExportJobArn"),
    "deletion": ("CreateDataDeletionJob", "dataDeletionJobArn"),
    "training": ("CreateSolutionVersion", "solutionVersionArn"),
    "batch inference": ("CreateBatchInferenceJob", "batchInferenceJobArn"),
    "batch segment": ("CreateBatchSegmentJob", "batchSegmentJobArn"),
    "recommender": ("CreateRecommender", "recommenderArn"),
    "campaign": ("CreateCampaign", "campaignArn"),
}
Call = Callable[[str, Mapping[str, Any]], Any]


@dataclass
class Orders:
    """What was ordered. `acknowledged` holds the number of the last acknowledged update of each resource."""

    left: int = JOBS_PER_DRAIN
    acknowledged: dict[str, int] = field(default_factory=dict)
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(2))
    lock: threading.Lock = field(default_factory=threading.Lock)
    updating: threading.Lock = field(default_factory=threading.Lock)  # one update at a time, so that numbers grow


class Customer:
    """Orders work with the calls of one client."""

    def __init__(self, call: Call, stage: Stage, facts: Facts, orders: Orders, chance: Random) -> None:
        self._call = call
        self._stage = stage
        self._facts = facts
        self._orders = orders
        self._random = chance

    def order_job(self) -> None:
        """Ask for a job of any kind, unless there are enough until all must be done."""
        with self._orders.lock:
            if self._orders.left == 0:
                return
            self._orders.left -= 1
        kind = self._random.choice(list(CALLS))
        operation, member = CALLS[kind]
        answer = self._call(operation, self._request(kind, new_name()))
        if answer is not None:
            self._facts.keep(answer[member])

    def update(self) -> None:
        """Change the campaign, the recommender or the metric attribution."""
        arn, operation, request = self._random.choice([self._campaign, self._recommender, self._attribution])
        with self._orders.updating:
            number = next(self._orders.numbers)
            if self._call(operation, request(number)) is not None:
                self._orders.acknowledged[arn] = number

    def _request(self, kind: str, name: str) -> dict[str, Any]:
        stage = self._stage
        job = {"jobName": name, "roleArn": ROLE}
        output = {"s3DataDestination": {"path": f"{OUTPUT}{name}/"}}
        return {
            "import": job
            | {"datasetArn": stage.interactions_arn, "dataSource": {"dataLocation": "s3://data/interactions.csv"}},
            "export": job | {"datasetArn": stage.interactions_arn, "ingestionMode": "ALL", "jobOutput": output},
            "deletion": job
            | {"datasetGroupArn": stage.group_arn, "dataSource": {"dataLocation": "s3://data/leavers.csv"}},
            "training": {"solutionArn": self._random.choice(stage.solution_arns)},
            "batch inference": job
            | {"solutionVersionArn": stage.version_arn, "jobInput": _input("users.json"), "jobOutput": output},
            "batch segment": job
            | {"solutionVersionArn": stage.segment_version_arn, "jobInput": _input("items.json"), "jobOutput": output},
            "recommender": {
                "name": name,
                "datasetGroupArn": stage.shop_arn,
                "recipeArn": "arn:aws:personalize:::recipe/aws-ecomm-popular-items-by-views",
            },
            "campaign": {"name": name, "solutionVersionArn": stage.version_arn},
        }[kind]

    @property
    def _campaign(self) -> tuple[str, str, Callable[[int], dict[str, Any]]]:
        arn = self._stage.campaign_arn
        return arn, "UpdateCampaign", lambda number: {"campaignArn": arn, "minProvisionedTPS": number}

    @property
    def _recommender(self) -> tuple[str, str, Callable[[int], dict[str, Any]]]:
        """An update that trains again: with every number, other columns."""
        arn = self._stage.recommender_arn

        def request(number: int) -> dict[str, Any]:
            columns = {"excludedDatasetColumns": {"Items": ["CATEGORY_L2"] if number % 2 else ["PRICE"]}}
            config = {"minRecommendationRequestsPerSecond": number, "trainingDataConfig": columns}
            return {"recommenderArn": arn, "recommenderConfig": config}

        return arn, "UpdateRecommender", request

    @property
    def _attribution(self) -> tuple[str, str, Callable[[int], dict[str, Any]]]:
        arn = self._stage.attribution_arn

        def request(number: int) -> dict[str, Any]:
            output = {"roleArn": ROLE, "s3DataDestination": {"path": f"s3://data/{number}/"}}
            return {"metricAttributionArn": arn, "metricsOutputConfig": output}

        return arn, "UpdateMetricAttribution", request


def number_of(description: Mapping[str, Any]) -> int:
    """Give the number of the update that a resource shows."""
    if "minProvisionedTPS" in description:
        return int(description["minProvisionedTPS"])
    if "recommenderConfig" in description:
        return int(description["recommenderConfig"]["minRecommendationRequestsPerSecond"])
    return int(description["metricsOutputConfig"]["s3DataDestination"]["path"].split("/")[-2])


def update_status(description: Mapping[str, Any]) -> str:
    """Give how the last update of a resource stands; ACTIVE when there was none, or it is done at once."""
    summary = description.get("latestCampaignUpdate") or description.get("latestRecommenderUpdate") or {}
    return str(summary.get("status", "ACTIVE"))


def _input(file: str) -> dict[str, Any]:
    return {"s3DataSource": {"path": f"s3://data/{file}"}}
