"""The happy path of the three APIs (contract §9.1) with boto3, step by step, as scripts walk it: create, poll, use."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from tests.clients.servers import ACCOUNT_ID, Server, poll
from tests.clients.worlds import BUCKET, SCHEMAS

ROLE = f"arn:aws:iam::{ACCOUNT_ID}:role/personalize"
RECIPE = "arn:aws:personalize:::recipe/aws-user-personalization"
TRAINING_S = 180.0


class Journey:
    """A dataset group called `name`, with what is made in it, on a server."""

    def __init__(self, server: Server, name: str, dataset_types: Sequence[str] = ("Interactions", "Items")) -> None:
        self.name = name
        self._dataset_types = dataset_types
        self.personalize = server.client("personalize")
        self.runtime = server.client("personalize-runtime")
        self.events = server.client("personalize-events")
        self.group_arn = self.solution_arn = self.campaign_arn = ""
        self.dataset_arns: dict[str, str] = {}

    def deploy(self) -> None:
        """Walk from nothing to a campaign."""
        self.create_datasets()
        self.import_data()
        self.create_campaign(self.train())

    def create_datasets(self) -> None:
        self.group_arn = self.personalize.create_dataset_group(name=self.name)["datasetGroupArn"]
        self.wait(lambda: self.personalize.describe_dataset_group(datasetGroupArn=self.group_arn)["datasetGroup"])
        for kind in self._dataset_types:
            name = f"{self.name}-{kind.lower()}"
            schema_arn = self.personalize.create_schema(name=name, schema=SCHEMAS[kind])["schemaArn"]
            self.dataset_arns[kind] = self.personalize.create_dataset(
                name=name, schemaArn=schema_arn, datasetGroupArn=self.group_arn, datasetType=kind
            )["datasetArn"]
            self._wait_for_dataset(self.dataset_arns[kind])

    def _wait_for_dataset(self, arn: str) -> None:
        self.wait(lambda: self.personalize.describe_dataset(datasetArn=arn)["dataset"])

    def import_data(self) -> None:
        for kind, dataset_arn in self.dataset_arns.items():
            self.import_file(f"{self.name}-{kind.lower()}", dataset_arn, f"{kind.lower()}.csv")

    def import_file(self, job_name: str, dataset_arn: str, key: str) -> None:
        job_arn = self.personalize.create_dataset_import_job(
            jobName=job_name,
            datasetArn=dataset_arn,
            dataSource={"dataLocation": f"s3://{BUCKET}/{key}"},
            roleArn=ROLE,
        )["datasetImportJobArn"]
        self.wait(lambda: self.personalize.describe_dataset_import_job(datasetImportJobArn=job_arn)["datasetImportJob"])

    def train(self) -> str:
        """Train a version of the one solution; return its ARN."""
        if not self.solution_arn:
            self.solution_arn = self.personalize.create_solution(
                name=self.name, datasetGroupArn=self.group_arn, recipeArn=RECIPE, performAutoTraining=False
            )["solutionArn"]
        arn = self.personalize.create_solution_version(solutionArn=self.solution_arn)["solutionVersionArn"]
        self.wait(lambda: self.personalize.describe_solution_version(solutionVersionArn=arn)["solutionVersion"])
        return arn

    def create_campaign(self, version_arn: str) -> None:
        self.campaign_arn = self.personalize.create_campaign(name=self.name, solutionVersionArn=version_arn)[
            "campaignArn"
        ]
        self.wait(lambda: self.personalize.describe_campaign(campaignArn=self.campaign_arn)["campaign"])

    def update_campaign(self, version_arn: str) -> None:
        self.personalize.update_campaign(campaignArn=self.campaign_arn, solutionVersionArn=version_arn)
        self.wait(
            lambda: self.personalize.describe_campaign(campaignArn=self.campaign_arn)["campaign"][
                "latestCampaignUpdate"
            ]
        )

    def create_tracker(self) -> str:
        """Create the group's event tracker; return its tracking id."""
        created = self.personalize.create_event_tracker(name=self.name, datasetGroupArn=self.group_arn)
        arn = created["eventTrackerArn"]
        self.wait(lambda: self.personalize.describe_event_tracker(eventTrackerArn=arn)["eventTracker"])
        return created["trackingId"]

    def create_filter(self, name: str, expression: str) -> str:
        arn = self.personalize.create_filter(
            name=f"{self.name}-{name}", datasetGroupArn=self.group_arn, filterExpression=expression
        )["filterArn"]
        self.wait(lambda: self.personalize.describe_filter(filterArn=arn)["filter"])
        return arn

    def put_event(self, tracking_id: str, user_id: str, item_id: str, event_type: str = "click") -> None:
        event = {"eventType": event_type, "itemId": item_id, "sentAt": int(time.time())}
        self.events.put_events(trackingId=tracking_id, userId=user_id, sessionId=f"of-{user_id}", eventList=[event])

    def recommend(self, user_id: str, campaign_arn: str = "", **more: Any) -> dict[str, Any]:
        return self.runtime.get_recommendations(campaignArn=campaign_arn or self.campaign_arn, userId=user_id, **more)

    def wait(self, describe: Callable[[], dict[str, Any]]) -> None:
        """Poll until the resource is ACTIVE."""

        def is_done() -> bool:
            resource = describe()
            assert "FAILED" not in resource["status"], resource
            return resource["status"] == "ACTIVE"

        poll(is_done, within_s=TRAINING_S)
